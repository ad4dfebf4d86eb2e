import type { JournalRecord } from "../../protocols/link.ts";
import type { ChainTail } from "./chain.ts";
import type { JournalEntry } from "./entries.ts";

/**
 * The append-only log of one agent: one chain of numbered, hashed records (laws 5, 11, 14).
 * The shell appends what happened before anything is done about it, and acts when it is durable.
 * On SQLite (`sqlite-journal.ts`) and in memory for virtual time (`memory-journal.ts`).
 *
 * Contract, tested for both by one suite:
 * - `append` never waits and never throws. Its entries are written together, in order, or not at
 *   all; they must not be changed afterwards. `onOutcome` is called exactly once, never from
 *   inside `append`; accepted appends get their outcomes in the order they were made. What is
 *   appended while an earlier batch is being synced goes out with the next one. No entries is
 *   allowed: its outcome says that everything before it is settled.
 * - Where nobody acts on the outcome (`inPassing`), the entries may wait for up to `inPassingMsMax`
 *   for others that go the same way, so that a commit is not held up by one that nobody waits for.
 *   Their order is the same: whatever is awaited takes all before it along.
 * - `durable` means synced: the records survive a crash and a power cut.
 * - `failed` is final for those entries. After `overflow`, `entryRefused` and `closed` they are not
 *   in the journal. After a disk's failure they may yet turn out to be, and a session with a hole
 *   cannot be replayed: the shell opens a new one. The journal itself tries again by itself.
 * - Numbers start at 1 and have no gaps, also over restarts and failures.
 * - `readAfter` gives durable records only, in order. It rejects when the disk fails.
 */
export interface Journal {
  readonly chain: string;
  append(
    entries: readonly JournalEntry[],
    onOutcome: (outcome: AppendOutcome) => void,
    urgency?: AppendUrgency,
  ): void;
  /** Number of the last durable record; 0 for none. */
  lastSeq(): number;
  /** Where the chain ends: the last durable record. */
  tail(): ChainTail;
  /** At most `recordsMax` records behind `afterSeq`. */
  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  /** `handler` is called after each batch that became durable, behind its outcomes. */
  onSynced(handler: () => void): void;
  /**
   * The centre holds everything up to `seq`. Stored now and then: a restart may forget the last
   * second of it. False when `seq` is beyond our end: somebody cut our tail, or theirs is foreign.
   */
  acknowledge(seq: number): boolean;
  acknowledgedSeq(): number;
  /** How far the centre's own journal reaches, by its word; stored along with the above. */
  noteCentre(end: ChainTail): void;
  /** Null while it has said nothing of the kind. */
  notedCentre(): ChainTail | null;
  health(): JournalHealth;
  /** Waits for what was accepted. Appends meanwhile and later fail with `closed`. */
  close(): Promise<void>;
}

/** Whether something is done only when the entries are durable, or nothing. Default `awaited`. */
export type AppendUrgency = "awaited" | "inPassing";

/**
 * How long entries lie at most before they go to the disk when nobody waits for them. A crash may
 * lose what was heard in this time and acted upon by nobody. Longer would save commits and cost time:
 * what is awaited takes all that lies here along, and has to wait until it is written.
 */
export const inPassingMsMax = 2;

export type AppendOutcome =
  | { readonly kind: "durable"; readonly firstSeq: number; readonly lastSeq: number }
  | ({ readonly kind: "failed" } & JournalFailure);

export interface JournalFailure {
  readonly code: JournalFailureCode;
  /** For people: the entry and field, or the operating system's word. */
  readonly why: string;
}

export type JournalFailureCode =
  /** More is waiting than the journal may hold: the disk does not keep up. */
  | "overflow"
  /** An entry has no canonical JSON or is too long; `why` names it. */
  | "entryRefused"
  | "closed"
  | "diskFull"
  | "diskError"
  /** Somebody else holds the file's write lock. */
  | "fileLocked"
  /** The file is not what it was: damaged, replaced, or written by somebody else. */
  | "fileDamaged";

export interface JournalHealth {
  readonly state: "writing" | "failed" | "closed";
  /** The last failure while `failed`, else null. */
  readonly why: string | null;
  readonly counters: JournalCounters;
}

/** Totals since start, but for `entriesPending`. */
interface JournalCounters {
  readonly entriesTotal: number;
  readonly commitsTotal: number;
  /** Appends that failed, for whatever reason. */
  readonly failedTotal: number;
  readonly overflowsTotal: number;
  readonly entriesPending: number;
}

/** For callers off the line's path. */
export const appendDurably = (
  journal: Journal,
  entries: readonly JournalEntry[],
): Promise<AppendOutcome> => new Promise((resolve) => journal.append(entries, resolve));

const pageRecordsMax = 1_000;

/** Every durable record behind `afterSeq`, read in pages. */
export async function* allRecords(
  source: Pick<Journal, "readAfter">,
  afterSeq = 0,
): AsyncGenerator<JournalRecord, void> {
  let seq = afterSeq;
  for (;;) {
    const page = await source.readAfter(seq, pageRecordsMax);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    seq = last.seq;
  }
}
