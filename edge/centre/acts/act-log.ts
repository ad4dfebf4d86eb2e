import { system, type Actor } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { parseEntry, type ActEntry } from "../../journal/entries.ts";
import { allRecords, type AppendOutcome, type Journal } from "../../journal/journal.ts";
import { actCharsMax, charsAtMost, createActJoiner, cutAct } from "./act-pieces.ts";
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
  /** The same without an act: everything written before is durable. */
  settle(then: Told): void;
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
  readonly entries: readonly ActEntry[];
  readonly charsMax: number;
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

export const createActLog = (
  journal: Pick<Journal, "append">,
  clock: Pick<Clock, "wall">,
  soon: Soon = (work) => work(),
): ActLog => new Log(journal, clock, soon);

class Log implements ActLog {
  readonly #journal: Pick<Journal, "append">;
  readonly #clock: Pick<Clock, "wall">;
  readonly #soon: Soon;
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

  constructor(journal: Pick<Journal, "append">, clock: Pick<Clock, "wall">, soon: Soon) {
    this.#journal = journal;
    this.#clock = clock;
    this.#soon = soon;
  }

  write(act: CentreAct, actor: Actor, then?: Told): void {
    const told = then === undefined ? [] : [then];
    this.#take(act, actor, { isOwed: true, offered: null, told });
  }

  offer(act: CentreAct, actor: Actor, then: Told): void {
    this.#take(act, actor, { isOwed: false, offered: then, told: [] });
  }

  settle(then: Told): void {
    this.#last().told.push(then);
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
    const wallAt = this.#clock.wall();
    const rulesVersion = act.kind === "desk" ? (act.judged?.rules ?? null) : null;
    const entries = cutAct(act).map((part): ActEntry => ({
      kind: "act",
      wallAt,
      actor,
      rulesVersion,
      act: part,
    }));
    this.#waiting.push({ ...who, entries, charsMax: charsAtMost(act), kept: [] });
    this.#pump();
  }

  /** Whoever waits for what was written so far waits with the last of it. */
  #last(): Waiting {
    const last = this.#waiting.at(-1) ?? this.#underWay.at(-1);
    if (last !== undefined) return last;
    const nobody = { isOwed: false, offered: null, told: [], kept: [] };
    const nothing: Waiting = { ...nobody, entries: [], charsMax: 0 };
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
    this.#journal.append(
      batch.flatMap(({ entries }) => entries),
      (outcome) => this.#appended(batch, afterSeq, outcome),
    );
  }

  #nextBatch(): readonly Waiting[] {
    let chars = 0;
    let count = 0;
    for (const { charsMax } of this.#waiting) {
      chars += charsMax;
      const isFull = chars > charsPerAppendMax || (this.#singleLeft > 0 && count > 0);
      if (count > 0 && isFull) break;
      count += 1;
    }
    this.#singleLeft = Math.max(0, this.#singleLeft - 1);
    return this.#waiting.splice(0, count);
  }

  /** A journal answers for no entries where it ends. */
  #lookForEnd(): void {
    this.#journal.append([], (outcome) => {
      this.#isBusy = false;
      if (outcome.kind === "failed") return this.#fail();
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
      tellKept(batch);
    } else this.#waiting.unshift(...batch.filter(isStillWanted));
  }

  #appended(batch: readonly Waiting[], afterSeq: number, outcome: AppendOutcome): void {
    this.#isBusy = false;
    this.#underWay = [];
    if (outcome.kind === "durable") {
      this.#endSeq = outcome.lastSeq;
      tell(batch, true);
      tellKept(batch);
      return this.#pump();
    }
    if (outcome.code === "entryRefused") return this.#refuse(batch, outcome.why);
    this.#doubtful = { afterSeq, batch };
    this.#endSeq = null;
    tell(batch, false);
    this.#fail();
  }

  #fail(): void {
    this.#failedTotal += 1;
    this.#isFailing = true;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(isStillWanted);
    tell(waiting, false);
  }

  #refuse(batch: readonly Waiting[], why: string): void {
    if (batch.length > 1) {
      this.#waiting.unshift(...batch);
      this.#singleLeft = batch.length;
    } else {
      this.#failedTotal += 1;
      if (batch.some(({ isOwed }) => isOwed)) this.#brokenWhy ??= why;
      tell(batch, false);
    }
    this.#pump();
  }
}

const entriesOf = (batch: readonly Waiting[]): number =>
  batch.reduce((total, { entries }) => total + entries.length, 0);

const isStillWanted = ({ isOwed, kept }: Waiting): boolean => isOwed || kept.length > 0;

function tell(batch: readonly Waiting[], isDurable: boolean): void {
  for (const one of batch) {
    one.offered?.(isDurable);
    for (const then of one.told.splice(0)) then(isDurable);
  }
}

function tellKept(batch: readonly Waiting[]): void {
  for (const { kept } of batch) for (const then of kept.splice(0)) then();
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
      readonly act: CentreAct;
      readonly actor: Actor | null;
      readonly wallAt: EpochMs;
    }
  | { readonly kind: "unreadable"; readonly seq: number; readonly why: string };

/** Every act of earlier runs, in order. Other entries in the same journal are not the centre's. */
export async function* tellActs(
  journal: Pick<Journal, "readAfter">,
): AsyncGenerator<ToldAct, void> {
  const joiner = createActJoiner();
  for await (const { seq, body } of allRecords(journal)) {
    const parsed = parseEntry(body);
    if (parsed.kind === "unreadable") yield { kind: "unreadable", seq, why: parsed.why };
    if (parsed.kind === "unreadable" || parsed.entry.kind !== "act") continue;
    const { entry } = parsed;
    const joined = joiner.take(entry.act);
    if (joined.kind === "broken") yield { kind: "unreadable", seq, why: joined.why };
    if (joined.kind !== "act") continue;
    const act = zCentreAct.safeParse(joined.content);
    const actor = "actor" in entry ? entry.actor : null;
    if (act.success) yield { kind: "act", act: act.data, actor, wallAt: entry.wallAt };
    else yield { kind: "unreadable", seq, why: String(act.error.issues[0]?.message) };
  }
}
