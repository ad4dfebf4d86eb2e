import { alarmPriority, type AlarmPriority, type ConditionCode } from "../../protocols/alarms.ts";
import {
  darkAnnunciation,
  type Annunciation,
  type LampColour,
  type LampState,
} from "../../protocols/annunciator/annunciation.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * What horn and stack light of a line show, by its alarms and by how it stands. No clock: every call
 * comes with its time.
 */
export interface AnnunciationBook {
  /** Of what holds, by its id. */
  readonly standing: Map<string, AlarmView>;
  /** What the horn sounds for, by its id, and until when. */
  readonly sounding: Map<string, MonotonicMs>;
}

export interface LineShown {
  /** The sorter has told of the belt, and is heard. */
  readonly isBeltKnown: boolean;
  readonly isBeltRunning: boolean;
  /** Parcels may be put on the belt. */
  readonly isInductionPermitted: boolean;
  readonly isCentreHeard: boolean;
}

export interface HornRule {
  readonly upToPriority: AlarmPriority;
  readonly forMsMax: number;
}

export const newAnnunciationBook = (): AnnunciationBook => ({
  standing: new Map(),
  sounding: new Map(),
});

/**
 * An alarm has begun, is over, or was told anew; or a notice came, which nobody sees the end of. What
 * is told anew was heard before. Writes into `book`.
 */
export function takeAlarm(
  book: AnnunciationBook,
  alarm: AlarmView,
  { at, horn }: { readonly at: MonotonicMs; readonly horn: HornRule },
): void {
  const { id, code, state } = alarm;
  if (state === "returned") {
    book.standing.delete(id);
    book.sounding.delete(id);
    return;
  }
  const isNew = state === "notice" || !book.standing.has(id);
  if (state === "active") book.standing.set(id, alarm);
  if (!isNew || alarmPriority(code) > horn.upToPriority) return;
  book.sounding.set(id, monotonicMs(at + horn.forMsMax));
}

/** A person has silenced the horn. What stands stands, and what begins next sounds again. */
export const silenceHorn = (book: AnnunciationBook): void => book.sounding.clear();

/**
 * One of red, amber and green tells the worst that is so; blue and white tell of something else beside
 * it, and burn with any of them.
 */
export function annunciation(
  book: AnnunciationBook,
  line: LineShown,
  at: MonotonicMs,
): Annunciation {
  for (const [id, until] of book.sounding) if (until <= at) book.sounding.delete(id);
  const alarms = [...book.standing.values()];
  const worst = stateOf(alarms, line);
  return {
    ...darkAnnunciation,
    ...(worst === null ? {} : { [worst.colour]: worst.state }),
    horn: book.sounding.size > 0,
    blue: alarms.some(({ code }) => asksForHands.has(code)) ? "steady" : "off",
    white: !line.isCentreHeard || alarms.some(({ code }) => isUnheard.has(code)) ? "steady" : "off",
  };
}

interface Worst {
  readonly colour: Extract<LampColour, "red" | "amber" | "green">;
  readonly state: LampState;
}

function stateOf(alarms: readonly AlarmView[], line: LineShown): Worst | null {
  const has = (priority: AlarmPriority): boolean =>
    alarms.some(({ code }) => alarmPriority(code) === priority);
  if (has(1)) return { colour: "red", state: "flashing" };
  if (!line.isBeltKnown) return { colour: "amber", state: "flashing" };
  if (!line.isBeltRunning) return { colour: "red", state: "steady" };
  if (has(2)) return { colour: "amber", state: "flashing" };
  if (has(3) || !line.isInductionPermitted) return { colour: "amber", state: "steady" };
  return { colour: "green", state: "steady" };
}

/** Nothing ends these but a person who goes to the belt. */
const asksForHands: ReadonlySet<string> = new Set<ConditionCode>([
  "emergencyStop",
  "unexpectedInGreen",
  "readsShifted",
  "guardOpen",
  "jam",
  "inspectionNotReady",
  "chuteNotReady",
  "readerOutOfStep",
  "tunnelUnknown",
]);

/** Somebody is not heard. */
const isUnheard: ReadonlySet<string> = new Set<ConditionCode>([
  "sorterDown",
  "xrayDown",
  "deviceDown",
  "linkUnsteady",
]);
