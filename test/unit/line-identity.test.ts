import { describe, expect, it } from "vitest";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  alarmsOf,
  benchConfig,
  createLineBench,
  induct,
  reasonsOf,
  startedBench,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { configWith } from "../kit/line-reader.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: a parcel bears its own waybill or none, and its claim is its own. Method: reads, claim
 * answers and weights at the first and last count at which they can be this parcel's, and in the
 * wrong number.
 */
const waybillOf = (bench: Bench, passId: string): string | null => {
  const { identity } = bench.pass(passId);
  return identity.kind === "one" ? identity.waybill : null;
};

describe("the read window", () => {
  it.each([
    [1_439, false],
    [1_440, true],
    // Its rear 150 mm behind the plane.
    [1_500 + 400 + 150, true],
    [1_500 + 400 + 151, false],
  ] as const)("a read when the front is at %i mm is this parcel's: %s", (mm, isOurs) => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(1_000 + mm);
    bench.read(waybillNo(1));
    expect(waybillOf(bench, passId)).toBe(isOurs ? waybillNo(1) : null);
  });

  it("a read is given up only when it could not come any more", () => {
    const overdue = (count: number): boolean => {
      const bench = startedBench();
      const passId = induct(bench, 1_000);
      bench.runTo(count);
      return bench.pass(passId).read.isAnswered;
    };
    // Plane 1,500, length 400, late 150 mm, word late 150 ms.
    expect(overdue(1_000 + 1_500 + 400 + 150 + 150)).toBe(false);
    expect(overdue(1_000 + 1_500 + 400 + 150 + 150 + 1)).toBe(true);
  });

  it("DEV1-1: a read before the sorter's session is no parcel's, and none of those that come", () => {
    const bench = createLineBench();
    const opened = { epoch: "e1", configHash: "0".repeat(64), logicVersion: "bench" } as const;
    bench.tell({ kind: "opened", ...opened, firstToken: 4_711 });
    bench.read(waybillNo(1));
    bench.sorter({ kind: "session", count: beltCount(0) });
    const passId = induct(bench, 1_000);
    expect(waybillOf(bench, passId)).toBeNull();
    expect(bench.factsOf("identified")).toEqual([]);
    expect(bench.commands.filter(({ kind }) => kind === "claim")).toEqual([]);
  });

  it("PR8.2-8: a no-read answers for its parcel and keeps the step", () => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    bench.read();
    expect(bench.pass(passId).identity).toEqual({ kind: "none" });
    expect(bench.state.reader.isInStep).toBe(true);
    expect(bench.commands.filter(({ kind }) => kind === "claim")).toEqual([]);
  });

  it("PR1.3-12: two numbers on one parcel are nobody's", () => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    bench.read(waybillNo(1), waybillNo(2));
    expect(bench.pass(passId).identity.kind).toBe("several");
    expect(bench.commands.filter(({ kind }) => kind === "claim")).toEqual([]);
  });

  it("PR8.1-3: two parcels the minimum gap apart are never both in the scanner's view", () => {
    const { earlyMm, readLateMm, gapMmMin } = benchConfig.tracking;
    expect(earlyMm + readLateMm).toBeLessThan(gapMmMin);
  });
});

describe("a reader that nothing binds", () => {
  const unboundBench = (): Bench => {
    const bench = createLineBench({ config: configWith({ kind: "none" }) });
    bench.start();
    return bench;
  };

  it.each([
    ["a read with no parcel in view", 1_200],
    ["a read far too late", 3_300],
  ] as const)("%s is a debt and withdraws the permission to induct", (_what, mm) => {
    const bench = unboundBench();
    induct(bench, 1_000);
    bench.runTo(1_000 + mm);
    bench.read(waybillNo(9));
    expect(bench.state.reader.isInStep).toBe(false);
    expect(alarmsOf(bench)).toContain("readerOutOfStep");
    expect(bench.state.machine.conditions).toContain("readerOutOfStep");
    expect(bench.state.machine.isInductionPermitted).toBe(false);
  });

  it("a read that comes when two parcels wait for one makes sure of neither", () => {
    const bench = unboundBench();
    const first = induct(bench, 1_000, 200);
    const second = induct(bench, 1_500, 200);
    bench.runTo(1_500 + 1_450);
    bench.read(waybillNo(1));
    bench.runTo(1_500 + 1_600);
    bench.read(waybillNo(2));
    expect(reasonsOf(bench, first)).toEqual(["readUnbound"]);
    expect(reasonsOf(bench, second)).toEqual(["readUnbound"]);
  });

  it("PF-15, PR8.2-8: a missing read makes doubtful whoever has been read since, and who comes next", () => {
    const bench = unboundBench();
    const rides = [1_000, 2_000, 3_000].map((front, index) =>
      startRide(bench, { number: index + 1, front, without: index === 0 ? ["read"] : [] }),
    );
    runRides(bench, rides, 6_000);
    for (const ride of rides) expect(reasonsOf(bench, ride.passId())).toContain("readUnbound");
  });
});

describe("PF-19: one label on two parcels", () => {
  it("both are doubtful, and no second claim is asked", () => {
    const bench = startedBench();
    const rides = [1_000, 3_000].map((front) => startRide(bench, { number: 1, front }));
    runRides(bench, rides, 9_000);
    for (const ride of rides) expect(reasonsOf(bench, ride.passId())).toEqual(["claimedElsewhere"]);
    expect(bench.commands.filter(({ kind }) => kind === "claim")).toHaveLength(1);
  });

  it.each([
    ["behind it", 1_000, 3_000],
    ["before it", 3_000, 1_000],
  ] as const)("also where it lies beside another label, on a parcel %s", (_, front, other) => {
    const bench = startedBench();
    const alone = { number: 1, front };
    const beside = { number: 2, front: other, labels: [waybillNo(1), waybillNo(2)] };
    const first = startRide(bench, front < other ? alone : beside);
    const second = startRide(bench, front < other ? beside : alone);
    runRides(bench, [first, second], 9_000);
    const [one, two] = front < other ? [first, second] : [second, first];
    expect(reasonsOf(bench, one.passId())).toEqual(["claimedElsewhere"]);
    expect(bench.pass(two.passId()).identity.kind).toBe("several");
  });

  it("takes back a command for the first", () => {
    const bench = startedBench();
    const first = startRide(bench, { number: 1, front: 1_000 });
    const second = startRide(bench, { number: 1, front: 29_900 });
    runRides(bench, [first, second], 31_550);
    expect(bench.diverts()).toHaveLength(1);
    runRides(bench, [first, second], 31_610);
    expect(bench.commands).toContainEqual({
      kind: "abort",
      commandId: bench.diverts()[0]!.commandId,
    });
    runRides(bench, [first, second], 67_000);
    expect(bench.factsOf("left").map(({ exit }) => exit)).toEqual(["inspection", "inspection"]);
  });
});

describe("PF-19: a label that is read on a parcel nobody has seen come", () => {
  it("makes the pass that bears it doubtful, wherever that is, and no other", () => {
    const bench = startedBench();
    const first = startRide(bench, { number: 1, front: 1_000 });
    const second = startRide(bench, { number: 2, front: 5_000 });
    runRides(bench, [first, second], 20_000);
    bench.read(waybillNo(1));
    runRides(bench, [first, second], 26_000);
    expect(reasonsOf(bench, first.passId())).toEqual(["claimedElsewhere"]);
    // Its token came with a read that was not its own.
    expect(reasonsOf(bench, second.passId())).toEqual(["readUnbound"]);
  });

  const strayAt = 2_000;
  /** Whoever bears it has left by then, wherever behind the induction it was read. */
  const { layout, tracking } = benchConfig;
  const goneAt = strayAt + layout.end.atMm + tracking.lengthMmMax;
  const readAfterMm = 2_500;

  it.each([
    ["soon after it", 4_000, ["claimedElsewhere"]],
    ["while whoever bears it may still be on the belt", goneAt - readAfterMm, ["claimedElsewhere"]],
    ["when whoever bears it has left", goneAt, []],
  ] as const)("makes doubtful who is read with it %s", (_, front, reasons) => {
    const bench = startedBench();
    bench.runTo(strayAt);
    bench.read(waybillNo(1));
    const ride = startRide(bench, { number: 1, front });
    runRides(bench, [ride], front + readAfterMm);
    expect(reasonsOf(bench, ride.passId())).toEqual(reasons);
    const claims = bench.commands.filter(({ kind }) => kind === "claim");
    expect(claims).toHaveLength(reasons.length === 0 ? 1 : 0);
  });

  it("is not forgotten when the sorter counts anew", () => {
    const bench = startedBench();
    bench.runTo(strayAt);
    bench.read(waybillNo(1));
    bench.runTo(goneAt - 10);
    bench.newSession();
    const ride = startRide(bench, { number: 1, front: goneAt });
    runRides(bench, [ride], goneAt + readAfterMm);
    expect(reasonsOf(bench, ride.passId())).toContain("claimedElsewhere");
  });
});

describe("PF-19: a label on a parcel that is tracked no more", () => {
  const identified = (): Bench => {
    const bench = startedBench();
    induct(bench, 1_000);
    bench.runTo(2_700);
    bench.read(waybillNo(1));
    return bench;
  };
  const twinOf = (bench: Bench, front: number): string[] => {
    const ride = startRide(bench, { number: 1, front });
    runRides(bench, [ride], front + 2_500);
    return reasonsOf(bench, ride.passId());
  };

  it("makes doubtful who is read with it when the sorter has begun anew", () => {
    const bench = identified();
    bench.newSession();
    expect(twinOf(bench, 4_000)).toContain("claimedElsewhere");
  });

  it("makes doubtful who is read with it when it has not come to the next eye", () => {
    const bench = identified();
    bench.runTo(12_000);
    expect(bench.factsOf("lost")).toHaveLength(1);
    expect(twinOf(bench, 13_000)).toContain("claimedElsewhere");
  });
});

describe("law 1: the claim", () => {
  const ask = (): { bench: Bench; passId: string } => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    bench.read(waybillNo(1));
    expect(bench.commands.at(-1)).toEqual({ kind: "claim", passId, waybill: waybillNo(1) });
    return { bench, passId };
  };
  const answer = (overrides: Partial<ClaimAnswer>): string => {
    const { bench, passId } = ask();
    bench.tell({
      kind: "claimAnswer",
      answer: {
        kind: "claimAnswer",
        lineId: "L1",
        passId,
        waybill: waybillNo(1),
        granted: true,
        why: null,
        ...overrides,
      },
    });
    return bench.pass(passId).claim;
  };

  it.each([
    ["granted", {}, "granted"],
    ["of another pass", { passId: "L1-e0-1" }, "asked"],
    ["of another waybill", { waybill: waybillNo(2) }, "asked"],
    ["refused", { granted: false, why: "claimedElsewhere" }, "claimedElsewhere"],
    ["refused without a word", { granted: false }, "claimedElsewhere"],
    ["refused, released before", { granted: false, why: "alreadyReleased" }, "alreadyReleased"],
    ["refused, unknown", { granted: false, why: "unknownWaybill" }, "unknown"],
    ["granted and refused at once", { why: "alreadyReleased" }, "alreadyReleased"],
  ] satisfies [string, Partial<ClaimAnswer>, string][])(
    "an answer %s",
    (_what, overrides, claim) => {
      expect(answer(overrides)).toBe(claim);
    },
  );

  it("a grant after a refusal changes nothing", () => {
    const { bench, passId } = ask();
    for (const granted of [false, true]) {
      bench.tell({
        kind: "claimAnswer",
        answer: {
          kind: "claimAnswer",
          lineId: "L1",
          passId,
          waybill: waybillNo(1),
          granted,
          why: granted ? null : "claimedElsewhere",
        },
      });
    }
    expect(bench.pass(passId).claim).toBe("claimedElsewhere");
  });

  it("an answer that nobody asked for grants nothing", () => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.tell({
      kind: "claimAnswer",
      answer: {
        kind: "claimAnswer",
        lineId: "L1",
        passId,
        waybill: waybillNo(1),
        granted: true,
        why: null,
      },
    });
    expect(bench.pass(passId).claim).toBe("notAsked");
  });
});
