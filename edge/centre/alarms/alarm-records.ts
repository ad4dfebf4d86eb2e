import type { AlarmView } from "../../../protocols/ui/scene.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";

/**
 * Alarms on their way to people: of class "record" (W3), so each goes to every page again and
 * again until its station says that it has been shown there.
 */
export interface AlarmRecords {
  add(alarm: AlarmView): void;
  /** For one connection of a station; what the station has seen outlives it. */
  reader(station: string): AlarmReader;
}

export interface AlarmReader {
  /** What has to be sent now: what is new, and what was sent a while ago and not seen since. */
  due(now: MonotonicMs): readonly NumberedAlarm[];
  seen(upTo: number): void;
}

interface NumberedAlarm {
  readonly recordSeq: number;
  readonly alarm: AlarmView;
}

/** Alarms kept; the journal has them all. */
export const alarmsKeptMax = 1_000;
/** Stations remembered; beyond, the one that came longest ago is told everything again. */
const stationsMax = 256;
/** A station that was away is not flooded with more than this at once. */
const alarmsPerSendMax = 200;
const resendAfterMs = 5_000;

const isRetold = (before: AlarmView, now: AlarmView): boolean =>
  before.id === now.id && before.state === "active" && now.state === "active";

export function createAlarmRecords(): AlarmRecords {
  const kept: NumberedAlarm[] = [];
  const seenByStation = new Map<string, { upTo: number }>();
  let lastSeq = 0;

  const seenBy = (station: string): { upTo: number } => {
    const seen = seenByStation.get(station) ?? { upTo: 0 };
    // Put at the end again, so that the first is the one that came longest ago.
    seenByStation.delete(station);
    seenByStation.set(station, seen);
    const [oldest] = seenByStation.keys();
    if (seenByStation.size > stationsMax && oldest !== undefined) seenByStation.delete(oldest);
    return seen;
  };

  return {
    add: (alarm) => {
      lastSeq += 1;
      // One that is told anew takes the place of what was told of it before.
      const earlier = kept.findIndex((each) => isRetold(each.alarm, alarm));
      if (earlier !== -1) kept.splice(earlier, 1);
      kept.push({ recordSeq: lastSeq, alarm });
      if (kept.length > alarmsKeptMax) kept.shift();
    },
    reader: (station) => {
      const seen = seenBy(station);
      let sentUpTo = seen.upTo;
      let sentAt = monotonicMs(Number.NEGATIVE_INFINITY);
      return {
        due: (now) => {
          const isLate = now - sentAt >= resendAfterMs;
          const from = isLate ? seen.upTo : sentUpTo;
          if (from >= lastSeq) return [];
          // A stream of new ones must not put off what was sent and has not been seen.
          if (isLate || sentUpTo <= seen.upTo) sentAt = now;
          const first = kept.findIndex(({ recordSeq }) => recordSeq > from);
          const due = kept.slice(first, first + alarmsPerSendMax);
          sentUpTo = Math.max(sentUpTo, due.at(-1)?.recordSeq ?? 0);
          return due;
        },
        seen: (upTo) => {
          seen.upTo = Math.min(Math.max(seen.upTo, upTo), lastSeq);
        },
      };
    },
  };
}
