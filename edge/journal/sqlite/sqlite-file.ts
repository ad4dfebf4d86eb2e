import sqlite3 from "sqlite3";
import type { JournalFailure, JournalFailureCode } from "../journal.ts";

/**
 * One SQLite connection. Statements run on the thread pool, so that a stalling disk never holds
 * the caller's thread. Its promises reject with `SqliteError` alone.
 */
export interface SqliteFile {
  exec(sql: string): Promise<void>;
  all(sql: string, params?: readonly SqliteValue[]): Promise<readonly SqliteRow[]>;
  prepare(sql: string): Promise<SqliteStatement>;
  /** As a statement's `run`, for what is not worth keeping prepared. */
  run(sql: string, ...of: Parameters<SqliteStatement["run"]>): void;
  /** Several statements without values, which bring their transaction with them. */
  runAll(sql: string, onDone: (failure: JournalFailure | null) => void): void;
  /** Finalizes its statements. Never rejects. */
  close(): Promise<void>;
}

export interface SqliteStatement {
  /** In a transaction of its own; `onDone` is called when that is synced, or has failed. */
  run(params: readonly SqliteValue[], onDone: (failure: JournalFailure | null) => void): void;
  all(params: readonly SqliteValue[]): Promise<readonly SqliteRow[]>;
}

export type SqliteValue = string | number | null;
export type SqliteRow = Readonly<Record<string, unknown>>;

export class SqliteError extends Error {
  readonly failure: JournalFailure;
  constructor(failure: JournalFailure, cause: unknown) {
    super(failure.why, { cause });
    this.name = "SqliteError";
    this.failure = failure;
  }
}

export interface SqliteFileOptions {
  readonly file: string;
  readonly mode: "create" | "readWrite" | "readOnly";
  /** How long a statement waits for somebody else's lock. */
  readonly busyMsMax: number;
}

const openFlags = {
  create: sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE,
  readWrite: sqlite3.OPEN_READWRITE,
  readOnly: sqlite3.OPEN_READONLY,
} as const;

export async function openSqliteFile(options: SqliteFileOptions): Promise<SqliteFile> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened = new sqlite3.Database(options.file, openFlags[options.mode], (error) => {
      if (error === null) resolve(opened);
      else reject(sqliteError(error, options.file));
    });
  });
  database.configure("busyTimeout", options.busyMsMax);
  const statements: sqlite3.Statement[] = [];

  const call = <T>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      start((error, value) => {
        if (error === null) resolve(value as T);
        else reject(sqliteError(error, options.file));
      });
    });

  return {
    exec: (sql) => call<void>((done) => database.exec(sql, done)),
    all: (sql, params = []) =>
      call<readonly SqliteRow[]>((done) => database.all<SqliteRow>(sql, [...params], done)),
    run(sql, params, onDone) {
      database.run(sql, [...params], (error: Error | null) => {
        onDone(error === null ? null : failureOf(error, options.file));
      });
    },
    runAll(sql, onDone) {
      database.exec(sql, (error) => onDone(error === null ? null : failureOf(error, options.file)));
    },
    async prepare(sql) {
      const statement = await call<sqlite3.Statement>((done) => {
        const prepared = database.prepare(sql, (error) => done(error, prepared));
      });
      statements.push(statement);
      return {
        run(params, onDone) {
          statement.run(params, (error: Error | null) => {
            onDone(error === null ? null : failureOf(error, options.file));
          });
        },
        all: (params) =>
          call<readonly SqliteRow[]>((done) => statement.all<SqliteRow>([...params], done)),
      };
    },
    async close() {
      for (const statement of statements) {
        await new Promise<void>((resolve) => statement.finalize(() => resolve()));
      }
      await new Promise<void>((resolve) => database.close(() => resolve()));
    },
  };
}

const sqliteError = (error: Error, file: string): SqliteError =>
  new SqliteError(failureOf(error, file), error);

/** @see https://www.sqlite.org/rescode.html for the names. */
const codeOfResult: Readonly<Record<string, JournalFailureCode>> = {
  SQLITE_FULL: "diskFull",
  SQLITE_BUSY: "fileLocked",
  SQLITE_LOCKED: "fileLocked",
  SQLITE_CORRUPT: "fileDamaged",
  SQLITE_NOTADB: "fileDamaged",
  SQLITE_SCHEMA: "fileDamaged",
  SQLITE_CONSTRAINT: "fileDamaged",
  SQLITE_MISUSE: "closed",
};

function failureOf(error: Error, file: string): JournalFailure {
  const result = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code: codeOfResult[result] ?? "diskError", why: `${file}: ${error.message}` };
}
