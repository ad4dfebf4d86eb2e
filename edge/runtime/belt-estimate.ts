import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { beltCount, monotonicMs, type BeltCount, type MonotonicMs } from "../../protocols/units.ts";

/**
 * Where the belt is between two reports of the sorter. Stamps events that come from devices
 * without an encoder, and wakes the core when a count it waits for is reached. A stopped belt
 * wakes nobody (law 7).
 *
 * A report is as old as its way here took, and nobody knows how long that was. But it was never
 * early: so of several reports of one steady motion the one that puts the belt furthest is nearest
 * to the truth.
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
/** Reports are compared this long: a belt slower than it says must not run away with us. */
const steadyMs = 400;
/** More reports than this within that time add nothing. */
const reportsMax = 16;

interface Report {
  readonly count: number;
  readonly at: MonotonicMs;
}

const isBefore = (report: Report | undefined, at: number): boolean =>
  report !== undefined && report.at < at;

export function createBeltEstimate(options: BeltEstimateOptions): BeltEstimate {
  const { clock, mmPerCount } = options;
  const start: Report = { count: 0, at: clock.monotonic() };
  let epoch: string | null = null;
  let countsPerMs = 0;
  /** Of the present motion, oldest first; never empty. */
  const reports: Report[] = [start];
  /** The one that puts the belt furthest. */
  let furthest = start;
  let highest = 0;
  let target = Number.POSITIVE_INFINITY;
  let timer: Timer | null = null;

  /** How long the sorter has said nothing. Its last report may be newer than `furthest`. */
  const silenceMs = (now: MonotonicMs): number => now - (reports.at(-1) ?? start).at;

  const count = (): BeltCount => {
    const now = clock.monotonic();
    const tooLongMs = Math.max(0, silenceMs(now) - extrapolationMsMax);
    const elapsedMs = now - tooLongMs - furthest.at;
    highest = Math.max(highest, Math.floor(furthest.count + elapsedMs * countsPerMs));
    return beltCount(highest);
  };

  const begin = (report: Report): void => {
    reports.length = 0;
    reports.push(report);
    furthest = report;
  };

  const add = (report: Report): void => {
    reports.push(report);
    const oldestAt = report.at - steadyMs;
    while (reports.length > reportsMax || isBefore(reports[0], oldestAt)) reports.shift();
    furthest = report;
    // All reports are compared at one moment, so that they differ only in how far each of them puts
    // the belt.
    for (const other of reports) {
      const lead = other.count - furthest.count - (other.at - furthest.at) * countsPerMs;
      if (lead > 0) furthest = other;
    }
  };

  const arm = (): void => {
    timer?.cancel();
    timer = null;
    if (target === Number.POSITIVE_INFINITY || countsPerMs <= 0) return;
    const missing = Math.max(0, target - count());
    // Half a millisecond more, so that rounding down does not wake the core one count early.
    const dueAt = monotonicMs(clock.monotonic() + missing / countsPerMs + 0.5);
    timer = clock.schedule(dueAt, () => {
      timer = null;
      if (count() >= target) options.onReached();
      else if (silenceMs(clock.monotonic()) < extrapolationMsMax) arm();
    });
  };

  const observeBelt = (event: Extract<SorterEvent, { kind: "belt" }>): void => {
    const report: Report = { count: event.count, at: clock.monotonic() };
    const speed = event.isRunning ? event.speedMmPerS : 0;
    const nextCountsPerMs = speed / 1_000 / mmPerCount;
    if (nextCountsPerMs === countsPerMs) add(report);
    else begin(report);
    countsPerMs = nextCountsPerMs;
    arm();
  };

  return {
    count,
    observe: (event) => {
      if (event.epoch !== epoch) {
        epoch = event.epoch;
        highest = 0;
        countsPerMs = 0;
        begin({ count: 0, at: clock.monotonic() });
      }
      if (event.kind === "belt") observeBelt(event);
      else if ("count" in event && event.count > count()) {
        add({ count: event.count, at: clock.monotonic() });
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
