import { apartMsMax, createTimeWatch } from "../../../protocols/time-watch.ts";
import { buildDayAt } from "../../../protocols/build-day.ts";
import type { Clock } from "../../../protocols/time.ts";
import { epochMs, type EpochMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { EventTimes } from "../../clearance/events.ts";

/**
 * What time it is for documents. Waits are counted in time that passed: by the monotonic clock while
 * the centre runs, and by the calendar over a restart, once it has proved steady. After a jump of the
 * calendar nobody knows what day it is; until an hour of steadiness or a person has confirmed it,
 * dates stand where they last stood, and no wait ends. A centre that starts for the first time has
 * proved nothing yet: its dates stand at the day this program was built, and it needs no telling.
 *
 * A centre that was suspended counts nothing for that time: nobody could bring it what it waited for.
 */
export interface DeskTime {
  /** For what comes now. Looks at the clocks first. */
  now(): EventTimes & Required<Pick<EventTimes, "passedAt">>;
  /** What people have to be told of. */
  doubt(): CalendarDoubt | null;
  /** Dates count, and waits may end. */
  isProved(): boolean;
  /** Of each input of earlier runs, in order, before `start`. */
  restore(times: EventTimes): void;
  /** What the newest input bears, of this run or an earlier one; null before the first. */
  last(): EventTimes | null;
  /** All of the earlier runs is known. */
  start(): void;
  confirm(): void;
}

export interface CalendarDoubt {
  /** `restarted`: the centre was away for so long that nobody can tell a jump from time that passed. */
  readonly why: "jumped" | "restarted";
  /** How far the calendar is from where it would be if no time but the centre's own had passed. */
  readonly byMs: number;
}

/** A calendar that ran with the monotonic clock for so long is proved. */
const steadyMsMin = 3_600_000;
/** An absence up to this is taken as the calendar tells it: that much a wait may be cut short. */
const absenceMsMax = 600_000;

interface Doubt extends CalendarDoubt {
  /** The last moment at which the calendar was proved. */
  readonly datesAt: EpochMs;
  readonly steadySince: MonotonicMs;
}

export const timesOf = ({ at, passedAt, datesAt, movedMs }: EventTimes): EventTimes => ({
  at,
  ...(passedAt === undefined ? {} : { passedAt }),
  ...(datesAt === undefined ? {} : { datesAt }),
  ...(movedMs === undefined ? {} : { movedMs }),
});

export function createDeskTime(clock: Clock): DeskTime {
  const watch = createTimeWatch({ clock, stallMsMax: null });
  watch.look(clock.monotonic(), clock.wall());
  /** Where time that passed stood at a moment of the monotonic clock. */
  let passed = { at: clock.wall() as number, since: clock.monotonic() };
  let movedMs = 0;
  let earlier: EventTimes | null = null;
  let last: EventTimes | null = null;
  let doubt: Doubt | null = null;
  /** Since when the calendar is steady that was never proved at all; null once it was. */
  let unprovedSince: MonotonicMs | null = null;

  const proved = (): void => {
    // The time of an absence counts only now: until here nobody knew that it had passed.
    const absenceMs = doubt?.why === "restarted" ? Math.max(0, Math.floor(doubt.byMs)) : 0;
    passed.at += absenceMs;
    movedMs += absenceMs;
    doubt = null;
  };

  /** The last moment at which the calendar was proved; null while it is. */
  const datesNow = (): EpochMs | null =>
    unprovedSince === null ? (doubt?.datesAt ?? null) : buildDayAt;

  const isWhereItWas = ({ why, byMs }: CalendarDoubt): boolean =>
    Math.abs(byMs) < apartMsMax || (why === "restarted" && byMs > 0 && byMs <= absenceMsMax);

  const doubted = (next: Doubt): void => {
    doubt = next;
    if (isWhereItWas(next)) proved();
  };

  const look = (at: MonotonicMs, wallAt: EpochMs): void => {
    const moved = watch.look(at, wallAt);
    const byMs = moved?.calendarByMs ?? 0;
    if (Math.abs(byMs) >= apartMsMax) {
      doubted({
        why: doubt?.why ?? "jumped",
        byMs: (doubt?.byMs ?? 0) + byMs,
        datesAt: datesNow() ?? epochMs(wallAt - byMs),
        steadySince: at,
      });
      if (unprovedSince !== null) unprovedSince = at;
    }
    if (unprovedSince !== null && at - unprovedSince >= steadyMsMin) unprovedSince = null;
    if (doubt !== null && at - doubt.steadySince >= steadyMsMin) proved();
  };

  return {
    now: () => {
      const at = clock.wall();
      const now = clock.monotonic();
      look(now, at);
      const passedAt = epochMs(Math.floor(passed.at + now - passed.since));
      const datesAt = datesNow();
      const times = {
        at,
        passedAt,
        ...(datesAt === null ? {} : { datesAt }),
        ...(movedMs === 0 ? {} : { movedMs }),
      };
      last = times;
      return times;
    },
    isProved: () => datesNow() === null,
    doubt: () => (doubt === null ? null : { why: doubt.why, byMs: doubt.byMs }),
    restore: (times) => {
      earlier = times;
      last = times;
    },
    last: () => last,
    start: () => {
      const at = clock.wall();
      const since = clock.monotonic();
      look(since, at);
      if (earlier === null) {
        unprovedSince = since;
        return;
      }
      passed = { at: earlier.passedAt ?? earlier.at, since };
      movedMs = earlier.movedMs ?? 0;
      const byMs = at - earlier.at;
      // An earlier run that ended in doubt has proved nothing, however short the absence was.
      const datesAt = earlier.datesAt ?? earlier.at;
      const wasNeverProved = earlier.datesAt === buildDayAt;
      if (wasNeverProved) unprovedSince = since;
      const next: Doubt = { why: "restarted", byMs, datesAt, steadySince: since };
      if (earlier.datesAt === undefined || wasNeverProved) doubted(next);
      else doubt = next;
    },
    confirm: () => {
      unprovedSince = null;
      proved();
    },
  };
}
