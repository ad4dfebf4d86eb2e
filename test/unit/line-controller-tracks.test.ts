import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reasonsOf, replay, startedBench, type Bench } from "../kit/line-bench.ts";
import { runRides, startRide, type Milestone, type RideOptions } from "../kit/line-ride.ts";

/**
 * Goal: a controller's own number of a parcel can only speak against it (law 6). Method: whole rides
 * on the bench, with numbers that agree and such that do not, at each eye.
 */
function ride(options: RideOptions): { bench: Bench; passId: string; exit: string | undefined } {
  const bench = startedBench(6);
  const parcel = startRide(bench, { front: 1_000, ...options });
  parcel.to(36_000);
  const [left] = bench.factsOf("left");
  return { bench, passId: parcel.passId(), exit: left?.exit };
}
const mismatch = (bench: Bench, passId: string) =>
  bench
    .factsOf("reasonRaised")
    .filter((fact) => fact.passId === passId && fact.reason.code === "trackMismatch")
    .map(({ reason }) => reason.params);

/** Each eye on the way, and its name. */
const eyes = [
  ["xray-entry", "xray-entry"],
  ["pre-red", "pre-red"],
  ["pre-green", "pre-green"],
] as const;

describe("law 6: a controller that follows parcels by itself", () => {
  it("has no say where it tells no numbers", () => {
    const { bench, passId, exit } = ride({});
    expect(exit).toBe("green");
    expect(mismatch(bench, passId)).toEqual([]);
  });

  it("lets a parcel go whose number is the same at each eye", () => {
    const { bench, passId, exit } = ride({ track: 7 });
    expect(exit).toBe("green");
    expect(mismatch(bench, passId)).toEqual([]);
    expect(replay(bench.told, bench.config)).toEqual([]);
  });

  it("releases nothing by agreeing: what is missing is missing", () => {
    expect(ride({ track: 7, without: ["officer"] }).exit).toBe("inspection");
    expect(ride({ track: 7, labels: [] }).exit).toBe("inspection");
  });

  it.each(eyes)("at %s: another number makes the parcel unknown", (milestone, eyeId) => {
    const { bench, passId, exit } = ride({ track: 7, tracks: { [milestone]: 8 } });
    expect(exit).toBe("inspection");
    expect(mismatch(bench, passId)).toEqual([{ eyeId, why: "trackOther" }]);
    expect(replay(bench.told, bench.config)).toEqual([]);
  });

  it.each(eyes)("at %s: 0, or none, where it has a number is no agreement", (milestone, eyeId) => {
    for (const none of [0, null]) {
      const { bench, passId, exit } = ride({ track: 7, tracks: { [milestone]: none } });
      expect(exit).toBe("inspection");
      expect(mismatch(bench, passId)).toEqual([{ eyeId, why: "trackMissing" }]);
    }
  });

  it("an agreement after that takes nothing away", () => {
    const { bench, passId, exit } = ride({ track: 7, tracks: { "xray-entry": 8 } });
    expect(exit).toBe("inspection");
    expect(mismatch(bench, passId)).toHaveLength(1);
  });

  it("a number of 0 at induction is none, and what comes later ties none to it", () => {
    const { bench, passId, exit } = ride({ track: 7, tracks: { induct: 0 } });
    expect(exit).toBe("inspection");
    expect(mismatch(bench, passId)).toEqual([{ eyeId: "induction", why: "trackMissing" }]);
  });

  it("a first number behind the induction is of a parcel that has none", () => {
    const { bench, passId, exit } = ride({ track: 7, tracks: { induct: null } });
    expect(exit).toBe("inspection");
    expect(mismatch(bench, passId)).toEqual([{ eyeId: "xray-entry", why: "trackOther" }]);
  });
});

describe("law 6: two parcels and one number", () => {
  const both = (first: RideOptions, second: RideOptions) => {
    const bench = startedBench(6);
    const rides = [
      startRide(bench, { number: 1, front: 1_000, ...first }),
      startRide(bench, { number: 2, front: 4_000, ...second }),
    ] as const;
    runRides(bench, rides, 40_000);
    const exitOf = (passId: string) =>
      bench.factsOf("left").find((fact) => fact.passId === passId)?.exit;
    return {
      bench,
      exits: rides.map((each) => exitOf(each.passId())),
      whys: rides.map((each) => mismatch(bench, each.passId()).map((params) => params?.["why"])),
    };
  };

  it("with one each, both go their way", () => {
    expect(both({ track: 7 }, { track: 8 }).exits).toEqual(["green", "green"]);
  });

  it("one that is on the belt already makes both unknown", () => {
    const { exits, whys } = both({ track: 7 }, { track: 7 });
    expect(exits).toEqual(["inspection", "inspection"]);
    expect(whys).toEqual([["trackTwice"], ["trackTwice"]]);
  });

  it("one whose bearer has left may come again", () => {
    const bench = startedBench(6);
    const first = startRide(bench, { number: 1, front: 1_000, track: 7 });
    first.to(36_000);
    const second = startRide(bench, { number: 2, front: 40_000, track: 7 });
    second.to(36_000);
    expect(bench.factsOf("left").map(({ exit }) => exit)).toEqual(["green", "green"]);
  });

  it.each(["xray-entry", "pre-red"] as const)(
    "at %s: one that comes with the other's front makes both unknown",
    (milestone) => {
      const { exits, whys } = both({ track: 7, tracks: { [milestone]: 8 } }, { track: 8 });
      expect(exits).toEqual(["inspection", "inspection"]);
      expect(whys).toEqual([["trackOther"], ["trackElsewhere"]]);
    },
  );

  it("one that comes where our counts find nobody makes its bearer unknown", () => {
    const bench = startedBench(6);
    const parcel = startRide(bench, { front: 1_000, track: 7 });
    parcel.to(12_000);
    bench.eye("xray-entry", true, bench.count(), 7);
    bench.eye("xray-entry", false, bench.count() + 300);
    parcel.to(36_000);
    expect(mismatch(bench, parcel.passId())).toEqual([{ eyeId: "xray-entry", why: "trackTwice" }]);
    expect(bench.factsOf("left").find(({ passId }) => passId === parcel.passId())?.exit).toBe(
      "inspection",
    );
  });

  it("a rear with another number speaks against its front", () => {
    const bench = startedBench(6);
    const parcel = startRide(bench, { front: 1_000, track: 7, without: ["measure"] });
    parcel.to(399);
    bench.runTo(1_400);
    bench.eye("induction", false, 1_400, 9);
    expect(reasonsOf(bench, parcel.passId())).toContain("trackMismatch");
  });

  it("a rear without one, or with its own, says nothing", () => {
    for (const track of [0, 7]) {
      const bench = startedBench(6);
      const parcel = startRide(bench, { front: 1_000, track: 7, without: ["measure"] });
      parcel.to(399);
      bench.runTo(1_400);
      bench.eye("induction", false, 1_400, track);
      expect(reasonsOf(bench, parcel.passId())).not.toContain("trackMismatch");
    }
  });
});

describe("law 6: in a chute", () => {
  it("another number in green stops the belt until a person has looked", () => {
    const { bench, passId } = ride({ track: 7, tracks: { chute: 8 } });
    expect(bench.commands).toContainEqual({ kind: "belt", run: false });
    expect(bench.state.machine.uninvited).toEqual([{ key: passId, passId }]);
    expect(mismatch(bench, passId)).toEqual([{ eyeId: "green-chute", why: "trackOther" }]);
  });

  it("a number there whose bearer is elsewhere makes it unknown", () => {
    const bench = startedBench(6);
    const parcel = startRide(bench, { front: 1_000, track: 7 });
    parcel.to(12_000);
    bench.eye("green-chute", true, bench.count(), 7);
    expect(mismatch(bench, parcel.passId())).toEqual([
      { eyeId: "green-chute", why: "trackElsewhere" },
    ]);
    expect(bench.pass(parcel.passId()).tracking).toBe("unknown");
  });

  it("its own number there is nothing to stop for", () => {
    const { bench } = ride({ track: 7 });
    expect(bench.commands).not.toContainEqual({ kind: "belt", run: false });
    expect(bench.state.machine.uninvited).toEqual([]);
  });
});

it("law 6: another session of the sorter begins with numbers of its own, or with none", () => {
  const bench = startedBench(6);
  startRide(bench, { front: 1_000, track: 7 }).to(2_000);
  bench.newSession();
  const after = startRide(bench, { number: 2, front: bench.count() + 40_000 });
  after.to(6_000);
  expect(reasonsOf(bench, after.passId())).not.toContain("trackMismatch");
});

it("law 6: whatever the numbers, none goes to green that had two", () => {
  const milestones: readonly Milestone[] = ["induct", "xray-entry", "pre-red", "pre-green"];
  const numbers = fc.record({
    induct: fc.integer({ min: 0, max: 3 }),
    "xray-entry": fc.integer({ min: 0, max: 3 }),
    "pre-red": fc.integer({ min: 0, max: 3 }),
    "pre-green": fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 3 }), (all) => {
      const bench = startedBench(6);
      const rides = all.map((tracks, index) =>
        startRide(bench, { number: index + 1, front: 1_000 + 3_000 * index, tracks }),
      );
      runRides(bench, rides, 46_000);
      const green = bench.factsOf("left").filter(({ exit }) => exit === "green");
      for (const { passId } of green) {
        const index = rides.findIndex((each) => each.passId() === passId);
        const own = milestones.map((milestone) => all[index]?.[milestone as keyof (typeof all)[0]]);
        expect(new Set(own).size).toBe(1);
        expect(own[0]).not.toBe(0);
      }
      expect(replay(bench.told, bench.config)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
