/**
 * Goal: the estimate of the belt is never ahead of a steady belt, as near to it as the quickest of
 * its recent reports, and wakes the core at the count it asked for. Method: reports of a belt that is
 * known exactly arrive late by known times, and anything at all is reported in one property.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBeltEstimate } from "../../edge/runtime/belt-estimate.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { beltCount } from "../../protocols/units.ts";

const speedMmPerS = 1_000;

function stand() {
  const clock = createVirtualClock();
  const reached: number[] = [];
  const estimate = createBeltEstimate({
    clock,
    mmPerCount: 1,
    onReached: () => reached.push(clock.monotonic()),
  });
  const belt = (count: number, given: { speed?: number; epoch?: string } = {}): SorterEvent => ({
    kind: "belt",
    epoch: given.epoch ?? "s-1",
    seq: 0,
    count: beltCount(count),
    speedMmPerS: given.speed ?? speedMmPerS,
    isRunning: (given.speed ?? speedMmPerS) > 0,
    emergencyStop: false,
  });
  /** The report that the sorter made `lateMs` ago, when a steady belt was where it was. */
  const reportLate = (lateMs: number): void =>
    estimate.observe(belt(Math.floor(clock.monotonic() - lateMs)));
  return { clock, estimate, reached, belt, reportLate };
}

describe("belt estimate", () => {
  it("believes the quickest of the last reports", () => {
    const { clock, estimate, reportLate } = stand();
    for (const lateMs of [30, 2, 25, 40]) {
      clock.runFor(90);
      reportLate(lateMs);
    }
    expect(estimate.count()).toBe(360 - 2);
  });

  it("is never ahead of a steady belt, nor further behind than its quickest report", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 6 }), (latenesses) => {
        const { clock, estimate, reportLate } = stand();
        clock.runFor(1_000);
        for (const [index, lateMs] of latenesses.entries()) {
          clock.runFor(100);
          reportLate(lateMs);
          if (index < 4) continue;
          const quickestMs = Math.min(...latenesses.slice(Math.max(0, index - 3), index + 1));
          const behind = clock.monotonic() - estimate.count();
          expect(behind).toBeGreaterThanOrEqual(0);
          expect(behind).toBeLessThanOrEqual(quickestMs + 1);
        }
      }),
    );
  });

  it("wakes the core at the count, not before it", () => {
    const { clock, estimate, reached, reportLate } = stand();
    clock.runFor(100);
    reportLate(0);
    estimate.wakeAt(150);
    clock.runFor(200);
    expect(reached).toEqual([150.5]);
  });

  it("law 7: a stopped belt wakes nobody, however long it stands", () => {
    const { clock, estimate, reached, belt } = stand();
    estimate.observe(belt(0));
    estimate.wakeAt(500);
    clock.runFor(100);
    estimate.observe(belt(100, { speed: 0 }));
    clock.runFor(3_600_000);
    expect(estimate.count()).toBe(100);
    expect(reached).toEqual([]);
    const startedAt = clock.monotonic();
    estimate.observe(belt(100));
    clock.runFor(401);
    expect(reached).toEqual([startedAt + 400.5]);
  });

  it("PF-14: a sorter that says nothing more moves the belt for one second at most", () => {
    const { clock, estimate, belt } = stand();
    estimate.observe(belt(0));
    clock.runFor(60_000);
    expect(estimate.count()).toBe(1_000);
  });

  it("gives up a report that a slower belt has proved wrong", () => {
    const { clock, estimate, belt } = stand();
    estimate.observe(belt(100));
    // It says 1 m/s still, and creeps.
    for (let step = 1; step <= 6; step += 1) {
      clock.runFor(100);
      estimate.observe(belt(100 + step));
    }
    clock.runFor(100);
    expect(estimate.count()).toBeLessThanOrEqual(700);
  });

  it("begins anew with the sorter's session", () => {
    const { estimate, belt } = stand();
    estimate.observe(belt(5_000));
    estimate.observe(belt(7, { epoch: "s-2", speed: 0 }));
    expect(estimate.count()).toBe(7);
  });

  it("never goes back within a session, whatever the reports say", () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 3_000 }),
      count: fc.integer({ min: 0, max: 100_000 }),
      speed: fc.constantFrom(0, 500, 1_000, 2_500),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, estimate, belt } = stand();
        let highest = 0;
        for (const { waitMs, count, speed } of steps) {
          estimate.observe(belt(count, { speed }));
          clock.runFor(waitMs);
          const now = estimate.count();
          expect(now).toBeGreaterThanOrEqual(highest);
          highest = now;
        }
      }),
    );
  });
});
