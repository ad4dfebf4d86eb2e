import type { MonotonicMs } from "../../../../protocols/units.ts";
import {
  countOnWire,
  countsBetween,
  countsTellableMax,
  isOnCounter,
  type CounterWidth,
} from "../../counter.ts";
import type { PlcMeaning } from "./meaning.ts";

export interface BeltCountOptions {
  readonly count: PlcMeaning["count"];
  /** No belt of this sorter is faster. */
  readonly countsPerMsMax: number;
}

/** Between asking and reading, and within the controller, a value may grow so old. */
const valueAgeMsMax = 250;
/** A belt that stands may rock by so much, in milliseconds of its fastest run. */
const rockingMs = 10;

/**
 * The controller's counter as a count that never wraps, read by read. Of a counter that has been
 * away too long, or shows what no belt can have run, nothing is made: it begins anew.
 */
export interface BeltCountReader {
  /** Whether a counter of this width can show it at all. */
  isShown(shown: number): boolean;
  /**
   * Ours for what the counter shows now, asked at `askedAt` and here at `at`; null when it cannot be
   * told from what it showed before. Null leaves everything as it was.
   */
  read(shown: number, askedAt: MonotonicMs, at: MonotonicMs): number | null;
  begin(shown: number, askedAt: MonotonicMs): void;
  /** Ours for a count that was latched up to now; null for one that the belt has yet to reach. */
  latched(shown: number): number | null;
  /** What the counter shows at a count of ours. */
  onWire(count: number): number;
}

export function createBeltCountReader(options: BeltCountOptions): BeltCountReader {
  const { countsPerMsMax } = options;
  const width = widthOf(options.count);
  let last: { readonly count: number; readonly askedAt: MonotonicMs } | null = null;

  /** By how much the counter has moved since, which may have been seen earlier or later by so much. */
  const ranFrom = (count: number, shown: number): number =>
    countsBetween(countOnWire(count, width), shown, width);

  return {
    isShown: (shown) => isOnCounter(shown, width),
    read(shown, askedAt, at) {
      if (last === null) return null;
      const farthest = (at - last.askedAt + valueAgeMsMax) * countsPerMsMax;
      if (farthest > countsTellableMax(width)) return null;
      const ran = ranFrom(last.count, shown);
      if (ran > farthest || ran < -rockingMs * countsPerMsMax) return null;
      last = { count: last.count + ran, askedAt };
      return last.count;
    },
    begin(shown, askedAt) {
      last = { count: shown, askedAt };
    },
    latched(shown) {
      if (last === null || !isOnCounter(shown, width)) return null;
      const ran = ranFrom(last.count, shown);
      return ran > valueAgeMsMax * countsPerMsMax ? null : last.count + ran;
    },
    onWire: (count) => countOnWire(count, width),
  };
}

/** Null: it holds every safe integer, and never wraps. */
export const widthOf = ({ bits, isSigned }: PlcMeaning["count"]): CounterWidth | null =>
  bits === 64 ? null : { bits, isSigned };
