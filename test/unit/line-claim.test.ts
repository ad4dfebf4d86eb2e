// Goal: a claim is asked until its answer can help no more (laws 1 and 12), and what is against a
// parcel counts whichever answer is heard first. Method: one parcel whose claim is answered late,
// never, twice or otherwise, on a belt that is reported four times a second.
import { describe, expect, it } from "vitest";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { commitMm, createLineBench, recordOf, waybillNo, type Bench } from "../kit/line-bench.ts";
import { startRide, type Ride, type RideOptions } from "../kit/line-ride.ts";

const open = (options: RideOptions = {}): { bench: Bench; ride: Ride } => {
  const bench = createLineBench();
  bench.start(recordOf(waybillNo(1)), recordOf(waybillNo(2)));
  return { bench, ride: startRide(bench, { front: 1_000, without: ["claim"], ...options }) };
};

/** So far, with the belt's reports on the way. */
const ticksTo = (ride: Ride, bench: Bench, mm: number): void => {
  for (let at = bench.count() - 1_000 + 250; at < mm; at += 250) {
    ride.to(at);
    bench.belt(true);
  }
  ride.to(mm);
};

const answerOf = (ride: Ride, why: ClaimAnswer["why"]): ClaimAnswer => ({
  kind: "claimAnswer",
  lineId: "L1",
  passId: ride.passId(),
  waybill: waybillNo(1),
  granted: why === null,
  why,
});

const answer = (bench: Bench, ride: Ride, why: ClaimAnswer["why"]): void =>
  void bench.tell({ kind: "claimAnswer", answer: answerOf(ride, why) });

const asks = (bench: Bench) => bench.commands.filter(({ kind }) => kind === "claim");
const diverts = (bench: Bench): string[] => bench.diverts().map(({ exit }) => exit);

describe("a claim that is not answered", () => {
  it("is asked again after a second, then each two seconds, one question at a time", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 1_700);
    expect(asks(bench)).toHaveLength(1);
    ticksTo(ride, bench, 2_600);
    expect(asks(bench)).toHaveLength(1);
    ticksTo(ride, bench, 3_500);
    expect(asks(bench)).toHaveLength(2);
    ticksTo(ride, bench, 4_700);
    expect(asks(bench)).toHaveLength(2);
    ticksTo(ride, bench, 5_750);
    expect(asks(bench)).toHaveLength(3);
    const [first] = asks(bench);
    for (const again of asks(bench)) expect(again).toEqual(first);
  });

  it("is asked until the last commit point for green, and no longer", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, commitMm.green);
    const total = asks(bench).length;
    // From the read at 1,700 mm: one second, then two each.
    expect(total).toBeGreaterThanOrEqual(12);
    expect(total).toBeLessThanOrEqual(16);
    ticksTo(ride, bench, 33_500);
    expect(asks(bench)).toHaveLength(total);
    expect(diverts(bench)).toEqual([]);
  });

  it("is not asked while the belt stands, and at once when it runs again", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 10_000);
    const total = asks(bench).length;
    bench.stand(3_600_000);
    expect(asks(bench)).toHaveLength(total);
    bench.belt(true);
    expect(asks(bench)).toHaveLength(total + 1);
  });

  it("leads to green when the answer comes at last", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, commitMm.green - 300);
    answer(bench, ride, null);
    const total = asks(bench).length;
    ticksTo(ride, bench, commitMm.green);
    expect(diverts(bench)).toEqual(["green"]);
    expect(asks(bench)).toHaveLength(total);
  });
});

describe("a waybill that the centre does not know", () => {
  it("is asked for again, since nobody else tells that its papers have come", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 1_800);
    answer(bench, ride, "unknownWaybill");
    expect(bench.pass(ride.passId()).claim).toBe("unknown");
    ticksTo(ride, bench, 4_000);
    expect(asks(bench)).toHaveLength(2);
    answer(bench, ride, "unknownWaybill");
    expect(bench.factsOf("claimAnswered")).toHaveLength(1);
    answer(bench, ride, null);
    ticksTo(ride, bench, commitMm.green);
    expect(diverts(bench)).toEqual(["green"]);
  });
});

describe("answers that contradict each other", () => {
  const final = ["claimedElsewhere", "alreadyReleased", "outcomeUnknown"] as const;

  it.each(final)("%s beats a grant, whichever is heard first", (why) => {
    for (const order of [
      [null, why],
      [why, null],
    ]) {
      const { bench, ride } = open();
      ticksTo(ride, bench, 1_800);
      for (const each of order) answer(bench, ride, each);
      expect(bench.pass(ride.passId()).claim).toBe(why);
      ticksTo(ride, bench, commitMm.green);
      expect(diverts(bench)).toEqual([]);
      expect(asks(bench)).toHaveLength(1);
    }
  });

  it.each([...final, "unknownWaybill"] as const)("%s takes back a green command", (why) => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 1_800);
    answer(bench, ride, null);
    ticksTo(ride, bench, commitMm.green);
    expect(diverts(bench)).toEqual(["green"]);
    answer(bench, ride, why);
    expect(bench.commands.at(-1)).toMatchObject({ kind: "abort" });
    expect(bench.factsOf("decided").at(-1)).toMatchObject({ exit: "inspection" });
  });

  it("a grant said twice is one", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 1_800);
    answer(bench, ride, null);
    answer(bench, ride, null);
    expect(bench.factsOf("claimAnswered")).toHaveLength(1);
  });
});

describe("an answer in the stream", () => {
  /** Told to the line itself, at this place of the bench's stream, behind its snapshot at 2. */
  const told = (bench: Bench, ride: Ride, seq: number): void =>
    void bench.tell({
      kind: "answerTold",
      message: {
        kind: "claimAnswer",
        stream: "c-1",
        seq,
        answer: answerOf(ride, null),
        isHeld: true,
        record: recordOf(waybillNo(1)),
      },
    });

  it("brings its record and its claim to the line at once", () => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 1_800);
    told(bench, ride, 3);
    expect(bench.state.mirror.seq).toBe(3);
    expect(bench.pass(ride.passId()).claim).toBe("granted");
    ticksTo(ride, bench, commitMm.green);
    expect(diverts(bench)).toEqual(["green"]);
  });

  it.each([2, 4])("is nothing to the line out of its place: number %i instead of 3", (seq) => {
    const { bench, ride } = open();
    ticksTo(ride, bench, 1_800);
    told(bench, ride, seq);
    expect(bench.state.mirror.seq).toBe(2);
    expect(bench.pass(ride.passId()).claim).toBe("asked");
    ticksTo(ride, bench, commitMm.green);
    expect(diverts(bench)).toEqual([]);
  });
});
