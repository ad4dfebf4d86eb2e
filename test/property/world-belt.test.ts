/**
 * Goal: the belt's arithmetic holds for any speed and any history: time and travel are inverse, the
 * queue keeps its order, and no body is ever lost. Method: fast-check draws motions and histories.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import {
  settledAtMs,
  speedAt,
  standstill,
  travelAt,
  whenTravel,
  withTarget,
  type BeltMotion,
} from "../../simulators/world/belt-motion.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { createLineWorld } from "../../simulators/world/line-world.ts";
import { deafOracle, noFaults } from "../../simulators/world/ports.ts";
import { createTravelQueue, createWaiting } from "../../simulators/world/travel-queue.ts";

const speed = fc.integer({ min: 0, max: 3_000 });
const ramp = fc.option(fc.integer({ min: 100, max: 5_000 }), { nil: null });
const histories = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 8_000 }), speed, ramp }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

function play(history: readonly { afterMs: number; speed: number; ramp: number | null }[]) {
  let motion: BeltMotion = standstill(0);
  let atMs = 0;
  for (const step of history) {
    atMs += step.afterMs;
    motion = withTarget(motion, atMs, { mmPerS: step.speed, rampMmPerS2: step.ramp });
  }
  return motion;
}

describe("belt motion", () => {
  test("when it will have travelled so far, it has", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 20_000 }), (history, aheadMm) => {
        const motion = play(history);
        const wanted = motion.fromMm + aheadMm;
        const atMs = whenTravel(motion, wanted);
        if (atMs === null) {
          expect(motion.targetMmPerS).toBe(0);
          expect(travelAt(motion, settledAtMs(motion) + 1e6)).toBeLessThan(wanted);
        } else {
          expect(travelAt(motion, atMs)).toBeCloseTo(wanted, 4);
        }
      }),
    );
  });

  test("never goes back and never jumps", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 500 }), (history, stepMs) => {
        const motion = play(history);
        let before = travelAt(motion, motion.fromMs);
        for (let step = 1; step <= 40; step += 1) {
          const atMs = motion.fromMs + step * stepMs;
          const now = travelAt(motion, atMs);
          expect(now - before).toBeGreaterThanOrEqual(-1e-9);
          expect(now - before).toBeLessThanOrEqual(3_000 * (stepMs / 1_000) + 1e-6);
          expect(speedAt(motion, atMs)).toBeGreaterThanOrEqual(0);
          before = now;
        }
      }),
    );
  });
});

test("the travel queue gives things in order of travel, ties in order of rank and then of coming", () => {
  const entry = fc.record({
    dueMm: fc.integer({ min: 0, max: 20 }),
    rank: fc.integer({ min: 0, max: 2 }),
    isRemoved: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      const queue = createTravelQueue();
      const all = entries.map((each, index) => {
        const waiting = createWaiting(each.rank, () => {});
        queue.put(waiting, each.dueMm + 5);
        queue.put(waiting, each.dueMm);
        return { ...each, index, waiting };
      });
      for (const { isRemoved, waiting } of all) if (isRemoved) queue.remove(waiting);
      const expected = all
        .filter(({ isRemoved }) => !isRemoved)
        .sort((a, b) => a.dueMm - b.dueMm || a.rank - b.rank || a.index - b.index);
      for (const { waiting } of expected) {
        expect(queue.first()).toBe(waiting);
        queue.remove(waiting);
      }
      expect(queue.first()).toBeUndefined();
    }),
  );
});

test("whatever the sorter and people do, each body ends once or is still on the belt", () => {
  const act = fc.record({
    afterMs: fc.integer({ min: 0, max: 6_000 }),
    kind: fc.constantFrom("out", "rest", "stop", "run", "estop", "reset", "lift", "put", "slip"),
    exit: fc.constantFrom("red" as const, "green" as const),
    at: fc.integer({ min: 0, max: 34_000 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.integer(), (acts, seed) => {
      const clock = createVirtualClock();
      const entropy = createSeededEntropy(seed, "parcels");
      const inducted: string[] = [];
      const ended: string[] = [];
      const covered = new Map<string, boolean>();
      let made = 0;
      const make = () => ({
        truthId: `t${made++}`,
        lengthMm: 150 + Math.floor(entropy.next() * 450),
        gapMm: entropy.next() * 600 - 50,
        weightG: 500,
        labels: [],
        contents: { seed: 1, wrapping: "bag" as const, widthMm: 100, items: [] },
      });
      const world = createLineWorld(
        {
          clock,
          entropy,
          layout: defaultLayout,
          source: { next: make },
          faults: noFaults,
          oracle: {
            ...deafOracle,
            onInducted: (truthId) => inducted.push(truthId),
            onParcelEnded: (truthId) => ended.push(truthId),
          },
          foreignParcel: make,
        },
        () => ({
          sorter: {
            eyeChanged(eyeId, isBlocked) {
              expect(covered.get(eyeId) ?? false).toBe(!isBlocked);
              covered.set(eyeId, isBlocked);
            },
            chuteChanged() {},
            beltChanged() {},
          },
          scanner: { read() {} },
          scale: { settled() {} },
          xray: { itemEntered() {}, itemCleared() {}, itemScanned() {} },
        }),
      );
      world.machinery.runBelt(true);
      world.machinery.permitInduction(true);
      clock.runFor(20_000);
      for (const { afterMs, kind, exit, at } of acts) {
        clock.runFor(afterMs);
        if (kind === "out") world.machinery.swing(exit, true);
        else if (kind === "rest") world.machinery.swing(exit, false);
        else if (kind === "stop") world.machinery.runBelt(false);
        else if (kind === "run") world.machinery.runBelt(true);
        else if (kind === "estop") world.setEmergencyStop(true);
        else if (kind === "reset") world.setEmergencyStop(false);
        else if (kind === "lift") world.hands.removeNear(at);
        else if (kind === "put") world.hands.putOn(make(), at);
        else world.hands.slipEncoder(0.5 + (at % 100) / 100);
        expect([...ended, ...world.onBelt()].sort()).toEqual([...inducted].sort());
      }
      // Emptied of bodies, no eye of the belt may stay covered.
      world.machinery.permitInduction(false);
      world.setEmergencyStop(false);
      world.machinery.runBelt(true);
      clock.runFor(120_000);
      expect(world.onBelt()).toEqual([]);
      expect([...covered.values()].filter(Boolean)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
