/**
 * The one table of alarms: what a person has to know of, and do something about (ISA-18.2). The
 * words for people are in `protocols/words`, keyed by the same code: what it means, what follows
 * from it, what to do. A row without words in both languages does not compile.
 */

/** 1: danger, act now. 2: a fault that holds the line or its parcels up. 3: worth knowing. */
export type AlarmPriority = 1 | 2 | 3;

/** What a condition is of: together with line and code it tells one from another. */
type Keyed = "line" | "session" | "device" | "exit" | "eye" | "guard" | "pass" | "chain" | "store";

type ParamType = "text" | "number";

export interface ConditionRow {
  readonly shape: "condition";
  readonly priority: AlarmPriority;
  readonly keyedBy: Keyed;
  readonly params: Readonly<Record<string, ParamType>>;
  /** It is shown once it has held for so long, and is over once it has been gone for so long. */
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  /**
   * One that comes back within so long, before it is shown, has held all along: it is shown although
   * it never holds for its whole delay. Default 0; what comes and goes with each parcel has none.
   */
  readonly flapMsMax?: number;
}

/** Something that happened, and of which nobody can see when it is over. */
interface NoticeRow {
  readonly shape: "notice";
  readonly priority: AlarmPriority;
  readonly params: Readonly<Record<string, ParamType>>;
}

/** What stands for as long as it stands, and no moment of it may be missed. */
const atOnce = { onDelayMs: 0, offDelayMs: 0 } as const;
/** Links come and go within a reconnection; chutes within a parcel that lies before an eye. */
const linkDelays = { onDelayMs: 2_000, offDelayMs: 2_000 } as const;
/** A belt that a person stops for a moment is no news. */
const standingDelays = { onDelayMs: 30_000, offDelayMs: 0 } as const;
const chuteDelays = { onDelayMs: 3_000, offDelayMs: 5_000 } as const;

/**
 * Over when the belt has left a place behind. A belt that went on while nobody reckoned it is told in
 * one jump, and ends what has only begun before anybody could see it.
 */
const beltDelays = { onDelayMs: 0, offDelayMs: 5_000 } as const;

const condition = { shape: "condition" } as const;
const notice = { shape: "notice" } as const;

export const alarmTable = {
  // Danger.
  emergencyStop: { ...condition, priority: 1, keyedBy: "line", params: {}, ...atOnce },
  unexpectedInGreen: {
    ...condition,
    priority: 1,
    keyedBy: "pass",
    params: { exit: "text" },
    ...atOnce,
  },
  /** Its record forbids release, and its line has not confirmed that and may hold a lease. */
  doubtUnconfirmed: {
    ...condition,
    priority: 1,
    keyedBy: "pass",
    params: { waybill: "text" },
    // It is told once the line has had its moment to confirm.
    ...atOnce,
  },
  readsShifted: {
    ...condition,
    priority: 1,
    keyedBy: "line",
    params: { greens: "number" },
    ...atOnce,
  },
  guardOpen: {
    ...condition,
    priority: 2,
    keyedBy: "guard",
    params: { guardId: "text" },
    ...atOnce,
  },
  /** It may be open: messages were missed, and the sorter has not told of it since. */
  guardUnheard: {
    ...condition,
    priority: 2,
    keyedBy: "guard",
    params: { guardId: "text" },
    // A session that begins well has told of its guards by then.
    onDelayMs: 3_000,
    offDelayMs: 0,
  },
  // Machines.
  sorterDown: {
    ...condition,
    priority: 1,
    keyedBy: "device",
    params: { deviceId: "text" },
    ...linkDelays,
  },
  xrayDown: {
    ...condition,
    priority: 1,
    keyedBy: "device",
    params: { deviceId: "text" },
    ...linkDelays,
  },
  xrayNotReady: {
    ...condition,
    priority: 1,
    keyedBy: "device",
    params: { deviceId: "text" },
    ...linkDelays,
  },
  deviceDown: {
    ...condition,
    priority: 2,
    keyedBy: "device",
    params: { deviceId: "text" },
    ...linkDelays,
  },
  /** Horn and stack light do not answer, or do not show what they are told. */
  annunciatorDown: {
    ...condition,
    priority: 3,
    keyedBy: "device",
    params: { deviceId: "text" },
    ...linkDelays,
  },
  /** A camera does not answer: of what is at its place there are no stills. */
  cameraDown: {
    ...condition,
    priority: 3,
    keyedBy: "device",
    params: { deviceId: "text" },
    ...linkDelays,
  },
  linkUnsteady: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: { cuts: "number" },
    ...atOnce,
  },
  imagesGivenUp: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: { bytes: "number" },
    ...atOnce,
  },
  lineNotHeard: { ...condition, priority: 1, keyedBy: "line", params: {}, ...linkDelays },
  /** Its last word; over once it has begun anew, which one that fails at once does every time. */
  controllerLeft: {
    ...condition,
    priority: 1,
    keyedBy: "line",
    params: { why: "text" },
    onDelayMs: 0,
    offDelayMs: 5_000,
  },
  // Room for records and images: `of` is the program whose disk or file it is.
  diskLow: {
    ...condition,
    priority: 3,
    keyedBy: "store",
    params: { of: "text", freeMb: "number" },
    ...atOnce,
  },
  diskFull: {
    ...condition,
    priority: 2,
    keyedBy: "store",
    params: { of: "text", freeMb: "number" },
    ...atOnce,
  },
  imagesNotKept: {
    ...condition,
    priority: 2,
    keyedBy: "store",
    params: { of: "text", total: "number" },
    ...atOnce,
  },
  journalLogHeld: {
    ...condition,
    priority: 3,
    keyedBy: "store",
    params: { of: "text", logMb: "number" },
    ...atOnce,
  },
  /** What is kept beside the journals: `store` says which, as `SideStore`. */
  storeNotWritten: {
    ...condition,
    priority: 3,
    keyedBy: "store",
    params: { of: "text", store: "text", why: "text" },
    ...atOnce,
  },
  // Room for parcels.
  jam: { ...condition, priority: 2, keyedBy: "eye", params: { eyeId: "text" }, ...atOnce },
  inspectionNotReady: {
    ...condition,
    priority: 2,
    keyedBy: "exit",
    params: { exit: "text" },
    ...chuteDelays,
  },
  chuteNotReady: {
    ...condition,
    priority: 3,
    keyedBy: "exit",
    params: { exit: "text" },
    ...chuteDelays,
  },
  beltFull: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: {},
    onDelayMs: 0,
    offDelayMs: 5_000,
  },
  // What time it is.
  timeBreak: { ...condition, priority: 2, keyedBy: "line", params: { why: "text" }, ...beltDelays },
  calendarUnproved: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: { why: "text", byS: "number" },
    ...atOnce,
  },
  // What customs and senders say.
  documentsFull: { ...condition, priority: 2, keyedBy: "line", params: {}, ...atOnce },
  documentsDamaged: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: { why: "text", total: "number" },
    ...atOnce,
  },
  messageUnread: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: { bytes: "number" },
    ...atOnce,
  },
  /** Nothing that the line knows of holds it: a person may have stopped it, or a start was lost. */
  beltStands: { ...condition, priority: 3, keyedBy: "line", params: {}, ...standingDelays },
  // Which parcel is which.
  beltUnknown: { ...condition, priority: 3, keyedBy: "session", params: {}, ...beltDelays },
  eventsLost: {
    ...condition,
    priority: 2,
    keyedBy: "line",
    params: { missed: "number" },
    ...beltDelays,
  },
  readerOutOfStep: {
    ...condition,
    priority: 2,
    keyedBy: "device",
    params: { why: "text" },
    // A session that begins well has tested its readers by then. One that owes again each time it
    // has paid is out of step, however quickly it pays.
    onDelayMs: 3_000,
    offDelayMs: 5_000,
    flapMsMax: 5_000,
  },
  /** Of a reader that owes nothing: its last read was not the one of the parcel before it. */
  readUnbound: {
    ...condition,
    priority: 2,
    keyedBy: "device",
    params: { why: "text" },
    ...atOnce,
  },
  tunnelUnknown: {
    ...condition,
    priority: 2,
    keyedBy: "device",
    params: { why: "text" },
    ...atOnce,
  },
  trackingLost: {
    ...notice,
    priority: 2,
    params: { lastSeenMm: "number", atMm: "number" },
  },
  trackingExtra: { ...notice, priority: 3, params: { eyeId: "text" } },
  eyeBlockedTwice: { ...notice, priority: 3, params: { eyeId: "text" } },
  unknownEye: { ...notice, priority: 3, params: { eyeId: "text" } },
  strayWeight: { ...notice, priority: 3, params: { weightG: "number" } },
  weighedLengthDiffers: {
    ...notice,
    priority: 3,
    params: { weightG: "number", lengthMm: "number", seenMm: "number" },
  },
  // Where a parcel went.
  missort: { ...notice, priority: 2, params: { exit: "text" } },
  divertMissed: { ...notice, priority: 2, params: { exit: "text" } },
  divertNotConfirmed: { ...notice, priority: 2, params: { exit: "text" } },
  divertRefused: { ...notice, priority: 2, params: { why: "text" } },
  commitMissed: { ...notice, priority: 2, params: { why: "text" } },
  // Records of the centre's own: a backup was put back, or a disk has lied.
  recordsOlder: {
    ...condition,
    priority: 2,
    keyedBy: "store",
    params: { agents: "text" },
    ...atOnce,
  },
  recordsLost: {
    ...condition,
    priority: 2,
    keyedBy: "store",
    params: { records: "number" },
    ...atOnce,
  },
  // Records: the centre does not take a journal, and grants its agent no claim and no lease.
  journalFork: {
    ...condition,
    priority: 2,
    keyedBy: "chain",
    params: { chain: "text", why: "text" },
    ...atOnce,
  },
  journalShortened: {
    ...condition,
    priority: 2,
    keyedBy: "chain",
    params: { chain: "text", why: "text" },
    ...atOnce,
  },
  journalForeign: {
    ...condition,
    priority: 2,
    keyedBy: "chain",
    params: { chain: "text", why: "text" },
    ...atOnce,
  },
  journalLate: {
    ...condition,
    priority: 2,
    keyedBy: "chain",
    params: { chain: "text", why: "text" },
    ...atOnce,
  },
  journalClosed: {
    ...condition,
    priority: 2,
    keyedBy: "chain",
    params: { chain: "text", why: "text" },
    ...atOnce,
  },
} as const satisfies Readonly<Record<string, ConditionRow | NoticeRow>>;

type Table = typeof alarmTable;
export type AlarmCode = keyof Table;
type CodeOfShape<Shape> = {
  [Code in AlarmCode]: Table[Code]["shape"] extends Shape ? Code : never;
}[AlarmCode];
export type ConditionCode = CodeOfShape<"condition">;
export type NoticeCode = CodeOfShape<"notice">;

type ValueOf<Type> = Type extends "number" ? number : string;

/** What is told along with an alarm, for its words: exactly what its row names. */
export type AlarmParams<Code extends AlarmCode> = [keyof Table[Code]["params"]] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Name in keyof Table[Code]["params"]]: ValueOf<Table[Code]["params"][Name]> };

/** Something that holds. `passId` is the parcel's pass that it began with, where it is of one. */
export type Condition = {
  [Code in ConditionCode]: {
    readonly code: Code;
    /** Which one of the line's: an id of what the table's row says, or `ofLine`. */
    readonly key: string;
    readonly passId: string | null;
    readonly params: AlarmParams<Code>;
  };
}[ConditionCode];

type Params = Readonly<Record<string, string | number>>;

/** Whether two tellings of one condition say the same of it. */
export function isSameParams(one: Params, other: Params): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

export type Notice = {
  [Code in NoticeCode]: {
    readonly code: Code;
    readonly passId: string | null;
    readonly params: AlarmParams<Code>;
  };
}[NoticeCode];

/** The key of a condition of which a line can have but one. */
export const ofLine = "line";

export const isAlarmCode = (code: string): code is AlarmCode => Object.hasOwn(alarmTable, code);

export const alarmCodes: readonly AlarmCode[] = Object.keys(alarmTable).filter(isAlarmCode);

const isCondition = (code: AlarmCode): code is ConditionCode =>
  alarmTable[code].shape === "condition";
export const conditionCodes: readonly ConditionCode[] = alarmCodes.filter(isCondition);
export const noticeCodes: readonly NoticeCode[] = alarmCodes.filter(
  (code): code is NoticeCode => !isCondition(code),
);

/** An alarm of another build, without a row here, is one we do not understand: no mere notice. */
export const alarmPriority = (code: string): AlarmPriority =>
  isAlarmCode(code) ? alarmTable[code].priority : 2;
