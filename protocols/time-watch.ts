import type { Clock } from "./time.ts";
import type { EpochMs, MonotonicMs } from "./units.ts";

/**
 * Whether the time that the clocks tell is time that passed; pure, with the readings handed in.
 *
 * A monotonic clock stands while its machine sleeps, and a calendar may be set at any moment. As long
 * as the two march together both can be believed; where they have run apart, ages are too small or
 * dates are wrong, and nobody may act on them as before.
 */
export interface TimeWatch {
  /** Called with each event that time matters to, and often in between. */
  look(at: MonotonicMs, wallAt: EpochMs): TimeBreak | null;
}

export interface TimeBreak {
  /**
   * `slept`: the machine was suspended. `calendar`: the calendar was set, or the machine was
   * suspended and has no clock that says so. `stalled`: nobody looked for so long that whatever
   * waited meanwhile has lost its time of arrival.
   */
  readonly why: "slept" | "calendar" | "stalled";
  /** By how much; negative for a calendar that was set back. */
  readonly byMs: number;
  /** How much further the calendar has moved than time that passed. */
  readonly calendarByMs: number;
}

/** Clocks of one machine differ by less, unless one of them stood or was set. */
export const apartMsMax = 2_000;
/** A time server may hurry or slow a clock by half of this. */
const slewPerMs = 0.001;
/** The clock that counts through sleep costs a system call or a small file. */
const bootEveryMs = 500;

export interface TimeWatchOptions {
  readonly clock: Pick<Clock, "boot">;
  /** Null: whoever looks may do so as seldom as he likes. */
  readonly stallMsMax: number | null;
}

interface Apart {
  readonly calendarMs: number;
  readonly bootMs: number;
}

export function createTimeWatch({ clock, stallMsMax }: TimeWatchOptions): TimeWatch {
  let lookedAt: MonotonicMs | null = null;
  let bootLookedAt = 0;
  /** How far calendar and boot clock were from the monotonic one while all could be believed. */
  let believed: Apart = { calendarMs: 0, bootMs: 0 };

  const bootApart = (at: MonotonicMs): number => {
    bootLookedAt = at;
    return clock.boot === undefined ? 0 : clock.boot() - at;
  };

  return {
    look: (at, wallAt) => {
      const calendarMs = wallAt - at;
      if (lookedAt === null) {
        lookedAt = at;
        believed = { calendarMs, bootMs: bootApart(at) };
        return null;
      }
      const ranMs = at - lookedAt;
      lookedAt = at;
      const movedMs = calendarMs - believed.calendarMs;
      const isApart = Math.abs(movedMs) >= apartMsMax;
      const isBootDue = isApart || at - bootLookedAt >= bootEveryMs;
      const sleptMs = isBootDue ? bootApart(at) - believed.bootMs : 0;
      if (isApart || sleptMs >= apartMsMax) {
        believed = { calendarMs, bootMs: believed.bootMs + sleptMs };
        const isSleep = sleptMs >= apartMsMax;
        return {
          why: isSleep ? "slept" : "calendar",
          byMs: Math.round(isSleep ? sleptMs : movedMs),
          calendarByMs: Math.round(movedMs - sleptMs),
        };
      }
      const slewedMs = Math.min(Math.abs(movedMs), ranMs * slewPerMs) * Math.sign(movedMs);
      believed = { ...believed, calendarMs: believed.calendarMs + slewedMs };
      if (stallMsMax === null || ranMs <= stallMsMax) return null;
      return { why: "stalled", byMs: Math.round(ranMs), calendarByMs: 0 };
    },
  };
}
