import type { JournalRecord } from "../../../protocols/link.ts";
import type { JournalFailure } from "../journal.ts";
import type { Segment } from "../segments/segment.ts";
import {
  onlyNoted,
  segmentGuards,
  segmentOfRow,
  segmentTable,
  selectSegments,
} from "./segment-notes.ts";
import {
  openSqliteFile,
  SqliteError,
  type SqliteFile,
  type SqliteRow,
  type SqliteValue,
} from "./sqlite-file.ts";

/**
 * The file format. Both roles have one table of records: an agent's own journal holds one chain,
 * and `seq` is the row's key; the centre's copies hold many chains. Triggers refuse every change
 * but the next record. Whoever removes the triggers to change something still breaks the chain of
 * hashes.
 */
export type StoreRole = "journal" | "copies";

const applicationIds = { journal: 0x534c4a31, copies: 0x534c4a43 } as const;
/**
 * `whole`: every record is in the file, and none may be taken out. `rolling`: the oldest may have left
 * for segments, which are noted. A file becomes rolling when it is opened by somebody who has a folder
 * for them; programs that know nothing of it do not open it then, since they would miss records.
 */
const formatVersions = { whole: 1, rolling: 2 } as const;
type FormatVersion = keyof typeof formatVersions;

const columns = `chain TEXT NOT NULL, body TEXT NOT NULL,
  prev_hash TEXT NOT NULL, hash TEXT NOT NULL`;

const tables = {
  journal: `CREATE TABLE record (seq INTEGER PRIMARY KEY, ${columns}) STRICT`,
  copies: `CREATE TABLE record (seq INTEGER NOT NULL, ${columns}, PRIMARY KEY (chain, seq)) STRICT`,
} as const satisfies Record<StoreRole, string>;

const guard = (name: string, when: string): string =>
  `CREATE TRIGGER record_${name} BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'append-only'); END`;

/** This also guards against REPLACE, which deletes a row without firing the DELETE trigger. */
const nextOnly = (rows: string): string =>
  `INSERT ON record WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ${rows})`;

const noUpdate = guard("no_update", "UPDATE ON record");
const noDelete = guard("no_delete", "DELETE ON record");
const nextOnlyOf = {
  journal: guard("next_only", nextOnly("record")),
  copies: guard("next_only", nextOnly("record WHERE chain = NEW.chain")),
} as const satisfies Record<StoreRole, string>;

const guardsOf = (role: StoreRole, version: FormatVersion): readonly string[] =>
  version === "whole"
    ? [noUpdate, noDelete, nextOnlyOf[role]]
    : [noUpdate, onlyNoted, nextOnlyOf[role], ...segmentGuards];

const acknowledgedTable = `CREATE TABLE acknowledged (only INTEGER PRIMARY KEY CHECK (only = 1),
  seq INTEGER NOT NULL) STRICT`;

/** Beside it, so that a file of before this was kept goes on as it is. */
const centreTable = `CREATE TABLE IF NOT EXISTS centre (only INTEGER PRIMARY KEY CHECK (only = 1),
  chain TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT`;

/** All of a batch in one statement, hence in one transaction and one hop to the thread pool. */
export const insertRecords = `INSERT INTO record (seq, chain, body, prev_hash, hash)
  SELECT value ->> 0, ?2, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) ORDER BY key`;

/** The first parameter of `insertRecords`. */
export const insertText = (records: readonly JournalRecord[]): string =>
  JSON.stringify(records.map(({ seq, body, prevHash, hash }) => [seq, body, prevHash, hash]));

/**
 * The same with a parameter for each value. Long bodies are not written into a JSON text again,
 * which takes the caller's thread twice as long as all that was done to them before.
 */
export const insertLong = (records: readonly JournalRecord[]): string =>
  `INSERT INTO record (seq, chain, body, prev_hash, hash)
   VALUES ${records.map(() => "(?, ?, ?, ?, ?)").join(", ")}`;

export const insertLongValues = (records: readonly JournalRecord[]): readonly SqliteValue[] =>
  records.flatMap(({ seq, chain, body, prevHash, hash }) => [seq, chain, body, prevHash, hash]);

/** From this on, on average, a body is long. */
const longBodyCharsMin = 32_768;

export const charsOf = (records: readonly JournalRecord[]): number =>
  records.reduce((chars, { body }) => chars + body.length, 0);

export const areLong = (records: readonly JournalRecord[]): boolean =>
  charsOf(records) >= longBodyCharsMin * records.length;

const recordColumns = "seq, chain, body, prev_hash, hash";
export const selectRecord = `SELECT ${recordColumns} FROM record`;

const storageClasses = {
  seq: "integer",
  chain: "text",
  body: "text",
  prev_hash: "text",
  hash: "text",
} as const;

/**
 * The same columns, and a word on how each is stored. A STRICT table does not stop somebody who
 * writes bytes into the file: a value may read the same and yet be stored in another class than its
 * column's.
 */
export const selectStored = `SELECT ${recordColumns}, CASE ${Object.entries(storageClasses)
  .map(
    ([column, wanted]) =>
      `WHEN typeof(${column}) <> '${wanted}'
       THEN '${column} is stored as ' || typeof(${column}) || ', not as ${wanted}'`,
  )
  .join(" ")} END AS misstored FROM record`;

/** Every chain's name, found through the key of a file of copies, not by reading everything. */
export const selectChains = `WITH RECURSIVE chains (name) AS (
    SELECT min(chain) FROM record
    UNION ALL SELECT (SELECT min(chain) FROM record WHERE chain > name) FROM chains
    WHERE name IS NOT NULL)
  SELECT name FROM chains WHERE name IS NOT NULL`;

/** Takes what is there as it is: a damaged field is for the chain's check to find. */
export const recordOfRow = (row: SqliteRow): JournalRecord => ({
  chain: String(row["chain"]),
  seq: Number(row["seq"]),
  body: String(row["body"]),
  prevHash: String(row["prev_hash"]),
  hash: String(row["hash"]),
});

export interface StoredRecord extends JournalRecord {
  /** Which column is of another storage class than the table's, and of which; null for none. */
  readonly misstored: string | null;
}

export const storedRecordOfRow = (row: SqliteRow): StoredRecord => ({
  ...recordOfRow(row),
  misstored: typeof row["misstored"] === "string" ? row["misstored"] : null,
});

export type Opened<T> = ({ readonly kind: "opened" } & T) | OpenRefused;
export interface OpenRefused extends JournalFailure {
  readonly kind: "refused";
}

/** Runs an opening whose steps reject with `SqliteError`; anything else is our own bug. */
export async function refusing<T>(open: () => Promise<Opened<T>>): Promise<Opened<T>> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof SqliteError) return { kind: "refused", ...error.failure };
    throw error;
  }
}

export const refused = (code: JournalFailure["code"], why: string): OpenRefused => ({
  kind: "refused",
  code,
  why,
});

export interface WriterOptions {
  readonly file: string;
  readonly role: StoreRole;
  /** Commits fail with `diskFull` beyond this; null for as much as the disk holds. */
  readonly fileBytesMax: number | null;
  /** Its oldest records may leave for segments. */
  readonly isRolling: boolean;
}

/**
 * No other program should write this file. A lock that one of them holds for a moment is waited for
 * no longer than this.
 */
const busyMsMax = 100;

/** The connection that writes: WAL, each commit synced before it counts, made if it is not there. */
export function openWriter(options: WriterOptions): Promise<Opened<{ writer: SqliteFile }>> {
  return refusing(async () => {
    const { file, role } = options;
    const writer = await openSqliteFile({ file, mode: "create", busyMsMax });
    try {
      const state = await readFormat(writer);
      if (state === "empty") await createFormat(writer, role);
      else if (state !== role) {
        await writer.close();
        return refused("fileDamaged", notOurs(file, role, state));
      }
      await setWriting(writer, options.fileBytesMax);
      if (role === "journal") await writer.exec(centreTable);
      if (options.isRolling && (await readVersion(writer)) === "whole") {
        await writer.exec(`${becomeRolling};`);
      }
      return { kind: "opened", writer };
    } catch (error) {
      await writer.close();
      throw error;
    }
  });
}

/**
 * A log that grew longer, because somebody held it, is cut to this at the first commit after it was
 * wholly moved. In use it stays below (`wal-checkpoints.ts`).
 */
export const logBytesKept = 8 * 1024 * 1024;

/**
 * Moving the write-ahead log into the file is done beside the commits (`wal-checkpoints.ts`), never
 * as a part of one.
 */
async function setWriting(writer: SqliteFile, fileBytesMax: number | null): Promise<void> {
  await writer.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;" +
      ` PRAGMA journal_size_limit = ${logBytesKept};` +
      " PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
  );
  if (fileBytesMax === null) return;
  const pageBytes = Number((await writer.all("PRAGMA page_size"))[0]?.["page_size"]);
  await writer.exec(`PRAGMA max_page_count = ${Math.floor(fileBytesMax / pageBytes)}`);
}

/** For reading, and for WAL checkpoints where `mode` allows writing. */
export async function openSide(file: string, mode: "readWrite" | "readOnly"): Promise<SqliteFile> {
  const side = await openSqliteFile({ file, mode, busyMsMax });
  await side.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
  return side;
}

/** From now on records may leave; in one go, so that there is no moment without a guard. */
const becomeRolling = [
  "BEGIN IMMEDIATE",
  segmentTable,
  ...segmentGuards,
  "DROP TRIGGER IF EXISTS record_no_delete",
  onlyNoted,
  `PRAGMA user_version = ${formatVersions.rolling}`,
  "COMMIT",
].join(";\n");

/** Why a file of that state is not opened as `role`. */
export function notOurs(file: string, role: StoreRole, state: FormatState): string {
  if (state === "foreign") return `${file}: not a Sortline journal, expected ${role}`;
  const known = Object.values(formatVersions).join(" and ");
  return state.startsWith(laterFormat)
    ? `${file}: of ${state}, by a later Sortline; this one knows ${known}`
    : `${file}: holds ${state}, expected ${role}`;
}

const laterFormat = "format ";

/** `format N`: ours, of a later program than this one. */
export type FormatState = StoreRole | "empty" | "foreign" | `${typeof laterFormat}${number}`;

export async function readFormat(connection: SqliteFile): Promise<FormatState> {
  const pragma = async (name: string): Promise<unknown> =>
    (await connection.all(`PRAGMA ${name}`))[0]?.[name];
  const id = await pragma("application_id");
  const version = await pragma("user_version");
  const things = await connection.all("SELECT count(*) AS total FROM sqlite_schema");
  if (id === 0 && things[0]?.["total"] === 0) return "empty";
  const role = roleOf(id);
  if (role === null) return "foreign";
  if (versionOf(version) !== null) return role;
  const isLater = typeof version === "number" && version > formatVersions.rolling;
  return isLater ? `${laterFormat}${version}` : "foreign";
}

const roleOf = (applicationId: unknown): StoreRole | null => {
  if (applicationId === applicationIds.journal) return "journal";
  return applicationId === applicationIds.copies ? "copies" : null;
};

const versionOf = (stored: unknown): FormatVersion | null => {
  if (stored === formatVersions.whole) return "whole";
  return stored === formatVersions.rolling ? "rolling" : null;
};

async function readVersion(connection: SqliteFile): Promise<FormatVersion | null> {
  return versionOf((await connection.all("PRAGMA user_version"))[0]?.["user_version"]);
}

/** What is noted of records that have left, chain by chain and in order. */
export async function readSegments(connection: SqliteFile): Promise<readonly Segment[]> {
  if ((await readVersion(connection)) !== "rolling") return [];
  return (await connection.all(selectSegments)).map(segmentOfRow);
}

async function createFormat(writer: SqliteFile, role: StoreRole): Promise<void> {
  const statements = [
    "BEGIN IMMEDIATE",
    tables[role],
    ...guardsOf(role, "whole"),
    ...(role === "journal" ? [acknowledgedTable] : []),
    `PRAGMA application_id = ${applicationIds[role]}`,
    `PRAGMA user_version = ${formatVersions.whole}`,
    "COMMIT",
  ];
  await writer.exec(`${statements.join(";\n")};`);
}

/** Names of guards that are not there as they were made. */
export async function missingGuards(
  connection: SqliteFile,
  role: StoreRole,
): Promise<readonly string[]> {
  const rows = await connection.all("SELECT sql FROM sqlite_schema WHERE type = 'trigger'");
  const present = new Set(rows.map((row) => row["sql"]));
  const wanted = guardsOf(role, (await readVersion(connection)) ?? "whole");
  return wanted.filter((sql) => !present.has(sql)).map((sql) => sql.split(" ")[2] ?? sql);
}
