import { crc32 } from "node:zlib";
import {
  damagedRow,
  keptId,
  lastOfEach,
  notAsWritten,
  storedKey,
  type KeptKey,
  type KeptRow,
  type RowCursor,
  type RowFailure,
  type RowsChecked,
  type RowWrite,
} from "../kept-rows.ts";
import {
  SqliteError,
  type SqliteFile,
  type SqliteRow,
  type SqliteStatement,
} from "./sqlite-file.ts";

/**
 * The rows beside a chain (`kept-rows.ts`), in tables of their own in the journal's file. A file that
 * has none yet gets them; programs that know nothing of them leave them alone, and what they append
 * meanwhile shows as records behind `appliedSeq`.
 */
export interface RowFile {
  /** As found when it was opened. */
  readonly appliedSeq: number;
  /** Statements for the transaction that is under way; one after the other. */
  writes(rows: readonly RowWrite[], appliedSeq: number): readonly RowStatement[];
  read(keys: readonly KeptKey[]): Promise<readonly KeptRow[]>;
  first(kind: number, rowsMax: number): Promise<readonly KeptRow[]>;
  count(kinds: readonly number[], atMost: number): Promise<readonly number[]>;
  check(from: RowCursor | null, rowsMax: number): Promise<Omit<RowsCheckedWell, "kind">>;
}

type RowsCheckedWell = Extract<RowsChecked, { kind: "checked" }>;

export interface RowStatement {
  readonly statement: SqliteStatement;
  readonly params: readonly (string | number)[];
}

const createTables = `BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS kept_row (kind INTEGER NOT NULL, key TEXT NOT NULL, place INTEGER,
    text TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (kind, key)) STRICT;
  CREATE INDEX IF NOT EXISTS kept_row_place ON kept_row (kind, place) WHERE place IS NOT NULL;
  CREATE TABLE IF NOT EXISTS rows_applied (only INTEGER PRIMARY KEY CHECK (only = 1),
    seq INTEGER NOT NULL) STRICT;
  COMMIT;`;

const putRows = `INSERT INTO kept_row (kind, key, place, text, sum)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1)
  WHERE true ON CONFLICT (kind, key)
  DO UPDATE SET place = excluded.place, text = excluded.text, sum = excluded.sum`;

const dropRows = `DELETE FROM kept_row WHERE (kind, key) IN
  (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`;

const putApplied = `INSERT INTO rows_applied VALUES (1, ?1)
  ON CONFLICT (only) DO UPDATE SET seq = ?1`;

const selectRows = `SELECT kept.kind, kept.key, kept.place, kept.text, kept.sum
  FROM json_each(?1) AS wanted CROSS JOIN kept_row AS kept
  ON kept.kind = wanted.value ->> 0 AND kept.key = wanted.value ->> 1`;
const selectFirst = `SELECT kind, key, place, text, sum FROM kept_row WHERE kind = ?1 AND place IS NOT NULL
  ORDER BY place LIMIT ?2`;

/** In the table's own order, and where its two indexes have each row: what they lack nobody finds. */
const selectNext = `WITH looked AS (SELECT rowid AS id, kind, key, place, text, sum FROM kept_row
  WHERE rowid > ?1 ORDER BY rowid LIMIT ?2)
  SELECT looked.*,
    (SELECT rowid FROM kept_row INDEXED BY sqlite_autoindex_kept_row_1
      WHERE kind = looked.kind AND key = looked.key) AS byKey,
    (SELECT rowid FROM kept_row INDEXED BY kept_row_place
      WHERE kind = looked.kind AND place = looked.place AND rowid = looked.id) AS byPlace
  FROM looked ORDER BY id`;

const countRows = `SELECT (SELECT count(*) FROM
  (SELECT 1 FROM kept_row WHERE kind = wanted.value LIMIT ?2)) AS total
  FROM json_each(?1) AS wanted ORDER BY wanted.key`;

const sumOf = ({ kind, key, place, text }: KeptRow): number =>
  crc32(`${keptId({ kind, key })}/${place ?? ""}/${text}`);

/** `reader` is a connection beside the writer's. */
export async function openRowFile(
  file: string,
  writer: SqliteFile,
  reader: SqliteFile,
): Promise<RowFile> {
  await writer.exec(createTables);
  const [put, drop, applied] = [
    await writer.prepare(putRows),
    await writer.prepare(dropRows),
    await writer.prepare(putApplied),
  ];
  const found = await reader.all("SELECT seq FROM rows_applied");
  const readRows = createReads(file, await reader.prepare(selectRows));
  const first = await reader.prepare(selectFirst);
  const count = await reader.prepare(countRows);
  const next = await reader.prepare(selectNext);
  return {
    appliedSeq: Number(found[0]?.["seq"] ?? 0),
    writes(rows, appliedSeq) {
      const last = lastOfEach(rows);
      const puts = last.flatMap((row) => {
        const { kind, key, place, text } = row;
        const sum = text === null ? 0 : sumOf({ kind, key, place, text });
        return text === null ? [] : [[kind, storedKey(key), place, text, sum]];
      });
      const drops = last.flatMap(({ kind, key, text }) =>
        text === null ? [[kind, storedKey(key)]] : [],
      );
      return [
        ...(puts.length === 0 ? [] : [{ statement: put, params: [JSON.stringify(puts)] }]),
        ...(drops.length === 0 ? [] : [{ statement: drop, params: [JSON.stringify(drops)] }]),
        { statement: applied, params: [appliedSeq] },
      ];
    },
    read: readRows,
    first: async (kind, rowsMax) => (await first.all([kind, rowsMax])).map(checked(file)),
    count: async (kinds, atMost) => {
      const counted = await count.all([JSON.stringify(kinds), atMost]);
      return counted.map(({ total }) => Number(total));
    },
    async check(from, rowsMax) {
      const rows = await next.all([from ?? Number.MIN_SAFE_INTEGER, rowsMax]);
      const damaged = rows.flatMap((row) => {
        const read = readRow(file, row);
        if ("code" in read) return [read];
        const isFound =
          row["byKey"] === row["id"] && (read.place === null || row["byPlace"] === row["id"]);
        return isFound ? [] : [damagedRow(file, read, "is not found where it is looked for")];
      });
      const last = rows.length < rowsMax ? undefined : rows.at(-1);
      return { damaged, last: last === undefined ? null : Number(last["id"]) };
    },
  };
}

interface Read {
  readonly keys: readonly KeptKey[];
  readonly found: PromiseWithResolvers<readonly KeptRow[]>;
}

/** Whatever is asked for while the disk is asked goes with the next question, as one. */
function createReads(file: string, select: SqliteStatement): RowFile["read"] {
  let waiting: Read[] = [];
  let isReading = false;

  const answer = (reads: readonly Read[], rows: readonly SqliteRow[]): void => {
    const byId = new Map<string, SqliteRow>(
      rows.map((row) => [`${String(row["kind"])}/${String(row["key"])}`, row]),
    );
    for (const { keys, found } of reads) {
      try {
        const own = keys.flatMap(({ kind, key }) => {
          const row = byId.get(`${kind}/${storedKey(key)}`);
          return row === undefined ? [] : [row];
        });
        found.resolve(own.map(checked(file)));
      } catch (error) {
        found.reject(error);
      }
    }
  };

  const pump = (): void => {
    if (isReading || waiting.length === 0) return;
    isReading = true;
    const reads = waiting;
    waiting = [];
    const wanted = reads.flatMap(({ keys }) => keys.map(({ kind, key }) => [kind, storedKey(key)]));
    void select
      .all([JSON.stringify(wanted)])
      .then(
        (rows) => answer(reads, rows),
        (error: unknown) => {
          for (const { found } of reads) found.reject(error);
        },
      )
      .then(() => {
        isReading = false;
        pump();
      });
  };

  return (keys) => {
    const found = Promise.withResolvers<readonly KeptRow[]>();
    waiting.push({ keys, found });
    pump();
    return found.promise;
  };
}

/** A row that is not as it was written says nothing. */
const checked =
  (file: string) =>
  (row: SqliteRow): KeptRow => {
    const read = readRow(file, row);
    if ("code" in read) throw new DamagedRow(read);
    return read;
  };

function readRow(file: string, row: SqliteRow): KeptRow | RowFailure {
  const place = row["place"] === null ? null : Number(row["place"]);
  const [kind, stored, text] = [Number(row["kind"]), String(row["key"]), String(row["text"])];
  const key = unstoredKey(stored);
  if (key !== null && sumOf({ kind, key, place, text }) === row["sum"]) {
    return { kind, key, place, text };
  }
  return damagedRow(file, { kind, key: key ?? stored }, notAsWritten);
}

class DamagedRow extends SqliteError {
  override readonly failure: RowFailure;
  constructor(failure: RowFailure) {
    super(failure, null);
    this.failure = failure;
  }
}

function unstoredKey(stored: string): string | null {
  try {
    const key: unknown = JSON.parse(`"${stored}"`);
    return typeof key === "string" ? key : null;
  } catch {
    return null;
  }
}

export type FailedRead = { readonly kind: "failed" } & RowFailure;

/** What was read, or why it was not, as whoever asked is told of it. */
export const readingOf = <Read>(read: Promise<Read>): Promise<Read | FailedRead> =>
  read.catch((error: unknown): FailedRead => {
    const failure = failureOfSqlite(error);
    const isUnreadable = failure.code === "diskError";
    return { kind: "failed", ...failure, ...(isUnreadable && { isUnreadable }) };
  });

/** What a statement has rejected with; anything but a `SqliteError` is our own bug. */
export function failureOfSqlite(error: unknown): RowFailure {
  if (error instanceof DamagedRow) return error.failure;
  if (error instanceof SqliteError) return error.failure;
  throw error;
}
