import { Bug } from "../../protocols/bug.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { bodiesOf, type BatchRows } from "./append-queue.ts";
import { canonicalJson } from "./canonical-json.ts";
import { chainOn, emptyTail, type ChainTail } from "./chain.ts";
import type { JournalEntry } from "./entries.ts";
import {
  inPassingMsMax,
  type AppendOutcome,
  type AppendUrgency,
  type JournalFailure,
  type JournalHealth,
} from "./journal.ts";
import {
  damagedRow,
  notAsWritten,
  whyNotKept,
  type KeptKey,
  type KeptRow,
  type RowAppend,
  type RowCursor,
  type RowFailure,
  type RowJournal,
  type RowsChecked,
  type RowsCounted,
  type RowsRead,
} from "./kept-rows.ts";
import { MemoryRows } from "./memory-rows.ts";

export interface MemoryJournalOptions {
  readonly chain: string;
  /** The end of the generation before, where this one begins another. */
  readonly after?: ChainTail;
  /** Outcomes are its events, also with `syncMs` 0: never from inside `append`. */
  readonly clock: Clock;
  /**
   * When records are encoded and hashed: as they come, so that bad entries are refused as on disk;
   * only when they are read; or never (`hash` and `prevHash` are then zeros). Default `onAppend`.
   */
  readonly hashing?: "onAppend" | "onRead" | "never";
  /** How long each sync takes; drawn anew for each. Default 0. */
  readonly syncMs?: () => number;
  /** How long each reading of rows takes; drawn anew for each. Default 0. */
  readonly readMs?: () => number;
  /** Asked at the end of each sync: a failure makes that batch fail. Default: none. */
  readonly failure?: () => JournalFailure | null;
  /** Rows that are not as they were written. Default: none. */
  readonly isDamaged?: (row: KeptKey) => boolean;
  /** Default 20,000. */
  readonly entriesPendingMax?: number;
  /** Older ones are forgotten, and reads start behind them. Default 5,000,000. */
  readonly recordsKeptMax?: number;
}

interface MemoryBatch {
  readonly entries: readonly JournalEntry[];
  readonly rows: BatchRows | null;
  readonly onOutcome: (outcome: AppendOutcome) => void;
}

const noHash = "0".repeat(64);

/** The journal for virtual time. Same contract as on disk, but that nothing outlives the program. */
export class MemoryJournal implements RowJournal {
  readonly chain: string;
  readonly #options: MemoryJournalOptions;
  readonly #clock: Clock;
  readonly #hashing: "onAppend" | "onRead" | "never";
  readonly #syncMs: () => number;
  readonly #readMs: () => number;
  readonly #failureOf: () => JournalFailure | null;
  readonly #entriesPendingMax: number;
  readonly #records: MemoryRecords;
  readonly #rows: MemoryRows;
  readonly #syncedHandlers: (() => void)[] = [];
  readonly #totals = { entriesTotal: 0, commitsTotal: 0, failedTotal: 0, overflowsTotal: 0 };
  #waiting: MemoryBatch[] = [];
  /** In the sync that is under way. */
  #underWay: readonly MemoryBatch[] = [];
  #isKilled = false;
  #entriesPending = 0;
  #isSyncing = false;
  /** Somebody waits for what lies there, or it has lain long enough. */
  #isSyncDue = false;
  #isInPassingDue = false;
  #failure: JournalFailure | null = null;
  #acknowledgedSeq = 0;
  #centre: ChainTail | null = null;
  #closing: PromiseWithResolvers<void> | null = null;

  /** `killed`: what another one left is gone on from. */
  constructor(options: MemoryJournalOptions, killed: MemoryJournal | null = null) {
    this.chain = options.chain;
    this.#options = options;
    this.#clock = options.clock;
    this.#hashing = options.hashing ?? "onAppend";
    this.#syncMs = options.syncMs ?? (() => 0);
    this.#readMs = options.readMs ?? (() => 0);
    this.#failureOf = options.failure ?? (() => null);
    this.#entriesPendingMax = options.entriesPendingMax ?? 20_000;
    if (killed !== null) {
      this.#rows = killed.#rows;
      this.#records = killed.#records;
      this.#acknowledgedSeq = killed.#acknowledgedSeq;
      this.#centre = killed.#centre;
      return;
    }
    this.#rows = new MemoryRows();
    this.#records = new MemoryRecords(
      options.chain,
      this.#hashing !== "never",
      options.recordsKeptMax ?? 5_000_000,
      options.after ?? null,
    );
  }

  /**
   * As the next process finds it when this one is killed: what was not synced is lost, but a sync
   * that was under way may have been through, which nobody was told. Whatever is asked of this one
   * from then on is never answered.
   */
  killed({ isSyncThrough }: { readonly isSyncThrough: boolean }): MemoryJournal {
    this.#isKilled = true;
    if (isSyncThrough) for (const batch of this.#underWay) this.#write(batch);
    return new MemoryJournal(this.#options, this);
  }

  append(
    entries: readonly JournalEntry[],
    onOutcome: (outcome: AppendOutcome) => void,
    urgency: AppendUrgency = "awaited",
  ): void {
    const failure = this.#take({ entries, rows: null, onOutcome }, urgency);
    if (failure !== null) this.#after(0, () => onOutcome({ kind: "failed", ...failure }));
  }

  appendRows(
    { entries, ...rows }: RowAppend,
    onOutcome: (outcome: AppendOutcome) => void,
  ): JournalFailure | null {
    return this.#take({ entries, rows, onOutcome }, "awaited");
  }

  readRows(keys: readonly KeptKey[], then: (read: RowsRead) => void): void {
    this.#after(this.#readMs(), () => then(this.#checked(this.#rows.read(keys))));
  }

  readFirstRows(kind: number, rowsMax: number, then: (read: RowsRead) => void): void {
    this.#after(this.#readMs(), () => then(this.#checked(this.#rows.first(kind, rowsMax))));
  }

  #checked(rows: readonly KeptRow[]): RowsRead {
    for (const row of rows) {
      const damage = this.#damageOf(row);
      if (damage !== null) return { kind: "failed", ...damage };
    }
    return { kind: "rows", rows };
  }

  #damageOf(row: KeptRow): RowFailure | null {
    const isDamaged = this.#options.isDamaged?.(row) === true;
    return isDamaged ? damagedRow(this.chain, row, notAsWritten) : null;
  }

  countRows(kinds: readonly number[], atMost: number, then: (counted: RowsCounted) => void): void {
    this.#after(this.#readMs(), () => {
      const counts = kinds.map((kind) => Math.min(atMost, this.#rows.count(kind)));
      then({ kind: "counts", counts });
    });
  }

  /** All of them at once: in memory it takes no time. */
  checkRows(_from: RowCursor | null, _rowsMax: number, then: (checked: RowsChecked) => void): void {
    this.#after(this.#readMs(), () => {
      const damaged = [...this.#rows.all()].flatMap((row) => this.#damageOf(row) ?? []);
      then({ kind: "checked", damaged, last: null });
    });
  }

  appliedSeq(): number {
    return this.#rows.appliedSeq();
  }

  lastSeq(): number {
    return this.#records.lastSeq();
  }

  tail(): ChainTail {
    return this.#records.tail();
  }

  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]> {
    if (this.#isKilled) return new Promise(() => {});
    return Promise.resolve(this.#records.readAfter(afterSeq, recordsMax));
  }

  onSynced(handler: () => void): void {
    this.#syncedHandlers.push(handler);
  }

  acknowledge(seq: number): boolean {
    if (this.#isKilled || seq > this.lastSeq()) return false;
    this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, seq);
    return true;
  }

  acknowledgedSeq(): number {
    return this.#acknowledgedSeq;
  }

  noteCentre(end: ChainTail): void {
    this.#centre = end;
  }

  notedCentre(): ChainTail | null {
    return this.#centre;
  }

  health(): JournalHealth {
    const working = this.#failure === null ? "writing" : "failed";
    return {
      state: this.#closing === null ? working : "closed",
      why: this.#failure?.why ?? null,
      counters: { ...this.#totals, entriesPending: this.#entriesPending },
    };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    if (this.#waiting.length > 0) this.#syncSoon();
    if (!this.#isSyncing || this.#isKilled) this.#closing.resolve();
    return this.#closing.promise;
  }

  #take(batch: MemoryBatch, urgency: AppendUrgency): JournalFailure | null {
    const failure = this.#refusalOf(batch.entries) ?? whyNotKept(batch.rows?.rows ?? []);
    if (failure !== null) {
      this.#totals.failedTotal += 1;
      return failure;
    }
    this.#waiting.push(batch);
    this.#entriesPending += batch.entries.length;
    if (urgency === "awaited") this.#syncSoon();
    else this.#syncInPassing();
    return null;
  }

  #refusalOf(entries: readonly JournalEntry[]): JournalFailure | null {
    if (this.#closing !== null) return { code: "closed", why: "the journal is closed" };
    if (this.#entriesPending + entries.length > this.#entriesPendingMax) {
      this.#totals.overflowsTotal += 1;
      return { code: "overflow", why: `${this.#entriesPending} entries wait to be synced` };
    }
    if (this.#hashing !== "onAppend") return null;
    const encoded = bodiesOf(entries);
    return encoded.kind === "refused" ? { code: "entryRefused", why: encoded.why } : null;
  }

  #after(delayMs: number, fire: () => void): void {
    this.#clock.schedule(monotonicMs(this.#clock.monotonic() + delayMs), () => {
      if (!this.#isKilled) fire();
    });
  }

  #syncInPassing(): void {
    if (this.#isInPassingDue) return;
    this.#isInPassingDue = true;
    this.#after(inPassingMsMax, () => {
      this.#isInPassingDue = false;
      if (this.#waiting.length > 0) this.#syncSoon();
    });
  }

  /** What is appended while a sync is under way goes with the next, as on disk. */
  #syncSoon(): void {
    this.#isSyncDue = true;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    this.#after(0, () => {
      this.#isSyncDue = false;
      this.#underWay = this.#waiting.splice(0);
      const syncMs = this.#syncMs();
      if (syncMs === 0) this.#synced();
      else this.#after(syncMs, () => this.#synced());
    });
  }

  #synced(): void {
    const batches = this.#underWay;
    this.#underWay = [];
    this.#failure = this.#failureOf();
    const settled = this.#failure === null ? batches : [...batches, ...this.#takeRows()];
    for (const batch of settled) this.#settle(batch, this.#failure);
    if (this.#failure === null) {
      this.#totals.commitsTotal += 1;
      for (const handler of this.#syncedHandlers) handler();
    }
    this.#isSyncing = false;
    if (this.#isSyncDue || (this.#closing !== null && this.#waiting.length > 0)) this.#syncSoon();
    else this.#closing?.resolve();
  }

  /** Those with rows that wait; the others wait on. */
  #takeRows(): readonly MemoryBatch[] {
    const all = this.#waiting;
    this.#waiting = all.filter(({ rows }) => rows === null);
    return all.filter(({ rows }) => rows !== null);
  }

  #settle(batch: MemoryBatch, failure: JournalFailure | null): void {
    const { entries, onOutcome } = batch;
    this.#entriesPending -= entries.length;
    if (failure !== null) {
      this.#totals.failedTotal += 1;
      return onOutcome({ kind: "failed", ...failure });
    }
    const firstSeq = this.lastSeq() + 1;
    this.#write(batch);
    this.#totals.entriesTotal += entries.length;
    onOutcome({ kind: "durable", firstSeq, lastSeq: this.lastSeq() });
  }

  #write({ entries, rows }: MemoryBatch): void {
    for (const entry of entries) this.#records.push(entry);
    if (rows === null || entries.length + rows.rows.length === 0) return;
    this.#rows.write(rows.rows, rows.appliedSeq ?? this.lastSeq());
  }
}

/** Entries kept as they are, made into records when somebody asks. */
class MemoryRecords {
  readonly #chain: string;
  readonly #isHashed: boolean;
  readonly #keptMax: number;
  readonly #entries: JournalEntry[] = [];
  /** Of the first of `#entries`. */
  readonly #records: JournalRecord[] = [];
  #forgotten = 0;
  #tail: ChainTail;

  constructor(chain: string, isHashed: boolean, keptMax: number, after: ChainTail | null) {
    this.#chain = chain;
    this.#isHashed = isHashed;
    this.#keptMax = keptMax;
    this.#tail = emptyTail(chain, after);
  }

  lastSeq(): number {
    return this.#forgotten + this.#entries.length;
  }

  tail(): ChainTail {
    const [chain, seq] = [this.#chain, this.lastSeq()];
    if (!this.#isHashed && seq > 0) return { chain, seq, hash: noHash };
    this.#make(this.#entries.length);
    return this.#tail;
  }

  push(entry: JournalEntry): void {
    if (this.#entries.length >= this.#keptMax) this.#forget(Math.ceil(this.#keptMax / 4));
    this.#entries.push(entry);
  }

  readAfter(afterSeq: number, recordsMax: number): readonly JournalRecord[] {
    const from = Math.max(afterSeq - this.#forgotten, 0);
    const to = Math.min(from + recordsMax, this.#entries.length);
    this.#make(to);
    return this.#records.slice(from, to);
  }

  /** A quarter at a time, because each time moves what stays. */
  #forget(count: number): void {
    if (this.#isHashed) this.#make(count);
    this.#entries.splice(0, count);
    this.#records.splice(0, count);
    this.#forgotten += count;
  }

  #make(count: number): void {
    for (let index = this.#records.length; index < count; index += 1) {
      const body = canonicalJson(this.#entries[index]);
      if (body.kind === "refused") throw new Bug(`journal entry, ${body.path}: ${body.why}`);
      this.#records.push(this.#recordOf(body.text, this.#forgotten + index + 1));
    }
  }

  #recordOf(body: string, seq: number): JournalRecord {
    if (!this.#isHashed) return { chain: this.#chain, seq, body, prevHash: noHash, hash: noHash };
    const record = chainOn(this.#tail, body);
    this.#tail = { chain: record.chain, seq: record.seq, hash: record.hash };
    return record;
  }
}
