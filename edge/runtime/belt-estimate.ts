import type { SorterEvent } from "../../protocols/sorter.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { beltCount, monotonicMs, type BeltCount, type MonotonicMs } from "../../protocols/units.ts";

/**
 * Where the belt is between two reports of the sorter. Stamps events that come from devices
 * without an encoder, and wakes the core when a count it waits for is reached. A stopped belt
 * wakes nobody (DESIGN law 7).
 */
export interface BeltEstimate {
  /** Called with every sorter event, before the core sees it. */
  observe(event: SorterEvent): void;
  /** Never goes back within one sorter session. */
  count(): BeltCount;
  /** Replaces the count at which `onReached` is to be called; infinity for none. */
  wakeAt(count: number): void;
  stop(): void;
}

export interface BeltEstimateOptions {
  readonly clock: Clock;
  readonly mmPerCount: number;
  readonly onReached: () => void;
}

/** A sorter that is silent for longer says nothing about where the belt is. */
const extrapolationMsMax = 1_000;

export function createBeltEstimate(options: BeltEstimateOptions): BeltEstimate {
  const { clock, mmPerCount } = options;
  let epoch: string | null = null;
  let base: { count: number; at: MonotonicMs; countsPerMs: number } = {
    count: 0,
    at: clock.monotonic(),
    countsPerMs: 0,
  };
  let highest = 0;
  let target = Number.POSITIVE_INFINITY;
  let timer: Timer | null = null;

  const count = (): BeltCount => {
    const elapsedMs = Math.min(clock.monotonic() - base.at, extrapolationMsMax);
    highest = Math.max(highest, Math.floor(base.count + elapsedMs * base.countsPerMs));
    return beltCount(highest);
  };

  const arm = (): void => {
    timer?.cancel();
    timer = null;
    if (target === Number.POSITIVE_INFINITY || base.countsPerMs <= 0) return;
    const missing = Math.max(0, target - count());
    // Half a millisecond more, so that rounding down does not wake the core one count early.
    const dueAt = monotonicMs(clock.monotonic() + missing / base.countsPerMs + 0.5);
    timer = clock.schedule(dueAt, () => {
      timer = null;
      if (count() >= target) options.onReached();
      else if (clock.monotonic() - base.at < extrapolationMsMax) arm();
    });
  };

  return {
    count,
    observe: (event) => {
      const now = clock.monotonic();
      if (event.epoch !== epoch) {
        epoch = event.epoch;
        highest = 0;
        base = { count: 0, at: now, countsPerMs: 0 };
      }
      if (event.kind === "belt") {
        const speed = event.isRunning ? event.speedMmPerS : 0;
        base = { count: event.count, at: now, countsPerMs: speed / 1_000 / mmPerCount };
        arm();
      } else if ("count" in event && event.count > count()) {
        base = { ...base, count: event.count, at: now };
      }
    },
    wakeAt: (next) => {
      if (next === target && timer !== null) return;
      target = next;
      arm();
    },
    stop: () => {
      timer?.cancel();
      timer = null;
      target = Number.POSITIVE_INFINITY;
    },
  };
}
