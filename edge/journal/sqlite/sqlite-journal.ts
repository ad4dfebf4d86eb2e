import type { JournalRecord } from "../../../protocols/link.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { LogState } from "../../../protocols/storage.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { AppendQueue, type Batch, type BatchRows } from "../append-queue.ts";
import type { ChainTail } from "../chain.ts";
import type { JournalEntry } from "../entries.ts";
import {
  inPassingMsMax,
  type AppendOutcome,
  type AppendUrgency,
  type JournalFailure,
  type JournalHealth,
} from "../journal.ts";
import type {
  KeptKey,
  RowAppend,
  RowJournal,
  RowCursor,
  RowsChecked,
  RowsCounted,
  RowsRead,
} from "../kept-rows.ts";
import { BetweenCommits } from "./between-commits.ts";
import { commitOf } from "./commit.ts";
import {
  openJournalFile,
  reopenJournalFile,
  type JournalFile,
  type ToldByCentre,
  type JournalFileOptions,
} from "./journal-file.ts";
import { readLogState } from "./log-state.ts";
import { createRecentRecords } from "../recent-records.ts";
import { readingOf, type FailedRead, type RowFile } from "./row-file.ts";
import type { RollingStore } from "../segments/rolling-store.ts";
import type { SegmentFolder } from "../segments/segment-folder.ts";
import { createRollingFile, type RollingFile, type RollingHost } from "./rolling-file.ts";
import { SqliteError, type SqliteFile, type SqliteValue } from "./sqlite-file.ts";
import type { Opened } from "./store-file.ts";
import { lockForWriting } from "./writer-lock.ts";

export interface OpenJournalOptions {
  /** Its folder must exist. Beside it lie `-wal`, `-shm` and `-lock`. */
  readonly file: string;
  /** A `zId`; an existing file must hold this chain. */
  readonly chain: string;
  /** The end of the generation before, for a new file that begins another one. */
  readonly after?: ChainTail;
  /** For the pauses between repairs only. */
  readonly clock: Clock;
  /** Beyond this many unsynced entries an append fails with `overflow`. Default 20,000. */
  readonly entriesPendingMax?: number;
  /** The same in characters. Default 64 Mi. */
  readonly charsPendingMax?: number;
  /** Beyond this size of the file appends fail with `diskFull`. Default: what the disk holds. */
  readonly fileBytesMax?: number;
  /** Where its oldest records may leave to, see `rolling`. Default: they stay. */
  readonly segments?: SegmentFolder;
}

/** After a failure the file is opened anew at most this often; appends between fail at once. */
const repairEveryMs = 1_000;
const storeToldEveryMs = 1_000;
/** So many entries go to the disk whether or not somebody waits for them. */
const inPassingEntriesMax = 64;

/**
 * Opens or makes the journal and checks its last records. Refused when another process writes it
 * (`fileLocked`), when it is another chain or broken (`fileDamaged`), or when the disk says no.
 */
export const openJournal = (
  options: OpenJournalOptions,
): Promise<Opened<{ journal: SqliteJournal }>> => open(options, false);

/** The same with rows beside the chain. */
export async function openRowJournal(
  options: OpenJournalOptions,
): Promise<Opened<{ journal: SqliteJournal & RowJournal }>> {
  return open(options, true);
}

async function open(
  options: OpenJournalOptions,
  keepsRows: boolean,
): Promise<Opened<{ journal: SqliteJournal }>> {
  const locked = await lockForWriting(options.file);
  if (locked.kind === "refused") return locked;
  const fileOptions: JournalFileOptions = {
    file: options.file,
    chain: options.chain,
    after: options.after ?? null,
    fileBytesMax: options.fileBytesMax ?? null,
    keepsRows,
    isRolling: options.segments !== undefined,
  };
  const opened = await openJournalFile(fileOptions);
  if (opened.kind === "refused") {
    await locked.lock.close();
    return opened;
  }
  const { journalFile } = opened;
  return {
    kind: "opened",
    journal: new SqliteJournal({ options, fileOptions, lock: locked.lock, journalFile }),
  };
}

interface Parts {
  readonly options: OpenJournalOptions;
  readonly fileOptions: JournalFileOptions;
  readonly lock: SqliteFile;
  readonly journalFile: JournalFile;
}

/**
 * The journal on disk. One transaction is under way at a time and takes everything that waited;
 * numbers and hashes are given when it is made, so that a failed one leaves no hole.
 */
export class SqliteJournal implements RowJournal {
  readonly chain: string;
  readonly #clock: Clock;
  readonly #lock: SqliteFile;
  readonly #fileOptions: JournalFileOptions;
  readonly #queue: AppendQueue;
  readonly #syncedHandlers: (() => void)[] = [];
  /**
   * The last durable records, so that whoever follows the journal need not read from disk what was
   * just written.
   */
  readonly #recent = createRecentRecords();
  readonly #totals = { entriesTotal: 0, commitsTotal: 0, failedTotal: 0, overflowsTotal: 0 };
  /** Null while the file must be opened anew. */
  #file: JournalFile | null;
  /** The file that failed, until it is closed. */
  #broken: JournalFile | null = null;
  #tail: ChainTail;
  #failure: JournalFailure | null = null;
  #repairAt = monotonicMs(0);
  #told: ToldByCentre;
  #isToldDue = false;
  #toldTimer: Timer | null = null;
  #appliedSeq: number;
  /** A transaction, a WAL checkpoint or a repair is under way. */
  #isBusy = false;
  #isPumpDue = false;
  /** Somebody waits for what is in the queue, or it has waited long enough by itself. */
  #isCommitDue = false;
  #commitTimer: Timer | null = null;
  #closing: PromiseWithResolvers<void> | null = null;
  #isShut = false;
  readonly #rolling: RollingFile | null;
  readonly #between = new BetweenCommits();
  readonly #isClosed = { code: "closed", why: "the journal is closed" } as const;

  constructor({ options, fileOptions, lock, journalFile }: Parts) {
    this.chain = options.chain;
    this.#clock = options.clock;
    this.#lock = lock;
    this.#fileOptions = fileOptions;
    this.#queue = new AppendQueue({
      entriesPendingMax: options.entriesPendingMax ?? 20_000,
      charsPendingMax: options.charsPendingMax ?? 64 * 1024 * 1024,
    });
    this.#file = journalFile;
    this.#tail = journalFile.tail;
    this.#told = journalFile.told;
    this.#appliedSeq = journalFile.rows?.appliedSeq ?? 0;
    const { segments } = options;
    const host: RollingHost = {
      chains: () => [this.chain],
      tailOf: () => this.#tail,
      write: (sql, values) => this.#writeBetween(sql, values),
      read: (sql, values) =>
        this.#file?.readBeside(sql, values) ?? Promise.reject(this.#unreadable()),
    };
    this.#rolling =
      segments === undefined ? null : createRollingFile(host, segments, journalFile.segments);
  }

  /** Null where it was opened without a folder for segments. */
  rolling(): RollingStore | null {
    return this.#rolling;
  }

  append(
    entries: readonly JournalEntry[],
    onOutcome: (outcome: AppendOutcome) => void,
    urgency: AppendUrgency = "awaited",
  ): void {
    const failure = this.#offer(entries, null, onOutcome, urgency);
    if (failure !== null) setImmediate(onOutcome, { kind: "failed", ...failure });
  }

  appendRows(
    { entries, ...rows }: RowAppend,
    onOutcome: (outcome: AppendOutcome) => void,
  ): JournalFailure | null {
    return this.#offer(entries, rows, onOutcome, "awaited");
  }

  #offer(
    entries: readonly JournalEntry[],
    rows: BatchRows | null,
    onOutcome: (outcome: AppendOutcome) => void,
    urgency: AppendUrgency,
  ): JournalFailure | null {
    const failure =
      this.#closing === null ? this.#queue.offer(entries, onOutcome, rows) : this.#isClosed;
    if (failure === null) {
      if (urgency === "awaited") this.#commitSoon();
      else this.#commitInPassing();
      return null;
    }
    this.#totals.failedTotal += 1;
    if (failure.code === "overflow") this.#totals.overflowsTotal += 1;
    return failure;
  }

  readRows(keys: readonly KeptKey[], then: (read: RowsRead) => void): void {
    this.#readRows<RowsRead>(async (file) => ({ kind: "rows", rows: await file.read(keys) }), then);
  }

  readFirstRows(kind: number, rowsMax: number, then: (read: RowsRead) => void): void {
    this.#readRows<RowsRead>(
      async (file) => ({ kind: "rows", rows: await file.first(kind, rowsMax) }),
      then,
    );
  }

  countRows(kinds: readonly number[], atMost: number, then: (counted: RowsCounted) => void): void {
    this.#readRows<RowsCounted>(
      async (file) => ({ kind: "counts", counts: await file.count(kinds, atMost) }),
      then,
    );
  }

  checkRows(from: RowCursor | null, rowsMax: number, then: (checked: RowsChecked) => void): void {
    this.#readRows<RowsChecked>(
      async (file) => ({ kind: "checked", ...(await file.check(from, rowsMax)) }),
      then,
    );
  }

  #readRows<Read>(
    read: (file: RowFile) => Promise<Read>,
    then: (read: Read | FailedRead) => void,
  ): void {
    const file = this.#file?.rows;
    const failure = this.#failure ?? this.#isClosed;
    if (file === undefined || file === null) {
      setImmediate(then, { kind: "failed", ...failure });
      return;
    }
    void readingOf(read(file)).then(then);
  }

  appliedSeq(): number {
    return this.#appliedSeq;
  }

  lastSeq(): number {
    return this.#tail.seq;
  }

  /** The last durable record, for an anchor. */
  tail(): ChainTail {
    return this.#tail;
  }

  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]> {
    if (this.#file === null) return Promise.reject(this.#unreadable());
    const recent = this.#recent.readAfter(afterSeq, recordsMax);
    if (recent !== null) return Promise.resolve(recent);
    const left = this.#rolling?.readLeft(this.chain, afterSeq, recordsMax) ?? null;
    return left ?? this.#file.readAfter(afterSeq, recordsMax);
  }

  #unreadable(): SqliteError {
    return new SqliteError(this.#failure ?? this.#isClosed, null);
  }

  #writeBetween(sql: string, values: readonly SqliteValue[]): Promise<JournalFailure | null> {
    if (this.#closing !== null) return Promise.resolve(this.#isClosed);
    const written = this.#between.offer(sql, values);
    this.#pumpSoon();
    return written;
  }

  onSynced(handler: () => void): void {
    this.#syncedHandlers.push(handler);
  }

  acknowledge(seq: number): boolean {
    if (seq > this.#tail.seq) return false;
    if (seq > this.#told.acknowledgedSeq) this.#noteTold({ ...this.#told, acknowledgedSeq: seq });
    return true;
  }

  acknowledgedSeq(): number {
    return this.#told.acknowledgedSeq;
  }

  noteCentre(end: ChainTail): void {
    this.#noteTold({ ...this.#told, centre: end });
  }

  notedCentre(): ChainTail | null {
    return this.#told.centre;
  }

  health(): JournalHealth {
    const working = this.#failure === null ? "writing" : "failed";
    return {
      state: this.#closing === null ? working : "closed",
      why: this.#failure?.why ?? null,
      counters: { ...this.#totals, entriesPending: this.#queue.entriesPending() },
    };
  }

  /** 2 is FULL. Read on the very connection that writes. */
  async readPragmaSynchronous(): Promise<number> {
    return (await this.#file?.readPragmaSynchronous()) ?? Number.NaN;
  }

  /** To be asked about once a second, see `WalCheckpoints.look`. */
  readLogState(): Promise<LogState> {
    const checkpoints = this.#file?.checkpoints ?? null;
    return readLogState(this.#fileOptions.file, checkpoints, this.#clock.monotonic());
  }

  close(): Promise<void> {
    if (this.#closing !== null) return this.#closing.promise;
    this.#closing = Promise.withResolvers();
    this.#isToldDue ||= this.#toldTimer !== null;
    this.#toldTimer?.cancel();
    this.#pumpSoon();
    return this.#closing.promise;
  }

  #commitSoon(): void {
    this.#isCommitDue = true;
    this.#pumpSoon();
  }

  #commitInPassing(): void {
    if (this.#file === null || this.#queue.entriesPending() >= inPassingEntriesMax) {
      return this.#commitSoon();
    }
    const dueAt = monotonicMs(this.#clock.monotonic() + inPassingMsMax);
    this.#commitTimer ??= this.#clock.schedule(dueAt, () => {
      this.#commitTimer = null;
      this.#commitSoon();
    });
  }

  /**
   * Waits until the events of this turn of the loop have been appended, so that they share a
   * commit.
   */
  #pumpSoon(): void {
    if (this.#isBusy || this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Starts the next thing to do, if nothing is under way. Each ends in `#goOn`. */
  #pump(): void {
    if (this.#isBusy || this.#isShut) return;
    const file = this.#file;
    if (file === null) return this.#pumpBroken();
    if (this.#isToldDue) return this.#storeTold(file);
    if (file.checkpoints.isFinishDue()) return this.#run(file.finishCheckpoint());
    if (this.#between.isDue(this.#isCommitWaiting())) {
      this.#isBusy = true;
      return this.#between.run(file, () => this.#goOn());
    }
    if (this.#isCommitWaiting()) return this.#commit(file, this.#takeCommit());
    if (this.#closing !== null) this.#run(this.#shut(this.#closing));
  }

  #goOn(): void {
    this.#isBusy = false;
    if (this.#isShut) return;
    const isWaiting = this.#isCommitWaiting() || this.#between.isWaiting();
    if (isWaiting || this.#closing !== null) this.#pumpSoon();
  }

  #isCommitWaiting(): boolean {
    return !this.#queue.isEmpty() && (this.#isCommitDue || this.#closing !== null);
  }

  #takeCommit(): readonly Batch[] {
    const batches = this.#queue.take();
    if (this.#queue.isEmpty()) {
      this.#isCommitDue = false;
      this.#commitTimer?.cancel();
      this.#commitTimer = null;
    }
    return batches;
  }

  /** `work` never rejects. */
  #run(work: Promise<void>): void {
    this.#isBusy = true;
    void work.then(() => this.#goOn());
  }

  #commit(file: JournalFile, batches: readonly Batch[]): void {
    const commit = commitOf(batches, this.#tail);
    const { records, rows, tail } = commit;
    if (records.length === 0 && rows === null) {
      this.#settleDurable(batches, tail);
      return this.#goOn();
    }
    this.#isBusy = true;
    file.insert(commit, (failure) => {
      if (failure === null) {
        this.#totals.entriesTotal += records.length;
        this.#totals.commitsTotal += 1;
        this.#failure = null;
        this.#recent.add(records);
        this.#appliedSeq = rows?.appliedSeq ?? this.#appliedSeq;
        this.#settleDurable(batches, tail);
        for (const handler of this.#syncedHandlers) handler();
      } else {
        this.#breakOff(file, failure);
        // Rows are made on top of rows, so that no later ones may be written without these.
        this.#settleFailed([...batches, ...this.#queue.takeRows()], failure);
      }
      this.#goOn();
    });
  }

  #settleDurable(batches: readonly Batch[], tail: ChainTail): void {
    let seq = this.#tail.seq;
    this.#tail = { chain: tail.chain, seq: tail.seq, hash: tail.hash };
    for (const batch of batches) {
      const firstSeq = seq + 1;
      seq += batch.bodies.length;
      this.#queue.settle(batch, { kind: "durable", firstSeq, lastSeq: seq });
    }
  }

  #settleFailed(batches: readonly Batch[], failure: JournalFailure): void {
    this.#totals.failedTotal += batches.length;
    for (const batch of batches) this.#queue.settle(batch, { kind: "failed", ...failure });
  }

  #noteTold(told: ToldByCentre): void {
    if (this.#closing !== null) return;
    this.#told = told;
    const dueAt = monotonicMs(this.#clock.monotonic() + storeToldEveryMs);
    this.#toldTimer ??= this.#clock.schedule(dueAt, () => {
      this.#toldTimer = null;
      this.#isToldDue = true;
      this.#pumpSoon();
    });
  }

  #storeTold(file: JournalFile): void {
    this.#isToldDue = false;
    this.#isBusy = true;
    file.storeTold(this.#told, (failure) => {
      if (failure !== null) this.#breakOff(file, failure);
      this.#goOn();
    });
  }

  #breakOff(file: JournalFile, failure: JournalFailure): void {
    this.#recent.clear();
    this.#failure = failure;
    this.#file = null;
    this.#broken = file;
  }

  #pumpBroken(): void {
    const closing = this.#closing;
    if (closing === null && this.#clock.monotonic() >= this.#repairAt) {
      return this.#run(this.#repair());
    }
    const failure = this.#failure ?? this.#isClosed;
    this.#between.fail(failure);
    this.#settleFailed(this.#queue.takeAll(), failure);
    if (closing !== null) this.#run(this.#shut(closing));
  }

  async #repair(): Promise<void> {
    this.#repairAt = monotonicMs(this.#clock.monotonic() + repairEveryMs);
    const opened = await reopenJournalFile(this.#fileOptions, this.#broken, this.#tail);
    if (opened.kind === "opened") {
      this.#broken = null;
      this.#file = opened.journalFile;
      this.#tail = opened.journalFile.tail;
      this.#appliedSeq = opened.journalFile.rows?.appliedSeq ?? 0;
    } else {
      this.#broken = null;
      this.#failure = { code: opened.code, why: opened.why };
    }
  }

  async #shut(closing: PromiseWithResolvers<void>): Promise<void> {
    this.#isShut = true;
    this.#between.fail(this.#isClosed);
    await (this.#file ?? this.#broken)?.close();
    await this.#lock.close();
    this.#file = null;
    closing.resolve();
  }
}
