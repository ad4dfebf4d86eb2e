// Goal: the centre hears of every line in every round, of all belts together, and at once of a belt
// that starts, stops or changes its speed. Method: the pure machine, given its events by hand.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newLineReports, reportPauseMs, stepReports } from "../../edge/runtime/line-reports.ts";
import type { BeltMotion } from "../../protocols/link.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";

const belt = (lineId: string, change: Partial<BeltMotion> = {}): BeltMotion => ({
  lineId,
  count: beltCount(0),
  speedMmPerS: 1_000,
  isRunning: true,
  emergencyStop: false,
  wallAt: epochMs(0),
  ...change,
});

describe("what a line agent tells of its lines", () => {
  test("a belt's first word is told at once, the same motion at another place is not", () => {
    const state = newLineReports(["A"]);
    expect(stepReports(state, { kind: "belt", belt: belt("A") })).toEqual([
      { kind: "motion", belts: [belt("A")] },
    ]);
    const further = belt("A", { count: beltCount(500) });
    expect(stepReports(state, { kind: "belt", belt: further })).toEqual([]);
    expect(stepReports(state, { kind: "due" })).toContainEqual({
      kind: "motion",
      belts: [further],
    });
  });

  test.each([{ isRunning: false }, { speedMmPerS: 999 }])(
    "a change of motion is told at once: %o",
    (change) => {
      const state = newLineReports(["A"]);
      stepReports(state, { kind: "belt", belt: belt("A") });
      const changed = belt("A", change);
      expect(stepReports(state, { kind: "belt", belt: changed })).toEqual([
        { kind: "motion", belts: [changed] },
      ]);
    },
  );

  test("belts that were not heard yet are not told", () => {
    expect(stepReports(newLineReports(["A"]), { kind: "due" })).toEqual([
      { kind: "health", lineId: "A" },
    ]);
  });

  test("a round takes a second, tells each line's devices once and all belts once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^L\d{1,3}$/), { minLength: 1 }), (lineIds) => {
        const state = newLineReports(lineIds);
        for (const lineId of lineIds) stepReports(state, { kind: "belt", belt: belt(lineId) });
        expect(reportPauseMs(state) * lineIds.length).toBeCloseTo(1_000);
        for (let round = 0; round < 2; round += 1) {
          const effects = lineIds.flatMap(() => stepReports(state, { kind: "due" }));
          const told = effects.flatMap((effect) => (effect.kind === "health" ? effect.lineId : []));
          expect(told).toEqual(lineIds);
          const motions = effects.flatMap((effect) => (effect.kind === "motion" ? [effect] : []));
          expect(motions.map(({ belts }) => belts.length)).toEqual([lineIds.length]);
        }
      }),
    );
  });
});
