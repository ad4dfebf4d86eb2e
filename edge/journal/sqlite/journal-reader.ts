import { access, constants, stat } from "node:fs/promises";
import { fileReason, isFolder } from "../../../protocols/file-reason.ts";
import type { Segment } from "../segments/segment.ts";
import { SqliteError, type SqliteFile } from "./sqlite-file.ts";
import {
  missingGuards,
  notOurs,
  openSide,
  readFormat,
  readSegments,
  refused,
  refusing,
  selectChains,
  selectStored,
  storedRecordOfRow,
  type Opened,
  type StoredRecord,
  type StoreRole,
} from "./store-file.ts";

/**
 * Reads a journal or the centre's copies without changing them, also while they are being written.
 * Checks nothing: `verify` does, and a broken file must still be readable as far as it goes.
 */
export interface JournalReader {
  readonly role: StoreRole;
  chains(): Promise<readonly string[]>;
  lastSeq(chain: string): Promise<number>;
  /** Rejects with `SqliteError` where the file is damaged. */
  readAfter(chain: string, afterSeq: number, recordsMax: number): Promise<readonly StoredRecord[]>;
  /** Which of the triggers that keep the table append-only were taken away or changed. */
  missingGuards(): Promise<readonly string[]>;
  /** What is noted of records that have left, chain by chain and in order. */
  segments(): Promise<readonly Segment[]>;
  /**
   * What SQLite finds wrong with the file as a whole, or null. Records are read through an index
   * in a file of copies: what the table itself says of their chains and numbers shows only here.
   */
  damage(): Promise<string | null>;
  close(): Promise<void>;
}

export async function openJournalReader(file: string): Promise<Opened<{ reader: JournalReader }>> {
  const trouble = await troubleWith(file);
  if (trouble !== null) return refused("diskError", `${file}: ${trouble}`);
  let connection: SqliteFile | null = null;
  const result = await refusing<{ reader: JournalReader }>(async () => {
    connection = await openSide(file, "readOnly");
    const state = await readFormat(connection);
    if (state === "journal" || state === "copies") {
      return { kind: "opened", reader: readerOn(connection, state) };
    }
    return refused("fileDamaged", notOurs(file, "journal", state));
  });
  if (result.kind === "refused") await (connection as SqliteFile | null)?.close();
  return result;
}

/**
 * SQLite has one answer for all of it: that the file could not be opened. It is not opened here:
 * closing it would free the locks of a writer in this process.
 *
 * @see https://www.sqlite.org/howtocorrupt.html section 2.2
 */
async function troubleWith(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).isDirectory()) return isFolder;
    await access(file, constants.R_OK);
    return null;
  } catch (error) {
    return fileReason(error);
  }
}

/**
 * The chain that its first record names. A record that was put in below it must not rename the
 * chain.
 */
const selectOwnChain = `WITH own (name) AS (SELECT coalesce(
    (SELECT chain FROM record WHERE seq > 0 ORDER BY seq LIMIT 1),
    (SELECT chain FROM record ORDER BY seq LIMIT 1)))
  SELECT name FROM own WHERE name IS NOT NULL`;

function readerOn(connection: SqliteFile, role: StoreRole): JournalReader {
  // An agent's own file holds one chain. All of its rows are read, so that a row under another
  // chain's name cannot hide.
  const ofChain = role === "journal" ? "?1 IS NOT NULL" : "chain = ?1";
  return {
    role,
    async chains() {
      const sql = role === "journal" ? selectOwnChain : selectChains;
      return (await connection.all(sql)).map((row) => String(row["name"]));
    },
    async lastSeq(chain) {
      const sql = `SELECT max(seq) AS last FROM record WHERE ${ofChain}`;
      return Number((await connection.all(sql, [chain]))[0]?.["last"] ?? 0);
    },
    async readAfter(chain, afterSeq, recordsMax) {
      const sql = `${selectStored} WHERE ${ofChain} AND seq > ?2 ORDER BY seq LIMIT ?3`;
      return (await connection.all(sql, [chain, afterSeq, recordsMax])).map(storedRecordOfRow);
    },
    missingGuards: () => missingGuards(connection, role),
    segments: () => readSegments(connection),
    async damage() {
      try {
        const [row] = await connection.all("PRAGMA integrity_check(1)");
        const found = String(row?.["integrity_check"]);
        return found === "ok" ? null : found;
      } catch (error) {
        if (error instanceof SqliteError) return error.failure.why;
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

const pageRecordsMax = 1_000;

export interface ReadEnd {
  /** Null when everything could be read. */
  readonly damage: string | null;
}

/**
 * Gives `onRecord` one record after the other until it returns false or nothing is left; also those
 * whose numbers are below 1, which no journal writes.
 */
export async function readChain(
  reader: JournalReader,
  chain: string,
  onRecord: (record: StoredRecord) => boolean,
): Promise<ReadEnd> {
  let seq = Number.NEGATIVE_INFINITY;
  let recordsMax = pageRecordsMax;
  for (;;) {
    let page: readonly StoredRecord[];
    try {
      page = await reader.readAfter(chain, seq, recordsMax);
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      if (recordsMax === 1) return { damage: error.failure.why };
      // From here on records are read one by one up to the damage, so that it can be named.
      recordsMax = 1;
      continue;
    }
    for (const record of page) if (!onRecord(record)) return { damage: null };
    const last = page.at(-1);
    // A number too large for a double would be read as the one before, over and over again.
    if (last === undefined || last.seq <= seq) return { damage: null };
    seq = last.seq;
  }
}
