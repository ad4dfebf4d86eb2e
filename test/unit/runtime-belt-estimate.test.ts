import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBeltEstimate } from "../../edge/runtime/belt-estimate.ts";
import type { SorterEvent } from "../../protocols/sorter.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * Where the belt is between reports, and when the core is woken: boundary pairs in virtual time, and
 * the property that the estimate never goes back within a session.
 */
const belt = (count: number, speedMmPerS: number, epoch = "s-1"): SorterEvent => ({
  kind: "belt",
  epoch,
  seq: 0,
  count: beltCount(count),
  speedMmPerS,
  isRunning: speedMmPerS > 0,
  emergencyStop: false,
});

function createStand(): {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly estimate: ReturnType<typeof createBeltEstimate>;
  readonly woken: number[];
} {
  const clock = createVirtualClock();
  const woken: number[] = [];
  const estimate = createBeltEstimate({
    clock,
    mmPerCount: 1,
    onReached: () => {
      woken.push(estimate.count());
      estimate.wakeAt(Number.POSITIVE_INFINITY);
    },
  });
  return { clock, estimate, woken };
}

describe("the belt estimate", () => {
  it("runs with the belt between two reports", () => {
    const { clock, estimate } = createStand();
    estimate.observe(belt(1_000, 1_000));
    clock.runFor(250);
    expect(estimate.count()).toBe(1_250);
  });

  it("wakes at the count that was asked for, not one before", () => {
    const { clock, estimate, woken } = createStand();
    estimate.observe(belt(0, 1_000));
    estimate.wakeAt(300);
    clock.runFor(299);
    expect(woken).toEqual([]);
    clock.runFor(2);
    expect(woken).toEqual([300]);
  });

  it("law 7: a stopped belt wakes nobody, however long it stands", () => {
    const { clock, estimate, woken } = createStand();
    estimate.observe(belt(0, 1_000));
    estimate.wakeAt(500);
    clock.runFor(100);
    estimate.observe(belt(100, 0));
    clock.runFor(3_600_000);
    expect(woken).toEqual([]);
    estimate.observe(belt(100, 1_000));
    clock.runFor(401);
    expect(woken).toEqual([500]);
  });

  it("PF-14: a sorter that says nothing more moves the belt for one second at most", () => {
    const { clock, estimate } = createStand();
    estimate.observe(belt(0, 1_000));
    clock.runFor(60_000);
    expect(estimate.count()).toBe(1_000);
  });

  it("counts anew with a new session", () => {
    const { clock, estimate } = createStand();
    estimate.observe(belt(90_000, 1_000));
    clock.runFor(100);
    estimate.observe(belt(5, 1_000, "s-2"));
    expect(estimate.count()).toBe(5);
  });

  it("never goes back within a session, whatever the reports say", () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 3_000 }),
      count: fc.integer({ min: 0, max: 100_000 }),
      speedMmPerS: fc.constantFrom(0, 500, 1_000, 2_500),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, estimate } = createStand();
        let highest = 0;
        for (const { waitMs, count, speedMmPerS } of steps) {
          estimate.observe(belt(count, speedMmPerS));
          clock.runFor(waitMs);
          const now = estimate.count();
          expect(now).toBeGreaterThanOrEqual(highest);
          highest = now;
        }
      }),
    );
  });
});
