import { describe, expect, it } from "vitest";
import { beltCount } from "../../protocols/units.ts";
import {
  alarmsOf,
  benchConfig,
  createLineBench,
  induct,
  reasonsOf,
  startedBench,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type RideOptions } from "../kit/line-ride.ts";

/**
 * Goal: which parcel is where, by counts alone (laws 7 and 8). Method: eyes are told at the
 * last count that fits a window and at the first that does not; no time passes unless said.
 */
const exitsOf = (bench: Bench): string[] =>
  bench.factsOf("left").map(({ exit, expected }) => (exit === expected ? exit : `${exit}!`));

describe("law 8: tracking windows", () => {
  it.each([
    [-61, "extra"],
    [-60, "seen"],
    [0, "seen"],
    [60, "seen"],
    [61, "extra"],
  ] as const)("PR8.1-8: a front %i mm off its place at an eye is %s", (offMm, outcome) => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000);
    bench.runTo(6_000 + offMm);
    bench.eye("xray-entry", true);
    const extras = bench.factsOf("inducted").filter((fact) => fact.passId !== passId);
    expect(extras).toHaveLength(outcome === "extra" ? 1 : 0);
    expect(bench.pass(passId).nextEye).toBe(outcome === "seen" ? 1 : 0);
  });

  it("a front that was seen is expected from there on", () => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000);
    bench.runTo(6_050);
    bench.eye("xray-entry", true);
    expect(bench.pass(passId).frontCount).toBe(1_050);
  });

  it("the latched count decides, not when the word arrives", () => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000);
    bench.runTo(6_200);
    bench.eye("xray-entry", true, 6_000);
    expect(bench.pass(passId).nextEye).toBe(1);
    expect(bench.pass(passId).frontCount).toBe(1_000);
  });

  it("PF-25: an eye's word that is late by less than its allowance is not a loss, by more is one", () => {
    const lostBy = (count: number): number => {
      const bench = startedBench(6);
      induct(bench, 1_000);
      bench.runTo(count);
      return bench.factsOf("lost").length;
    };
    // Place 5,000, window 60, allowance 150 ms at 1 m/s.
    expect(lostBy(1_000 + 5_000 + 60 + 150)).toBe(0);
    expect(lostBy(1_000 + 5_000 + 60 + 150 + 1)).toBe(1);
  });

  it("a loss is told with the place at which it was last seen", () => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000);
    bench.runTo(20_000);
    expect(bench.factsOf("lost")).toEqual([{ kind: "lost", passId, lastSeenMm: 0 }]);
    expect(alarmsOf(bench)).toContain("trackingLost");
  });

  it("PR8.2-1: an item after a loss is an extra, never matched again", () => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000);
    bench.runTo(6_300);
    bench.eye("xray-entry", true);
    const extra = bench.factsOf("inducted").at(-1)!.passId;
    expect(extra).not.toBe(passId);
    expect(reasonsOf(bench, extra)).toEqual(["trackingExtra"]);
    expect(bench.pass(extra).tracking).toBe("unknown");
  });

  it("PF-26, PR8.2-2: an extra is never commanded anywhere and leaves by the un-commanded exit", () => {
    const bench = startedBench(6);
    bench.runTo(28_000);
    bench.eye("pre-red", true);
    bench.runTo(31_000);
    bench.eye("pre-green", true);
    bench.runTo(35_000);
    bench.eye("end", true);
    expect(bench.diverts()).toEqual([]);
    expect(bench.factsOf("decided")).toEqual([]);
    expect(exitsOf(bench)).toEqual(["inspection"]);
  });

  it("two fronts in one window are nobody's: the extra and both neighbours are unknown", () => {
    const bench = startedBench(6);
    const first = induct(bench, 1_000, 100);
    // Closer than the windows: both fit at 5,000.
    const second = induct(bench, 1_110, 100);
    bench.runTo(6_055);
    bench.eye("xray-entry", true);
    expect(bench.pass(first).tracking).toBe("unknown");
    expect(bench.pass(second).tracking).toBe("unknown");
    expect(reasonsOf(bench, first)).toContain("neighbourLost");
  });

  it("an eye that nobody configured is told and forgotten", () => {
    const bench = startedBench(6);
    for (let eye = 0; eye < 50; eye += 1) bench.eye(`ghost-${eye}`, true);
    expect(alarmsOf(bench).filter((code) => code === "unknownEye")).toHaveLength(50);
    expect(bench.state.blocked).toEqual([]);
    expect(bench.state.passes).toHaveLength(0);
  });
});

describe("PF-02, PR8.1-9: gaps", () => {
  it.each([
    [299, ["tooClose"]],
    [300, []],
  ] as const)("a gap of %i mm at induction raises %j on both", (gapMm, expected) => {
    const bench = startedBench(6);
    const first = induct(bench, 1_000, 400);
    const second = induct(bench, 1_400 + gapMm, 400);
    expect(reasonsOf(bench, first)).toEqual(expected);
    expect(reasonsOf(bench, second)).toEqual(expected);
  });

  it("a gap behind a parcel whose rear nobody saw is taken for too small", () => {
    const bench = startedBench(6);
    bench.runTo(1_000);
    bench.eye("induction", true);
    bench.tell({ kind: "sorterGap", missed: 1 });
    const first = bench.factsOf("inducted").at(-1)!.passId;
    // The cleared edge was lost; the longest parcel would reach to 1,900.
    const second = induct(bench, 2_100);
    expect(reasonsOf(bench, first)).toContain("tooClose");
    expect(reasonsOf(bench, second)).toContain("tooClose");
  });

  it.each([
    [279, true],
    [280, false],
  ] as const)(
    "PR8.1-10: windows of 100 mm, a swing of 80: a gap of %i mm at a later eye is too close: %s",
    (gapMm, isClose) => {
      const tracking = { ...benchConfig.tracking, earlyMm: 100, lateMm: 100 };
      const bench = createLineBench({ config: { ...benchConfig, tracking } });
      bench.start();
      const first = induct(bench, 1_000, 400);
      const second = induct(bench, 1_700, 400);
      // The second one slides forward on the belt, and is always in its window.
      for (const [eyeId, atMm, slidMm] of [
        ["xray-entry", 5_000, 10],
        ["pre-red", 27_000, 300 - gapMm],
      ] as const) {
        bench.runTo(1_000 + atMm);
        bench.eye(eyeId, true);
        bench.runTo(1_400 + atMm);
        bench.eye(eyeId, false);
        bench.runTo(1_700 - slidMm + atMm);
        bench.eye(eyeId, true);
        bench.runTo(2_100 - slidMm + atMm);
        bench.eye(eyeId, false);
      }
      expect(bench.pass(second).nextEye).toBe(2);
      expect(reasonsOf(bench, first).includes("tooClose")).toBe(isClose);
      expect(reasonsOf(bench, second).includes("tooClose")).toBe(isClose);
    },
  );
});

describe("law 8: measured lengths", () => {
  it.each([
    [79, true],
    [80, false],
    [900, false],
    [901, true],
  ] as const)("a length of %i mm is doubtful: %s", (lengthMm, isDoubtful) => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000, lengthMm);
    expect(reasonsOf(bench, passId).includes("lengthMismatch")).toBe(isDoubtful);
  });

  it.each([
    [359, true],
    [360, false],
    [440, false],
    [441, true],
  ] as const)(
    "PR8.2-3: 400 mm at induction and %i mm at the next eye disagree: %s",
    (lengthMm, differs) => {
      const bench = startedBench(6);
      const passId = induct(bench, 1_000, 400);
      bench.runTo(6_000);
      bench.eye("xray-entry", true);
      bench.runTo(6_000 + lengthMm);
      bench.eye("xray-entry", false);
      expect(reasonsOf(bench, passId).includes("lengthMismatch")).toBe(differs);
    },
  );
});

describe("law 8: the neighbours of what was lost", () => {
  const three = (bench: Bench, fronts: readonly number[], middle: Partial<RideOptions>) => {
    const rides = fronts.map((front, index) =>
      startRide(bench, { number: index + 1, front, ...(index === 1 ? middle : {}) }),
    );
    runRides(bench, rides, Math.max(...fronts) + 36_000);
    return rides;
  };
  const gone = { without: ["pre-red", "pre-green", "end"] } as const;

  it("PF-26: a parcel taken off by hand takes its neighbours' certainty with it", () => {
    const bench = startedBench(6);
    const [first, , third] = three(bench, [1_000, 2_000, 3_000], gone);
    expect(bench.factsOf("lost")).toHaveLength(1);
    expect(reasonsOf(bench, first!.passId())).toContain("neighbourLost");
    expect(reasonsOf(bench, third!.passId())).toContain("neighbourLost");
    expect(exitsOf(bench)).toEqual(["inspection", "inspection"]);
  });

  it.each([
    [1_500, true],
    [1_501, false],
  ] as const)("one %i mm ahead, seen by the eye already, is doubted: %s", (aheadMm, isDoubted) => {
    const bench = startedBench(6);
    const [first] = three(bench, [1_000, 1_000 + aheadMm], gone);
    expect(reasonsOf(bench, first!.passId()).includes("neighbourLost")).toBe(isDoubted);
  });

  it("PF-18: whoever is in the stretch that lost one is doubted, however far behind", () => {
    const bench = startedBench(6);
    const [, , third] = three(bench, [1_000, 4_000, 12_000], gone);
    expect(reasonsOf(bench, third!.passId())).toContain("neighbourLost");
  });

  it("and whoever comes into that stretch later is not", () => {
    const bench = startedBench(6);
    const [, , third] = three(bench, [1_000, 4_000, 40_000], gone);
    expect(reasonsOf(bench, third!.passId())).toEqual([]);
    expect(exitsOf(bench)).toEqual(["green", "green"]);
  });
});

describe("PF-03: eyes", () => {
  it("an induction eye that bounces makes doubtful passes, never a second clean one", () => {
    const bench = startedBench(6);
    bench.runTo(1_000);
    for (const [offset, isBlocked] of [
      [0, true],
      [3, false],
      [6, true],
      [400, false],
    ] as const) {
      bench.runTo(1_000 + offset);
      bench.eye("induction", isBlocked);
    }
    expect(bench.state.passes).toHaveLength(2);
    expect(bench.state.passes.every(({ raised }) => raised.length > 0)).toBe(true);
  });

  it("the same edge told twice is one edge", () => {
    const bench = startedBench(6);
    bench.runTo(1_000);
    bench.eye("induction", true);
    bench.eye("induction", true, 1_000);
    expect(bench.state.passes).toHaveLength(1);
    expect(alarmsOf(bench)).toContain("eyeBlockedTwice");
  });

  it("after a lost cleared edge the next front is seen nevertheless", () => {
    const bench = startedBench(6);
    const passId = induct(bench, 1_000);
    bench.runTo(5_500);
    bench.eye("xray-entry", true, 3_000);
    bench.runTo(6_000);
    bench.eye("xray-entry", true);
    expect(bench.pass(passId).nextEye).toBe(1);
    expect(alarmsOf(bench)).toContain("eyeBlockedTwice");
  });

  it("a hand that waves at the induction eye of a standing belt does not fill the memory", () => {
    const bench = startedBench(6);
    bench.runTo(1_000);
    for (let wave = 0; wave < 500; wave += 1) {
      bench.eye("induction", true);
      bench.eye("induction", false);
    }
    expect(bench.state.passes.length).toBeLessThanOrEqual(100);
    expect(bench.state.byId.size).toBe(bench.state.passes.length);
  });

  it("PR8.2-10: a pass that misses a dead eye is lost, and its parcel goes to inspection as an extra", () => {
    const bench = startedBench(6);
    const ride = startRide(bench, { without: ["pre-red"] });
    ride.to(36_000);
    expect(bench.factsOf("lost").map(({ passId }) => passId)).toEqual([ride.passId()]);
    expect(exitsOf(bench)).toEqual(["inspection"]);
  });
});

describe("PF-10, PF-11: restart", () => {
  it("PR8.2-11: whatever is on the belt when a session begins goes to inspection, told as restart", () => {
    const bench = startedBench(6);
    bench.runTo(2_000);
    bench.eye("pre-red", true);
    const passId = bench.factsOf("inducted").at(-1)!.passId;
    expect(reasonsOf(bench, passId)).toEqual(["restart"]);
    expect(alarmsOf(bench)).not.toContain("trackingExtra");
    bench.runTo(9_000);
    bench.eye("end", true);
    expect(exitsOf(bench)).toEqual(["inspection"]);
  });

  it.each([
    [34_060, "restart"],
    [34_061, "trackingExtra"],
  ] as const)("what comes to the end %i mm after the beginning is %s", (count, code) => {
    const bench = startedBench(6);
    bench.runTo(count);
    bench.eye("end", true);
    expect(bench.factsOf("reasonRaised")[0]?.reason.code).toBe(code);
  });

  it("a parcel inducted behind what was left on the belt is released all the same", () => {
    const bench = startedBench(6);
    const ride = startRide(bench, { front: 2_000 });
    // Left over: 2.6 m down the belt at the start, and in the X-ray, which it is not announced to.
    for (const [eyeId, atMm] of [
      ["xray-entry", 5_000],
      ["pre-red", 27_000],
      ["pre-green", 30_000],
      ["end", 34_000],
    ] as const) {
      ride.to(atMm - 4_600);
      bench.eye(eyeId, true);
      ride.to(atMm - 4_300);
      bench.eye(eyeId, false);
    }
    ride.to(36_000);
    expect(exitsOf(bench)).toEqual(["inspection", "green"]);
  });

  it("a new sorter session forgets every pass, and no command of the old one is wanted", () => {
    const bench = startedBench(6);
    const ride = startRide(bench, { front: 1_000 });
    ride.to(30_500);
    expect(bench.diverts()).toHaveLength(1);
    bench.tell({
      kind: "sorter",
      event: { kind: "session", epoch: "s-2", seq: 0, count: beltCount(0) },
    });
    expect(bench.state.passes).toEqual([]);
    expect(bench.factsOf("lost")).toHaveLength(1);
    expect(bench.commands).toContainEqual({ kind: "cancelAll" });
  });
});
