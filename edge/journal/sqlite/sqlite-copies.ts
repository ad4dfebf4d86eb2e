import type { JournalRecord } from "../../../protocols/link.ts";
import type { LogState } from "../../../protocols/storage.ts";
import type { MonotonicMs } from "../../../protocols/units.ts";
import type { JournalCopies, TakeOutcome, CopyRefusal } from "../copies.ts";
import { breakBetween, emptyTail, type ChainBreak, type ChainTail } from "../chain.ts";
import { createWalCheckpoints, type WalCheckpoints } from "./wal-checkpoints.ts";
import type { JournalFailure } from "../journal.ts";
import { readLogState } from "./log-state.ts";
import type { RollingStore } from "../segments/rolling-store.ts";
import type { Segment } from "../segments/segment.ts";
import { SegmentError } from "../segments/segment-file.ts";
import type { SegmentFolder } from "../segments/segment-folder.ts";
import { loneWriteBytes } from "./between-commits.ts";
import { createRollingFile, type RollingFile, type RollingHost } from "./rolling-file.ts";
import { failureOfSqlite } from "./row-file.ts";
import type { SqliteFile, SqliteStatement, SqliteValue } from "./sqlite-file.ts";
import {
  insertRecords,
  insertText,
  openSide,
  openWriter,
  readSegments,
  recordOfRow,
  refused,
  refusing,
  selectChains,
  selectRecord,
  type Opened,
} from "./store-file.ts";
import { lockForWriting } from "./writer-lock.ts";

export interface OpenCopiesOptions {
  /** Its folder must exist. */
  readonly file: string;
  /** Beyond this many calls that wait for the disk `take` fails with `overflow`. Default 1,000. */
  readonly takesPendingMax?: number;
  /** Default: what the disk holds. */
  readonly fileBytesMax?: number;
  /** Where the oldest records may leave to, see `rolling`. Default: they stay. */
  readonly segments?: SegmentFolder;
}

export async function openJournalCopies(
  options: OpenCopiesOptions,
): Promise<Opened<{ copies: SqliteCopies }>> {
  const { file } = options;
  const locked = await lockForWriting(file);
  if (locked.kind === "refused") return locked;
  const connections: SqliteFile[] = [locked.lock];
  const closeAll = async (): Promise<void> => {
    for (const connection of connections.toReversed()) await connection.close();
  };
  const result = await refusing<{ copies: SqliteCopies }>(async () => {
    const fileBytesMax = options.fileBytesMax ?? null;
    const isRolling = options.segments !== undefined;
    const opened = await openWriter({ file, role: "copies", fileBytesMax, isRolling });
    if (opened.kind === "refused") return opened;
    const { writer } = opened;
    connections.push(writer);
    const side = await openSide(file, "readWrite");
    connections.push(side);
    const insert = await writer.prepare(insertRecords);
    const tails = await readTails(side);
    const left = await readSegments(side);
    const cut = left.findLast(({ chain, lastSeq }) => (tails.get(chain)?.seq ?? 0) <= lastSeq);
    if (cut !== undefined) {
      // Whoever sent records from the first one on again would be believed.
      const why = `${file}: the records of ${cut.chain} behind ${cut.lastSeq} are missing`;
      return refused("fileDamaged", why);
    }
    const takesPendingMax = options.takesPendingMax ?? 1_000;
    const copies = new SqliteCopies({
      file,
      writer,
      side,
      insert,
      tails,
      takesPendingMax,
      closeAll,
      segments: options.segments ?? null,
      left,
    });
    return { kind: "opened", copies };
  });
  if (result.kind === "refused") await closeAll();
  return result;
}

/** Each chain's last record. */
async function readTails(side: SqliteFile): Promise<Map<string, ChainTail>> {
  const rows = await side.all(
    `${selectRecord} JOIN (${selectChains})
       ON chain = name AND seq = (SELECT max(seq) FROM record WHERE chain = name)`,
  );
  return new Map(
    rows.map(recordOfRow).map(({ chain, seq, hash }) => [chain, { chain, seq, hash }] as const),
  );
}

/** What one commit can have brought, with room to spare: it holds what one message of the link told. */
const readHeldMax = 10_000;

interface CopiesParts {
  readonly file: string;
  readonly writer: SqliteFile;
  readonly side: SqliteFile;
  readonly insert: SqliteStatement;
  readonly tails: Map<string, ChainTail>;
  readonly takesPendingMax: number;
  readonly closeAll: () => Promise<void>;
  readonly segments: SegmentFolder | null;
  readonly left: readonly Segment[];
}

export class SqliteCopies implements JournalCopies {
  readonly #parts: CopiesParts;
  readonly #checkpoints: WalCheckpoints;
  readonly #rolling: RollingFile | null;
  #last: Promise<unknown> = Promise.resolve();
  #takesPending = 0;
  #isClosed = false;

  constructor(parts: CopiesParts) {
    this.#parts = parts;
    this.#checkpoints = createWalCheckpoints(parts.side);
    const host: RollingHost = {
      chains: () => this.chains(),
      tailOf: (chain) => this.held(chain),
      write: (sql, values) => this.#writeInTurn(sql, values),
      read: (sql, values) => parts.side.all(sql, values),
    };
    this.#rolling =
      parts.segments === null ? null : createRollingFile(host, parts.segments, parts.left);
  }

  /** Null where they were opened without a folder for segments. */
  rolling(): RollingStore | null {
    return this.#rolling;
  }

  take(records: readonly JournalRecord[]): Promise<TakeOutcome> {
    const nothing = { heldSeq: this.#heldSeq(records), added: 0, repeated: 0 } as const;
    if (this.#isClosed) {
      return Promise.resolve({ ...nothing, kind: "failed", code: "closed", why: "closed" });
    }
    if (this.#takesPending >= this.#parts.takesPendingMax) {
      const why = `${this.#takesPending} batches wait for the disk`;
      return Promise.resolve({ ...nothing, kind: "failed", code: "overflow", why });
    }
    this.#takesPending += 1;
    const outcome = this.#last.then(() => this.#take(records));
    this.#last = outcome;
    return outcome.finally(() => {
      this.#takesPending -= 1;
    });
  }

  held(chain: string): ChainTail {
    return this.#parts.tails.get(chain) ?? emptyTail(chain);
  }

  chains(): readonly string[] {
    return [...this.#parts.tails.keys()].sort();
  }

  async readAfter(
    chain: string,
    afterSeq: number,
    recordsMax: number,
  ): Promise<readonly JournalRecord[]> {
    const left = this.#rolling?.readLeft(chain, afterSeq, recordsMax) ?? null;
    if (left !== null) return left;
    const rows = await this.#parts.side.all(
      `${selectRecord} WHERE chain = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3`,
      [chain, afterSeq, recordsMax],
    );
    return rows.map(recordOfRow);
  }

  async readPragmaSynchronous(): Promise<number> {
    return Number((await this.#parts.writer.all("PRAGMA synchronous"))[0]?.["synchronous"]);
  }

  /** To be asked about once a second, see `WalCheckpoints.look`. */
  readLogState(at: MonotonicMs): Promise<LogState> {
    return readLogState(this.#parts.file, this.#checkpoints, at);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#last;
    await this.#parts.closeAll();
  }

  #heldSeq(records: readonly JournalRecord[]): number {
    const chain = records[0]?.chain;
    return chain === undefined ? 0 : this.held(chain).seq;
  }

  async #take(records: readonly JournalRecord[]): Promise<TakeOutcome> {
    const first = records[0];
    if (first === undefined) return { kind: "taken", heldSeq: 0, added: 0, repeated: 0 };
    const before = this.held(first.chain);
    try {
      const sorted = await this.#sort(before, records);
      const failure = await this.#write(sorted.fresh);
      if (failure !== null) {
        await this.#readHeld(before);
        const { repeated } = sorted;
        return { kind: "failed", ...failure, heldSeq: before.seq, added: 0, repeated };
      }
      const tail = sorted.fresh.at(-1) ?? before;
      if (sorted.fresh.length > 0) {
        this.#parts.tails.set(tail.chain, { chain: tail.chain, seq: tail.seq, hash: tail.hash });
      }
      const totals = {
        heldSeq: tail.seq,
        added: sorted.fresh.length,
        repeated: sorted.repeated,
      };
      return sorted.refusal === null
        ? { kind: "taken", ...totals }
        : { kind: "refused", ...sorted.refusal, ...totals };
    } catch (error) {
      const failure = failureOfReading(error);
      return { kind: "failed", ...failure, heldSeq: before.seq, added: 0, repeated: 0 };
    }
  }

  /** Which records are new, up to the first that must be refused. */
  async #sort(before: ChainTail, records: readonly JournalRecord[]): Promise<Sorted> {
    const fresh: JournalRecord[] = [];
    const hashes = await this.#heldHashes(before, records);
    let tail = before;
    let repeated = 0;
    for (const record of records) {
      const problem = breakBetween(tail, record);
      if (problem === null) {
        fresh.push(record);
        hashes.set(record.seq, record.hash);
        tail = record;
      } else if (problem === "repeated" && hashes.get(record.seq) === record.hash) {
        repeated += 1;
      } else {
        const isGone = problem === "repeated" && !hashes.has(record.seq);
        const refusal = isGone ? goneRefusal(record) : refusalOf(problem, tail, record);
        return { fresh, repeated, refusal };
      }
    }
    return { fresh, repeated, refusal: null };
  }

  async #heldHashes(
    before: ChainTail,
    records: readonly JournalRecord[],
  ): Promise<Map<number, string>> {
    const repeated = records.map(({ seq }) => seq).filter((seq) => seq <= before.seq);
    if (repeated.length === 0) return new Map();
    const rows = await this.#parts.side.all(
      "SELECT seq, hash FROM record WHERE chain = ?1 AND seq IN (SELECT value FROM json_each(?2))",
      [before.chain, JSON.stringify(repeated)],
    );
    const hashes = new Map(rows.map((row) => [Number(row["seq"]), String(row["hash"])]));
    const left = repeated.filter((seq) => !hashes.has(seq));
    await this.#addLeftHashes(before.chain, left, hashes);
    return hashes;
  }

  /** Of records that have left for segments; those that are nowhere any more stay out. */
  async #addLeftHashes(
    chain: string,
    seqs: readonly number[],
    hashes: Map<number, string>,
  ): Promise<void> {
    for (const seq of seqs) {
      const [record] = (await this.#rolling?.readLeft(chain, seq - 1, 1)) ?? [];
      if (record?.seq === seq) hashes.set(seq, record.hash);
    }
  }

  #writeInTurn(sql: string, values: readonly SqliteValue[]): Promise<JournalFailure | null> {
    const { writer } = this.#parts;
    if (this.#isClosed) return Promise.resolve({ code: "closed", why: "closed" });
    const written = this.#last.then(
      () => new Promise<JournalFailure | null>((onDone) => writer.run(sql, values, onDone)),
    );
    this.#last = written;
    return written.then((failure) => {
      if (failure === null) this.#checkpoints.noteCommit(loneWriteBytes);
      return failure;
    });
  }

  /** A commit that failed may have reached the disk all the same. */
  async #readHeld(before: ChainTail): Promise<void> {
    const found = await this.readAfter(before.chain, before.seq, readHeldMax);
    const last = found.at(-1);
    if (last !== undefined) {
      this.#parts.tails.set(last.chain, { chain: last.chain, seq: last.seq, hash: last.hash });
    }
  }

  async #write(records: readonly JournalRecord[]): Promise<JournalFailure | null> {
    const first = records[0];
    if (first === undefined) return null;
    if (this.#checkpoints.isFinishDue()) await this.#checkpoints.finish(this.#parts.writer);
    const text = insertText(records);
    const failure = await new Promise<JournalFailure | null>((resolve) =>
      this.#parts.insert.run([text, first.chain], resolve),
    );
    if (failure === null) this.#checkpoints.noteCommit(text.length);
    return failure;
  }
}

/** A segment that cannot be read is as a disk that cannot: it may be read the next time. */
function failureOfReading(error: unknown): JournalFailure {
  if (error instanceof SegmentError) return { code: "diskError", why: error.message };
  return failureOfSqlite(error);
}

interface Sorted {
  readonly fresh: readonly JournalRecord[];
  readonly repeated: number;
  readonly refusal: CopyRefusal | null;
}

const goneRefusal = ({ seq }: JournalRecord): CopyRefusal => ({
  code: "gone",
  seq,
  why: `record ${seq} is not kept here any more and cannot be compared`,
});

function refusalOf(problem: ChainBreak, tail: ChainTail, record: JournalRecord): CopyRefusal {
  const { seq } = record;
  switch (problem) {
    case "otherChain":
      return { code: "mixedChains", seq, why: `record of ${record.chain} among ${tail.chain}` };
    case "gap":
      return { code: "gap", seq, why: `record ${seq} came when ${tail.seq + 1} was expected` };
    case "repeated":
      return { code: "fork", seq, why: `another record ${seq} is held` };
    case "notLinked":
      return { code: "fork", seq, why: `it continues another record ${seq - 1} than is held` };
    case "hashWrong":
      return { code: "hashWrong", seq, why: "its hash does not fit its content" };
  }
}
