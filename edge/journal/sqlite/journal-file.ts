import { zChainEnd } from "../../../protocols/generation.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { ChainTail } from "../chain.ts";
import { createWalCheckpoints, type WalCheckpoints } from "./wal-checkpoints.ts";
import type { JournalFailure } from "../journal.ts";
import type { SqliteFile, SqliteStatement } from "./sqlite-file.ts";
import {
  areLong,
  charsOf,
  insertLong,
  insertLongValues,
  insertRecords,
  insertText,
  openSide,
  openWriter,
  recordOfRow,
  refused,
  refusing,
  selectRecord,
  type Opened,
} from "./store-file.ts";
import { readTail } from "./tail.ts";

/** An open journal file: a connection that writes, one beside it, and the place to go on from. */
export interface JournalFile {
  /** As found when it was opened. */
  readonly tail: ChainTail;
  readonly told: ToldByCentre;
  readonly checkpoints: WalCheckpoints;
  /** One transaction. `onDone` is called when it is synced, or has failed. One at a time. */
  insert(records: readonly JournalRecord[], onDone: (failure: JournalFailure | null) => void): void;
  finishCheckpoint(): Promise<void>;
  /** One transaction as well. */
  storeTold(told: ToldByCentre, onDone: (failure: JournalFailure | null) => void): void;
  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  readPragmaSynchronous(): Promise<number>;
  close(): Promise<void>;
}

/** The centre's last words on how far it holds this journal, and how far its own reaches. */
export interface ToldByCentre {
  readonly acknowledgedSeq: number;
  readonly centre: ChainTail | null;
}

export interface JournalFileOptions {
  readonly file: string;
  readonly chain: string;
  /** The end of the generation before, where this file begins another one; else null. */
  readonly after: ChainTail | null;
  readonly fileBytesMax: number | null;
}

export async function openJournalFile(
  options: JournalFileOptions,
): Promise<Opened<{ journalFile: JournalFile }>> {
  const { file, chain, after, fileBytesMax } = options;
  const opened = await openWriter({ file, role: "journal", fileBytesMax });
  if (opened.kind === "refused") return opened;
  const { writer } = opened;
  let side: SqliteFile | null = null;
  const result = await refusing<{ journalFile: JournalFile }>(async () => {
    side = await openSide(file, "readWrite");
    const found = await readTail(side, chain, after);
    if (found.kind === "refused") return found;
    const insert = await writer.prepare(insertRecords);
    const told = await readTold(side, found.tail.seq);
    const place: Place = { chain, tail: found.tail, told };
    return { kind: "opened", journalFile: journalFileOn(writer, side, insert, place) };
  });
  if (result.kind === "refused") await closeAll(side, writer);
  return result;
}

/**
 * Opens the file again after a failure. What was durable must still be there; what was said to
 * have failed may be there as well, and then counts.
 */
export async function reopenJournalFile(
  options: JournalFileOptions,
  broken: JournalFile | null,
  durable: ChainTail,
): Promise<Opened<{ journalFile: JournalFile }>> {
  await broken?.close();
  const opened = await openJournalFile(options);
  if (opened.kind === "refused") return opened;
  const { journalFile } = opened;
  const why = await whyNotContinued(journalFile, durable);
  if (why === null) return opened;
  await journalFile.close();
  return refused("fileDamaged", `${options.file}: record ${durable.seq} ${why}`);
}

/** Null: the file still ends, or goes on, where it was durable. */
async function whyNotContinued(file: JournalFile, durable: ChainTail): Promise<string | null> {
  if (durable.seq === 0) return null;
  try {
    const [record] = await file.readAfter(durable.seq - 1, 1);
    const isSame = record?.seq === durable.seq && record.hash === durable.hash;
    return isSame ? null : "is not what was synced";
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function readTold(side: SqliteFile, lastSeq: number): Promise<ToldByCentre> {
  const [acknowledged] = await side.all("SELECT seq FROM acknowledged");
  const [row] = await side.all("SELECT chain, seq, hash FROM centre");
  const centre = zChainEnd.safeParse({ ...row });
  return {
    acknowledgedSeq: Math.min(Number(acknowledged?.["seq"] ?? 0), lastSeq),
    centre: centre.success ? centre.data : null,
  };
}

/** The chain's name comes over the link and is held to its pattern there: no quote is in it. */
const storeCentre = ({ chain, seq, hash }: ChainTail): string =>
  `INSERT OR REPLACE INTO centre VALUES (1, '${chain}', ${seq}, '${hash}');`;

interface Place {
  readonly chain: string;
  readonly tail: ChainTail;
  readonly told: ToldByCentre;
}

function journalFileOn(
  writer: SqliteFile,
  side: SqliteFile,
  insert: SqliteStatement,
  { chain, tail, told }: Place,
): JournalFile {
  const checkpoints = createWalCheckpoints(side);
  return {
    tail,
    told,
    checkpoints,
    insert(records, onDone) {
      const done = (failure: JournalFailure | null): void => {
        if (failure === null) checkpoints.noteCommit(charsOf(records));
        onDone(failure);
      };
      if (areLong(records)) writer.run(insertLong(records), insertLongValues(records), done);
      else insert.run([insertText(records), chain], done);
    },
    finishCheckpoint: () => checkpoints.finish(writer),
    storeTold: ({ acknowledgedSeq, centre }, onDone) => {
      const acknowledge = `INSERT OR REPLACE INTO acknowledged VALUES (1, ${acknowledgedSeq});`;
      const statements = `BEGIN; ${acknowledge} ${centre === null ? "" : storeCentre(centre)} COMMIT;`;
      writer.runAll(statements, onDone);
    },
    async readAfter(afterSeq, recordsMax) {
      const rows = await side.all(`${selectRecord} WHERE seq > ?1 ORDER BY seq LIMIT ?2`, [
        afterSeq,
        recordsMax,
      ]);
      return rows.map(recordOfRow);
    },
    async readPragmaSynchronous() {
      return Number((await writer.all("PRAGMA synchronous"))[0]?.["synchronous"]);
    },
    close: () => closeAll(side, writer),
  };
}

/**
 * The writer is closed last, because the last connection to close moves the write-ahead log into
 * the file.
 */
async function closeAll(side: SqliteFile | null, writer: SqliteFile): Promise<void> {
  await side?.close();
  await writer.close();
}
