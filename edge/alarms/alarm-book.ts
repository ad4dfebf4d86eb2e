import {
  alarmTable,
  isSameParams,
  type ConditionCode,
  type ConditionRow,
} from "../../protocols/alarms.ts";
import type { FactOf } from "../../protocols/facts.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { monotonicMs, type EpochMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * Which alarms stand (ISA-18.2): a reducer over what is told of conditions and over time. A
 * condition is shown once it has held for its delay, and returns to normal once it has been gone
 * for its delay; a shorter change is no news to anybody. No clock: every event comes with its time.
 */
export interface AlarmBook {
  /** By line, code and key; in the order in which they began. */
  readonly conditions: Map<string, HeldCondition>;
}

interface HeldCondition {
  readonly lineId: string;
  readonly teller: Teller;
  view: AlarmView;
  /** When its params were last told. */
  toldAt: MonotonicMs;
  readonly row: ConditionRow;
  /** `pending` is not shown yet, `ending` is still shown. */
  phase: "pending" | "active" | "ending";
  /** When it becomes active, or returns; of no meaning while it is active. */
  dueAt: MonotonicMs;
  /** It is pending and gone: when it will be forgotten if it has not come back. */
  forgottenAt: MonotonicMs | null;
  /** What its line's calendar said when it was told to be gone. */
  goneAt: EpochMs | null;
}

export type ConditionTold = Pick<
  FactOf<"condition">,
  "code" | "key" | "holds" | "passId" | "params"
>;

/** `at` is when it happened on our own clock; `wallAt` is for people. */
interface Stamps {
  readonly lineId: string;
  readonly at: MonotonicMs;
  readonly wallAt: EpochMs;
}

/** A line tells of itself in sessions; the centre tells of a line what it sees for itself. */
type Teller = "line" | "centre";

export type AlarmEvent =
  | (Stamps & {
      readonly kind: "condition";
      readonly teller: Teller;
      readonly condition: ConditionTold;
    })
  /** The line begins anew: what it does not tell again is gone. */
  | (Stamps & { readonly kind: "sessionOpened" })
  | { readonly kind: "timePassed"; readonly at: MonotonicMs };

/** Conditions of one line; an honest one cannot have so many. The oldest gives way. */
export const conditionsPerLineMax = 500;
/** A line that was started anew has told all that holds once its devices have had time to answer. */
export const retellMsMax = 5_000;
/** What the centre sees may change with every look; people are told of it no more often. */
export const changeMsMin = 10_000;

export const newAlarmBook = (): AlarmBook => ({ conditions: new Map() });

/**
 * Applies one event; answers the alarms that became active or returned, or of which something else
 * is true now, as they are now.
 */
export function stepAlarms(book: AlarmBook, event: AlarmEvent): readonly AlarmView[] {
  const changed = settle(book, event.at);
  switch (event.kind) {
    case "condition":
      changed.push(...(event.condition.holds ? begin(book, event) : end(book, event)));
      break;
    case "sessionOpened":
      doubtLine(book, event);
      break;
    case "timePassed":
      break;
  }
  return changed;
}

/**
 * Whether telling this would be no news: it is known to hold, with the same params, or known to be
 * gone. For those who tell again and again what they see.
 */
export function isKnownSo(book: AlarmBook, lineId: string, told: ConditionTold): boolean {
  const known = book.conditions.get(idOf(lineId, told));
  const isHolding = known !== undefined && known.phase !== "ending" && known.forgottenAt === null;
  return isHolding === told.holds && (!isHolding || isSameParams(known.view.params, told.params));
}

type ConditionEvent = Extract<AlarmEvent, { kind: "condition" }>;

const idOf = (lineId: string, { code, key }: { code: ConditionCode; key: string }): string =>
  `${lineId} ${code} ${key}`;

function begin(book: AlarmBook, event: ConditionEvent): readonly AlarmView[] {
  const { lineId, teller, at, wallAt, condition } = event;
  const id = idOf(lineId, condition);
  const known = book.conditions.get(id);
  if (known !== undefined) {
    // It was told again, or came back before anybody had to hear that it was gone.
    if (known.phase === "ending") known.phase = "active";
    known.forgottenAt = null;
    return [...learn(known, event), ...settle(book, at)];
  }
  const { code, passId, params } = condition;
  const row = alarmTable[code];
  const view: AlarmView = {
    id: `${id} ${wallAt}`,
    lineId,
    code,
    passId,
    params,
    at: wallAt,
    state: "active",
    endedAt: null,
  };
  const dueAt = monotonicMs(at + row.onDelayMs);
  const phase = row.onDelayMs === 0 ? "active" : "pending";
  book.conditions.set(id, {
    lineId,
    teller,
    view,
    toldAt: at,
    row,
    phase,
    dueAt,
    forgottenAt: null,
    goneAt: null,
  });
  return [...(phase === "active" ? [view] : []), ...makeRoom(book, event)];
}

/** The same alarm, of which something else is true now: its delays and whoever has seen it stay. */
function learn(
  known: HeldCondition,
  { teller, at, condition }: ConditionEvent,
): readonly AlarmView[] {
  const { params } = condition;
  if (isSameParams(known.view.params, params)) return [];
  const isShown = known.phase !== "pending";
  if (isShown && teller === "centre" && at - known.toldAt < changeMsMin) return [];
  known.view = { ...known.view, params };
  known.toldAt = at;
  return isShown ? [known.view] : [];
}

function end(book: AlarmBook, event: ConditionEvent): readonly AlarmView[] {
  const id = idOf(event.lineId, event.condition);
  const known = book.conditions.get(id);
  if (known === undefined) return [];
  if (known.phase === "active") leave(known, event, known.row.offDelayMs);
  else if (known.phase === "pending") {
    known.forgottenAt ??= monotonicMs(event.at + (known.row.flapMsMax ?? 0));
  }
  return settle(book, event.at);
}

function doubtLine(book: AlarmBook, stamps: Stamps): void {
  for (const [id, held] of book.conditions) {
    if (held.lineId !== stamps.lineId || held.teller !== "line") continue;
    if (held.phase === "pending") book.conditions.delete(id);
    else if (held.phase === "active") {
      leave(held, stamps, Math.max(held.row.offDelayMs, retellMsMax));
    }
  }
}

function leave(held: HeldCondition, { at, wallAt }: Stamps, delayMs: number): void {
  held.phase = "ending";
  held.dueAt = monotonicMs(at + delayMs);
  held.goneAt = wallAt;
}

function settle(book: AlarmBook, at: MonotonicMs): AlarmView[] {
  const changed: AlarmView[] = [];
  for (const [id, held] of book.conditions) {
    if (held.phase === "active") continue;
    if (held.forgottenAt !== null) {
      if (held.forgottenAt <= at) book.conditions.delete(id);
      continue;
    }
    if (held.dueAt > at) continue;
    if (held.phase === "pending") {
      held.phase = "active";
      changed.push(held.view);
    } else {
      book.conditions.delete(id);
      changed.push(returned(held));
    }
  }
  return changed;
}

const returned = ({ view, goneAt }: HeldCondition): AlarmView => ({
  ...view,
  state: "returned",
  endedAt: goneAt ?? view.at,
});

function makeRoom(book: AlarmBook, { lineId, wallAt }: Stamps): readonly AlarmView[] {
  const ofLine = [...book.conditions].filter(([, held]) => held.lineId === lineId);
  const [oldest] = ofLine;
  if (oldest === undefined || ofLine.length <= conditionsPerLineMax) return [];
  const [id, held] = oldest;
  book.conditions.delete(id);
  return held.phase === "pending" ? [] : [returned({ ...held, goneAt: wallAt })];
}
