import { newAlarmBook, stepAlarms, type AlarmEvent } from "../alarms/alarm-book.ts";
import {
  annunciation,
  newAnnunciationBook,
  silenceHorn,
  takeAlarm,
  type HornRule,
  type LineShown,
} from "../alarms/annunciation.ts";
import type { AnnunciatorPort } from "../devices/annunciator/annunciator.ts";
import type { LineState } from "../line/state.ts";
import {
  isSameAnnunciation,
  restingAnnunciation,
  type Annunciation,
} from "../../protocols/annunciator/annunciation.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import { monotonicMs } from "../../protocols/units.ts";

/**
 * Has a line's horn and stack light show what the line itself says: the alarms are reckoned from its
 * own conditions, by the reducer that the centre uses, so that they are shown without the centre too.
 *
 * The line comes first: nothing here is awaited, and a mistake of ours in here ends the light, which
 * then rests, and not the line.
 */
export interface LineAnnunciator {
  /** What the core has told, in order. */
  take(facts: readonly ToldFact[]): void;
  silence(): void;
  stop(): void;
}

export interface LineAnnunciatorOptions {
  readonly lineId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly port: Pick<AnnunciatorPort, "show">;
  readonly horn: HornRule;
  /** The line's own state; null before it has one. */
  readonly state: () => Readonly<LineState> | null;
  readonly sorterId: string;
  readonly isCentreHeard: () => boolean;
}

/** Delays end, and the centre falls silent, without anybody telling. */
const lookEveryMs = 250;

export function createLineAnnunciator(options: LineAnnunciatorOptions): LineAnnunciator {
  const { lineId, clock, horn } = options;
  const alarms = newAlarmBook();
  const book = newAnnunciationBook();
  let noticesTotal = 0;
  let shown: Annunciation | null = null;
  let timer: Timer | null = null;
  let isStopped = false;

  const step = (event: AlarmEvent): void => {
    for (const alarm of stepAlarms(alarms, event)) takeAlarm(book, alarm, { at: event.at, horn });
  };

  const takeFact = (fact: ToldFact): void => {
    const stamps = { lineId, at: clock.monotonic(), wallAt: clock.wall() };
    if (fact.kind === "condition") {
      step({ ...stamps, kind: "condition", teller: "line", condition: fact });
    } else if (fact.kind === "notice") {
      const { code, passId, params } = fact;
      const id = `notice ${noticesTotal++}`;
      const told = { id, lineId, code, passId, params, at: stamps.wallAt, endedAt: null };
      takeAlarm(book, { ...told, state: "notice" }, { at: stamps.at, horn });
    }
  };

  const show = (): void => {
    const state = options.state();
    if (state === null) return;
    const line = lineShown(state, options);
    const next = annunciation(book, line, clock.monotonic());
    if (shown !== null && isSameAnnunciation(next, shown)) return;
    shown = next;
    // What does not get through the driver says again, and its health tells of.
    options.port.show(next);
  };

  const guarded = (act: () => void): void => {
    if (isStopped) return;
    try {
      act();
      show();
    } catch (error) {
      options.log.error("the annunciator rests: our own code has thrown", { lineId, error });
      stop();
      options.port.show(restingAnnunciation);
    }
  };

  const stop = (): void => {
    isStopped = true;
    timer?.cancel();
  };

  const lookOn = (): void => {
    timer = clock.schedule(monotonicMs(clock.monotonic() + lookEveryMs), lookOn);
    guarded(() => step({ kind: "timePassed", at: clock.monotonic() }));
  };
  lookOn();

  return {
    take: (facts) => {
      if (facts.length > 0) guarded(() => facts.forEach(takeFact));
    },
    silence: () => guarded(() => silenceHorn(book)),
    stop,
  };
}

const lineShown = (
  { belt, devices, machine }: Readonly<LineState>,
  { sorterId, isCentreHeard }: LineAnnunciatorOptions,
): LineShown => ({
  isBeltKnown: belt.epoch !== null && devices.get(sorterId) === "receiving",
  isBeltRunning: belt.isRunning,
  isInductionPermitted: machine.isInductionPermitted,
  isCentreHeard: isCentreHeard(),
});
