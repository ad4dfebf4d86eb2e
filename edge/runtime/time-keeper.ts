import type { LineConfig } from "../line/config.ts";
import { createFactLog } from "../../protocols/fact-log.ts";
import type { Log } from "../../protocols/log.ts";
import { createTimeWatch, type TimeBreak } from "../../protocols/time-watch.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type EpochMs, type MonotonicMs } from "../../protocols/units.ts";

/** Watches over the time of one agent: at every event of its lines, and when there is none. */
export interface TimeKeeper {
  readonly look: (at: MonotonicMs, wallAt: EpochMs) => void;
  stop(): void;
}

export interface TimeKeeperOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: readonly LineConfig[];
  /** Called before whoever looked goes on. */
  readonly onBreak: (broken: TimeBreak) => void;
}

/** Looks within the time after which a standstill counts, so that a busy moment is none. */
const looksPerStall = 3;

export function createTimeKeeper({ clock, log, lines, onBreak }: TimeKeeperOptions): TimeKeeper {
  const stallMsMax = Math.min(...lines.map(readLateMs));
  const watch = createTimeWatch({ clock, stallMsMax });
  const facts = createFactLog({ log, clock });
  let timer: Timer | null = null;

  const look = (at: MonotonicMs, wallAt: EpochMs): void => {
    const broken = watch.look(at, wallAt);
    if (broken === null) return;
    const { why, byMs } = broken;
    facts.tell({
      subject: "time",
      is: why,
      level: why === "stalled" ? "info" : "warn",
      message: why === "stalled" ? "the program stood still" : "time broke: the belts are in doubt",
      fields: { why, byMs },
    });
    onBreak(broken);
  };

  const lookOn = (): void => {
    const at = clock.monotonic();
    timer = clock.schedule(monotonicMs(at + stallMsMax / looksPerStall), lookOn);
    look(at, clock.wall());
  };
  lookOn();

  return {
    look,
    stop: () => {
      timer?.cancel();
      facts.stop();
    },
  };
}

/** A program that shares its machine stands still for less all the time. */
const stallMsMin = 50;

/** So long may a read come late; what waited for longer in a socket may be another parcel's. */
const readLateMs = ({ tracking, belt }: LineConfig): number =>
  Math.max((tracking.readLateMm / belt.speedMmPerS) * 1_000, stallMsMin);
