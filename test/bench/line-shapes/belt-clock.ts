/**
 * When a belt was at a count, worked out from looks at a counter that shows whole counts only. At a
 * steady speed each look says between which two moments count 0 must have been; together they say it
 * far more finely than one count.
 */
export interface BeltClock {
  /** `count` as shown at `at`, milliseconds. */
  look(at: number, count: number): void;
  /** When the belt was, or will be, at `count`; null after a change of speed, until looked at anew. */
  timeOf(count: number): number | null;
}

/** Rounding, and what passes between reading the clock and reading the counter. */
const toleranceMs = 0.02;

export function createBeltClock(countsPerMs: number): BeltClock {
  let earliest = Number.NEGATIVE_INFINITY;
  let latest = Number.POSITIVE_INFINITY;

  return {
    look(at, count) {
      const from = at - (count + 1) / countsPerMs;
      const to = at - count / countsPerMs;
      if (from > latest + toleranceMs || to < earliest - toleranceMs) {
        earliest = from;
        latest = to;
        return;
      }
      earliest = Math.max(earliest, from);
      latest = Math.min(latest, to);
    },
    timeOf(count) {
      if (latest - earliest > 1 / countsPerMs) return null;
      return (earliest + latest) / 2 + count / countsPerMs;
    },
  };
}
