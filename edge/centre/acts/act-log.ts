import { system, type Actor } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { parseEntry, type JournalEntry } from "../../journal/entries.ts";
import { allRecords, type AppendOutcome, type Journal } from "../../journal/journal.ts";
import type { RowAppend, RowJournal } from "../../journal/kept-rows.ts";
import { actCharsMax, charsAtMost, createActJoiner, cutAct, frameCharsMax } from "./act-pieces.ts";
import { zCentreAct, type CentreAct } from "./acts.ts";

/**
 * The centre's own acts in its journal, in the order in which they change what the centre holds
 * (law 17). What the disk did not take stays owed and is written before anything that came after
 * it: the journal never lacks an act in its middle, and "durable" speaks of an act and of
 * everything before it.
 */
export interface ActLog {
  /**
   * An act that has had its effect already. `then` hears true once it, and everything before it,
   * is durable, and false when the disk fails first; it stays owed in that case.
   */
  write(act: CentreAct, actor: Actor, then?: Told): void;
  /**
   * An act whose effect comes after: what the disk fails is dropped, and `then` hears false. Should it
   * be in the journal all the same, as a disk that fails behind its write leaves it, `then` hears true
   * later: a restart would bring it back, so it has its effect now.
   */
  offer(act: CentreAct, actor: Actor, then: Told): void;
  /**
   * Rows, and the acts that have changed them, for those who keep what they know beside the journal.
   * What the disk fails is dropped, with everything of the kind that waits behind it, because rows are
   * made on top of rows. Otherwise as `RowJournal.appendRows`, in the order of all other acts.
   */
  appendRows(append: RowAppend, onOutcome: (outcome: AppendOutcome) => void): void;
  /** The entries of an act, for `appendRows`. */
  entriesOf(act: CentreAct, actor: Actor): readonly JournalEntry[];
  /** The same without an act: everything written before is durable. */
  settle(then: Told): void;
  /** The same, for those who want to know what has failed. */
  barrier(onOutcome: (outcome: AppendOutcome) => void): void;
  /**
   * Once everything written before is durable: the number of its last record. Null where that cannot
   * be told, and while an act waits whose effect comes after it.
   */
  mark(then: (seq: number | null) => void): void;
  /** Everything written so far is durable. */
  isAllKept(): boolean;
  /** Called once when everything written before is durable, however long the disk fails until then. */
  whenKept(then: () => void): void;
  /**
   * False while the disk fails or too much waits for it. Whoever can ask again is refused before
   * anything is done, so that what is owed stays little.
   */
  isTaking(): boolean;
  /** Several times a second: what is owed is tried again. */
  tick(): void;
  /** An act that can never be written, which is a bug of ours; a restart goes back behind it. */
  brokenWhy(): string | null;
  counters(): Readonly<Record<"actsTotal" | "failedTotal" | "owed", number>>;
}

/** Never called from inside. */
type Told = (isDurable: boolean) => void;

/** What the centre does by itself. */
export const centreItself: Actor = system("centre", "centre");

/** One act, or none for those who only wait, and who hears of it. */
interface Waiting {
  readonly entries: readonly JournalEntry[];
  readonly charsMax: number;
  readonly rows: Pick<RowAppend, "rows" | "appliedSeq"> | null;
  readonly onOutcome: ((outcome: AppendOutcome) => void) | null;
  readonly marks: ((seq: number | null) => void)[];
  /** Its effect stands, so it is written again after a failure. */
  readonly isOwed: boolean;
  /** Hears of an act that was offered, whatever it has heard before. */
  readonly offered: Told | null;
  readonly told: Told[];
  readonly kept: (() => void)[];
}

/** More acts than this wait for no disk that works. */
export const waitingMax = 10_000;
/** More characters than this are not handed to the journal at once, but for a single act. */
const charsPerAppendMax = actCharsMax;

/** Calls back when all that happens now has happened, so that it shares a commit. */
export type Soon = (work: () => void) => void;

type ActJournal = Pick<RowJournal, "append" | "appendRows">;

/** Hears of each act that will stand in the journal: one that was offered when it does. */
type OnTaken = (act: CentreAct, actor: Actor, wallAt: EpochMs) => void;

interface ActLogOptions {
  /** Default: at once, as virtual time has no turns. */
  readonly soon?: Soon;
  /** Default: nobody. */
  readonly onTaken?: OnTaken;
}

export const createActLog = (
  journal: ActJournal,
  clock: Pick<Clock, "wall">,
  { soon = (work) => work(), onTaken = () => {} }: ActLogOptions = {},
): ActLog => new Log(journal, clock, { soon, onTaken });

class Log implements ActLog {
  readonly #journal: ActJournal;
  readonly #clock: Pick<Clock, "wall">;
  readonly #soon: Soon;
  readonly #onTaken: OnTaken;
  /** Of each entry that was asked for, as many characters as it may take. */
  readonly #charsMax = new WeakMap<JournalEntry, number>();
  #waiting: Waiting[] = [];
  /** With the journal now. */
  #underWay: readonly Waiting[] = [];
  #isBusy = false;
  /** Where the journal ends; null while a failed append may have gone in or not. */
  #endSeq: number | null = null;
  /** The append that failed: where it would have begun, and what it held. */
  #doubtful: { readonly afterSeq: number; readonly batch: readonly Waiting[] } | null = null;
  #isFailing = false;
  /** One at a time, to find the one that is refused. */
  #singleLeft = 0;
  #brokenWhy: string | null = null;
  #actsTotal = 0;
  #failedTotal = 0;

  constructor(
    journal: ActJournal,
    clock: Pick<Clock, "wall">,
    { soon, onTaken }: Required<ActLogOptions>,
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#soon = soon;
    this.#onTaken = onTaken;
  }

  write(act: CentreAct, actor: Actor, then?: Told): void {
    const told = then === undefined ? [] : [then];
    this.#onTaken(act, actor, this.#clock.wall());
    this.#take(act, actor, { isOwed: true, offered: null, told });
  }

  offer(act: CentreAct, actor: Actor, then: Told): void {
    const wallAt = this.#clock.wall();
    const offered: Told = (isDurable) => {
      if (isDurable) this.#onTaken(act, actor, wallAt);
      then(isDurable);
    };
    this.#take(act, actor, { isOwed: false, offered, told: [] });
  }

  appendRows({ entries, ...rows }: RowAppend, onOutcome: (outcome: AppendOutcome) => void): void {
    if (entries.length > 0) this.#actsTotal += 1;
    const charsMax = this.#charsOf(entries) + charsOfRows(rows.rows);
    this.#waiting.push({ ...nobody(), entries, charsMax, rows, onOutcome });
    this.#pump();
  }

  entriesOf(act: CentreAct, actor: Actor): readonly JournalEntry[] {
    const wallAt = this.#clock.wall();
    const rulesVersion = act.kind === "desk" ? (act.judged?.rules ?? null) : null;
    const pieces = cutAct(act);
    const charsMax = charsAtMost(act) / pieces.length;
    return pieces.map((part) => {
      const entry: JournalEntry = { kind: "act", wallAt, actor, rulesVersion, act: part };
      this.#charsMax.set(entry, charsMax);
      return entry;
    });
  }

  settle(then: Told): void {
    this.#last().told.push(then);
    this.#pump();
  }

  barrier(onOutcome: (outcome: AppendOutcome) => void): void {
    this.#waiting.push({ ...nobody(), onOutcome });
    this.#pump();
  }

  mark(then: (seq: number | null) => void): void {
    const all = [...this.#underWay, ...this.#waiting, ...(this.#doubtful?.batch ?? [])];
    // Nobody knows yet what follows from it.
    if (all.some(({ offered }) => offered !== null)) return then(null);
    this.#last().marks.push(then);
    this.#pump();
  }

  whenKept(then: () => void): void {
    this.#last().kept.push(then);
    this.#pump();
  }

  isAllKept(): boolean {
    return this.#waiting.length + this.#underWay.length === 0 && this.#doubtful === null;
  }

  isTaking(): boolean {
    return !this.#isFailing && this.#brokenWhy === null && this.#waiting.length < waitingMax;
  }

  tick(): void {
    this.#pump();
  }

  brokenWhy(): string | null {
    return this.#brokenWhy;
  }

  counters(): Readonly<Record<"actsTotal" | "failedTotal" | "owed", number>> {
    return {
      actsTotal: this.#actsTotal,
      failedTotal: this.#failedTotal,
      owed: this.#waiting.length + (this.#doubtful?.batch.length ?? 0),
    };
  }

  #take(act: CentreAct, actor: Actor, who: Pick<Waiting, "isOwed" | "offered" | "told">): void {
    this.#actsTotal += 1;
    const entries = this.entriesOf(act, actor);
    this.#waiting.push({ ...nobody(), ...who, entries, charsMax: this.#charsOf(entries) });
    this.#pump();
  }

  #charsOf(entries: readonly JournalEntry[]): number {
    return entries.reduce((sum, each) => sum + (this.#charsMax.get(each) ?? frameCharsMax), 0);
  }

  /** Whoever waits for what was written so far waits with the last of it. */
  #last(): Waiting {
    const last = this.#waiting.at(-1) ?? this.#underWay.at(-1);
    if (last !== undefined) return last;
    const nothing = nobody();
    this.#waiting.push(nothing);
    return nothing;
  }

  #pump(): void {
    if (this.#isBusy || (this.#waiting.length === 0 && !this.#isFailing)) return;
    this.#isBusy = true;
    this.#soon(() => this.#send());
  }

  #send(): void {
    if (this.#endSeq === null) return this.#lookForEnd();
    const batch = this.#nextBatch();
    const afterSeq = this.#endSeq;
    this.#underWay = batch;
    const entries = batch.flatMap((each) => each.entries);
    const onOutcome = (outcome: AppendOutcome): void => this.#appended(batch, afterSeq, outcome);
    const withRows = batch.flatMap(({ rows }) => rows ?? []);
    const [first] = withRows;
    if (first === undefined) return this.#journal.append(entries, onOutcome);
    const rows = withRows.flatMap((each) => each.rows);
    const appliedSeq = withRows.at(-1)?.appliedSeq ?? null;
    const refusal = this.#journal.appendRows({ entries, rows, appliedSeq }, onOutcome);
    if (refusal !== null) this.#soon(() => onOutcome({ kind: "failed", ...refusal }));
  }

  #nextBatch(): readonly Waiting[] {
    let chars = 0;
    let count = 0;
    const isOfEarlier = ({ rows }: Waiting): boolean => (rows?.appliedSeq ?? null) !== null;
    const [first] = this.#waiting;
    for (const each of this.#waiting) {
      chars += each.charsMax;
      const isFull = chars > charsPerAppendMax || (this.#singleLeft > 0 && count > 0);
      // Rows of records that are there already are written by themselves.
      const isOther = first !== undefined && isOfEarlier(first) !== isOfEarlier(each);
      if (count > 0 && (isFull || isOther)) break;
      count += 1;
    }
    this.#singleLeft = Math.max(0, this.#singleLeft - 1);
    return this.#waiting.splice(0, count);
  }

  /** A journal answers for no entries where it ends. */
  #lookForEnd(): void {
    this.#journal.append([], (outcome) => {
      this.#isBusy = false;
      if (outcome.kind === "failed") return this.#fail(outcome);
      const { lastSeq } = outcome;
      this.#endSeq = lastSeq;
      this.#isFailing = false;
      this.#settleDoubt(lastSeq);
      this.#pump();
    });
  }

  /** An append that was said to have failed may be in the journal all the same, whole. */
  #settleDoubt(endSeq: number): void {
    const doubtful = this.#doubtful;
    this.#doubtful = null;
    if (doubtful === null) return;
    const { afterSeq, batch } = doubtful;
    if (endSeq === afterSeq + entriesOf(batch)) {
      for (const { offered } of batch) offered?.(true);
      tellKept(batch, afterSeq);
    } else this.#waiting.unshift(...batch.filter(isStillWanted).map(withoutRows));
  }

  #appended(batch: readonly Waiting[], afterSeq: number, outcome: AppendOutcome): void {
    this.#isBusy = false;
    this.#underWay = [];
    if (outcome.kind === "durable") {
      this.#endSeq = outcome.lastSeq;
      tellDurable(batch, afterSeq);
      return this.#pump();
    }
    if (outcome.code === "entryRefused") return this.#refuse(batch, outcome);
    this.#doubtful = { afterSeq, batch };
    this.#endSeq = null;
    tellFailed(batch, outcome);
    this.#fail(outcome);
  }

  #fail(failure: AppendFailure): void {
    this.#failedTotal += 1;
    this.#isFailing = true;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(isStillWanted).map(withoutRows);
    tellFailed(waiting, failure);
  }

  #refuse(batch: readonly Waiting[], refusal: AppendFailure): void {
    if (batch.length > 1) {
      this.#waiting.unshift(...batch);
      this.#singleLeft = batch.length;
      return this.#pump();
    }
    this.#failedTotal += 1;
    if (batch.some(({ isOwed }) => isOwed)) this.#brokenWhy ??= refusal.why;
    // Rows that wait were made on top of those that are refused.
    const behind = this.#waiting.filter(({ onOutcome }) => onOutcome !== null);
    const isRows = batch.some(({ onOutcome }) => onOutcome !== null);
    if (isRows) this.#waiting = this.#waiting.filter(({ onOutcome }) => onOutcome === null);
    tellFailed(batch, refusal);
    if (isRows) tellFailed(behind, refusal);
    this.#pump();
  }
}

type AppendFailure = Extract<AppendOutcome, { kind: "failed" }>;

const nobody = (): Waiting => ({
  entries: [],
  charsMax: 0,
  rows: null,
  onOutcome: null,
  isOwed: false,
  offered: null,
  told: [],
  kept: [],
  marks: [],
});

const charsOfRows = (rows: RowAppend["rows"]): number =>
  rows.reduce((chars, { key, text }) => chars + key.length + (text?.length ?? 0), 0);

/** Whoever waits behind what the disk failed, and is not told that, waits on without it. */
const withoutRows = (waiting: Waiting): Waiting => {
  const { told, kept, marks } = waiting;
  return waiting.onOutcome === null ? waiting : { ...nobody(), told, kept, marks };
};

const entriesOf = (batch: readonly Waiting[]): number =>
  batch.reduce((total, { entries }) => total + entries.length, 0);

const isStillWanted = ({ isOwed, kept }: Waiting): boolean => isOwed || kept.length > 0;

function tellDurable(batch: readonly Waiting[], afterSeq: number): void {
  let seq = afterSeq;
  for (const { entries, onOutcome, offered, told } of batch) {
    const firstSeq = seq + 1;
    seq += entries.length;
    onOutcome?.({ kind: "durable", firstSeq, lastSeq: seq });
    offered?.(true);
    for (const then of told.splice(0)) then(true);
  }
  tellKept(batch, afterSeq);
}

function tellFailed(batch: readonly Waiting[], failure: AppendFailure): void {
  for (const { onOutcome, offered, told, marks, isOwed } of batch) {
    onOutcome?.(failure);
    offered?.(false);
    for (const then of told.splice(0)) then(false);
    if (isOwed) continue;
    for (const then of marks.splice(0)) then(null);
  }
}

function tellKept(batch: readonly Waiting[], afterSeq: number): void {
  let seq = afterSeq;
  for (const { entries, kept, marks } of batch) {
    seq += entries.length;
    for (const then of kept.splice(0)) then();
    for (const then of marks.splice(0)) then(seq);
  }
}

/** An act whose effect comes after. */
export interface OfferedAct {
  readonly act: CentreAct;
  readonly actor: Actor;
  /** It was said not to be durable, and is: it has its effect now. */
  readonly onFound?: () => void;
}

/** For callers that answer people: whether it is durable, as far as can be told now. */
export const writeDurably = (
  log: Pick<ActLog, "offer">,
  { act, actor, onFound = () => {} }: OfferedAct,
): Promise<boolean> =>
  new Promise((resolve) => {
    let isTold = false;
    log.offer(act, actor, (isDurable) => {
      if (isTold && isDurable) onFound();
      isTold = true;
      resolve(isDurable);
    });
  });

export const settled = (log: ActLog): Promise<boolean> =>
  new Promise((resolve) => log.settle(resolve));

export type ToldAct =
  /** `actor` is null where it was written before roles were known. */
  | {
      readonly kind: "act";
      /** Of its last record. */
      readonly seq: number;
      readonly act: CentreAct;
      readonly actor: Actor | null;
      readonly wallAt: EpochMs;
    }
  | { readonly kind: "unreadable"; readonly seq: number; readonly why: string };

/**
 * Every act of earlier runs behind a record, in order. Other entries in the same journal are not the
 * centre's.
 */
export async function* tellActs(
  journal: Pick<Journal, "readAfter">,
  afterSeq = 0,
): AsyncGenerator<ToldAct, void> {
  const joiner = createActJoiner();
  for await (const { seq, body } of allRecords(journal, afterSeq)) {
    const parsed = parseEntry(body);
    if (parsed.kind === "unreadable") yield { kind: "unreadable", seq, why: parsed.why };
    if (parsed.kind === "unreadable" || parsed.entry.kind !== "act") continue;
    const { entry } = parsed;
    const joined = joiner.take(entry.act);
    if (joined.kind === "broken") yield { kind: "unreadable", seq, why: joined.why };
    if (joined.kind !== "act") continue;
    const act = zCentreAct.safeParse(joined.content);
    const actor = "actor" in entry ? entry.actor : null;
    if (act.success) yield { kind: "act", seq, act: act.data, actor, wallAt: entry.wallAt };
    else yield { kind: "unreadable", seq, why: String(act.error.issues[0]?.message) };
  }
}
