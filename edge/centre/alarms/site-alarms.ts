import type { Condition, ConditionCode } from "../../../protocols/alarms.ts";
import type { StampedFact } from "../../../protocols/facts.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { AlarmView } from "../../../protocols/ui/scene.ts";
import { monotonicMs, type EpochMs, type MonotonicMs } from "../../../protocols/units.ts";
import { isKnownSo, newAlarmBook, stepAlarms, type AlarmEvent } from "../../alarms/alarm-book.ts";
import type { JournalPlace } from "../lines/passes.ts";

/**
 * The alarms of the site: what its lines tell of theirs, and what the centre sees for itself. All
 * of it follows from facts, so that a restart gives it back.
 */
export interface SiteAlarms {
  /** With each fact of a line, in the order of its journal; an earlier run may have told it, too. */
  tellFact(stamped: StampedFact, place: JournalPlace): void;
  /** What the centre itself has noticed of a line, or no longer sees; told with every look. */
  tellOwn(lineId: string, condition: Condition, holds: boolean): void;
  /** The lines at which this holds and is shown. */
  linesWith(code: ConditionCode): readonly string[];
  /** Called often: delays end without anybody telling anything. */
  tick(): void;
}

export interface SiteAlarmsOptions {
  readonly clock: Clock;
  /** An alarm became active or returned, or a notice came. */
  readonly onAlarm: (alarm: AlarmView) => void;
}

export function createSiteAlarms({ clock, onAlarm }: SiteAlarmsOptions): SiteAlarms {
  const book = newAlarmBook();
  /** Facts of one record are told one after the other; their alarms need an id each. */
  let last = { chain: "", seq: 0, alarms: 0 };

  /**
   * When it happened on our own clock, as far as the line's calendar agrees with ours. What is told
   * late, after a restart or when a link was down, has lasted as long as it has.
   */
  const happenedAt = (wallAt: EpochMs): MonotonicMs => {
    const now = clock.monotonic();
    return monotonicMs(Math.min(now, now + wallAt - clock.wall()));
  };

  const noticeId = ({ chain, seq }: JournalPlace): string => {
    const isSame = last.chain === chain && last.seq === seq;
    last = { chain, seq, alarms: isSame ? last.alarms + 1 : 0 };
    return `${chain} ${seq} ${last.alarms}`;
  };

  const take = (event: AlarmEvent): void => {
    for (const alarm of stepAlarms(book, event)) onAlarm(alarm);
  };

  return {
    tellFact: ({ fact, lineId, wallAt }, place) => {
      const stamps = { lineId, wallAt, at: happenedAt(wallAt) };
      if (fact.kind === "condition") {
        take({ ...stamps, kind: "condition", teller: "line", condition: fact });
      } else if (fact.kind === "sessionOpened") {
        take({ ...stamps, kind: "sessionOpened" });
      } else if (fact.kind === "notice" || fact.kind === "alarm") {
        const { code, passId, params } = fact;
        const told = { lineId, code, passId, params, at: wallAt };
        onAlarm({ id: noticeId(place), ...told, state: "notice", endedAt: null });
      }
    },
    tellOwn: (lineId, condition, holds) => {
      const told = { ...condition, holds };
      if (isKnownSo(book, lineId, told)) return;
      const stamps = { lineId, at: clock.monotonic(), wallAt: clock.wall() };
      take({ ...stamps, kind: "condition", teller: "centre", condition: told });
    },
    linesWith: (code) => [
      ...new Set(
        [...book.conditions.values()]
          .filter(({ view, phase }) => view.code === code && phase !== "pending")
          .map(({ lineId }) => lineId),
      ),
    ],
    tick: () => take({ kind: "timePassed", at: clock.monotonic() }),
  };
}
