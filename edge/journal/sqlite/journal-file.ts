import { invariant } from "../../../protocols/bug.ts";
import { zChainEnd } from "../../../protocols/generation.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { ChainTail } from "../chain.ts";
import { createWalCheckpoints, type WalCheckpoints } from "./wal-checkpoints.ts";
import type { JournalFailure } from "../journal.ts";
import type { RowWrite } from "../kept-rows.ts";
import { failureOfSqlite, openRowFile, type RowFile } from "./row-file.ts";
import { floorOf, type Segment } from "../segments/segment.ts";
import type { SqliteFile, SqliteRow, SqliteStatement, SqliteValue } from "./sqlite-file.ts";
import {
  areLong,
  charsOf,
  insertLong,
  insertLongValues,
  insertRecords,
  insertText,
  openSide,
  openWriter,
  readSegments,
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
  /** Null where none are kept. */
  readonly rows: RowFile | null;
  /** One transaction. `onDone` is called when it is synced, or has failed. One at a time. */
  insert(insertion: Insertion, onDone: (failure: JournalFailure | null) => void): void;
  finishCheckpoint(): Promise<void>;
  /** One transaction as well. */
  storeTold(told: ToldByCentre, onDone: (failure: JournalFailure | null) => void): void;
  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  readPragmaSynchronous(): Promise<number>;
  /** What has left for segments, as found when it was opened. */
  readonly segments: readonly Segment[];
  /** One statement, which is a transaction of its own and undone if it fails. */
  runAlone(
    sql: string,
    values: readonly SqliteValue[],
    onDone: (failure: JournalFailure | null) => void,
  ): void;
  readBeside(sql: string, values: readonly SqliteValue[]): Promise<readonly SqliteRow[]>;
  close(): Promise<void>;
}

/** The centre's last words on how far it holds this journal, and how far its own reaches. */
export interface ToldByCentre {
  readonly acknowledgedSeq: number;
  readonly centre: ChainTail | null;
}

export interface Insertion {
  readonly records: readonly JournalRecord[];
  /** Rows that change with them; null for none. */
  readonly rows: { readonly rows: readonly RowWrite[]; readonly appliedSeq: number } | null;
}

export interface JournalFileOptions {
  readonly file: string;
  readonly chain: string;
  /** The end of the generation before, where this file begins another one; else null. */
  readonly after: ChainTail | null;
  readonly fileBytesMax: number | null;
  readonly keepsRows: boolean;
  readonly isRolling: boolean;
}

export async function openJournalFile(
  options: JournalFileOptions,
): Promise<Opened<{ journalFile: JournalFile }>> {
  const { file, chain, after, fileBytesMax, keepsRows, isRolling } = options;
  const opened = await openWriter({ file, role: "journal", fileBytesMax, isRolling });
  if (opened.kind === "refused") return opened;
  const { writer } = opened;
  const beside: SqliteFile[] = [];
  const result = await refusing<{ journalFile: JournalFile }>(async () => {
    const side = await openSide(file, "readWrite");
    beside.push(side);
    const found = await readTail(side, chain, after);
    if (found.kind === "refused") return found;
    const insert = await writer.prepare(insertRecords);
    const told = await readTold(side, found.tail.seq);
    const segments = await readSegments(side);
    const floor = floorOf(segments);
    if (floor !== null && found.tail.seq <= floor.seq) {
      return refused("fileDamaged", `${file}: its records behind ${floor.seq} are missing`);
    }
    let rows: RowFile | null = null;
    if (keepsRows) {
      // Whoever looks something up does not wait for a WAL checkpoint.
      const reader = await openSide(file, "readOnly");
      beside.push(reader);
      rows = await openRowFile(file, writer, reader);
      if (rows.appliedSeq > found.tail.seq) return refused("fileDamaged", aheadOf(file, rows));
    }
    const place: Place = { chain, tail: found.tail, told, rows, segments };
    const connections = { writer, side, beside };
    return { kind: "opened", journalFile: journalFileOn(connections, insert, place) };
  });
  if (result.kind === "refused") await closeAll(beside, writer);
  return result;
}

const aheadOf = (file: string, { appliedSeq }: RowFile): string =>
  `${file}: its rows are of record ${appliedSeq}, which its chain does not hold`;

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
  readonly rows: RowFile | null;
  readonly segments: readonly Segment[];
}

interface Connections {
  readonly writer: SqliteFile;
  readonly side: SqliteFile;
  /** All but the writer. */
  readonly beside: readonly SqliteFile[];
}

function journalFileOn(
  { writer, side, beside }: Connections,
  insert: SqliteStatement,
  { chain, tail, told, rows: rowFile, segments }: Place,
): JournalFile {
  const checkpoints = createWalCheckpoints(side);
  const insertRecordsOnly = (records: readonly JournalRecord[], done: Done): void => {
    if (areLong(records)) writer.run(insertLong(records), insertLongValues(records), done);
    else insert.run([insertText(records), chain], done);
  };
  return {
    tail,
    told,
    checkpoints,
    rows: rowFile,
    segments,
    runAlone: (sql, values, onDone) => writer.run(sql, values, onDone),
    readBeside: (sql, values) => side.all(sql, values),
    insert({ records, rows }, onDone) {
      const done = (failure: JournalFailure | null): void => {
        const chars = charsOf(records) + charsOfRows(rows?.rows ?? []);
        if (failure === null) checkpoints.noteCommit(chars);
        onDone(failure);
      };
      if (rows === null) return insertRecordsOnly(records, done);
      invariant(rowFile !== null, "journal: rows are appended where none are kept");
      const written = rowFile.writes(rows.rows, rows.appliedSeq);
      void inOneTransaction(writer, [
        ...(records.length === 0 ? [] : [(then: Done) => insertRecordsOnly(records, then)]),
        ...written.map(
          ({ statement, params }) =>
            (then: Done) =>
              statement.run(params, then),
        ),
      ]).then(done);
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
    close: () => closeAll(beside, writer),
  };
}

type Done = (failure: JournalFailure | null) => void;

const charsOfRows = (rows: readonly RowWrite[]): number =>
  rows.reduce((chars, { text }) => chars + (text?.length ?? 0), 0);

/** What has failed is undone when the connection is closed, which is next. */
async function inOneTransaction(
  writer: SqliteFile,
  steps: readonly ((then: Done) => void)[],
): Promise<JournalFailure | null> {
  try {
    await writer.exec("BEGIN IMMEDIATE");
    for (const step of steps) {
      const failure = await new Promise<JournalFailure | null>(step);
      if (failure !== null) return failure;
    }
    await writer.exec("COMMIT");
    return null;
  } catch (error) {
    return failureOfSqlite(error);
  }
}

/**
 * The writer is closed last, because the last connection to close moves the write-ahead log into
 * the file.
 */
async function closeAll(beside: readonly SqliteFile[], writer: SqliteFile): Promise<void> {
  for (const each of beside) await each.close();
  await writer.close();
}
