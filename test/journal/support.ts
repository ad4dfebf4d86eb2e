import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sqlite3 from "sqlite3";
import { onTestFinished } from "vitest";
import type { JournalRecord } from "../../protocols/link.ts";
import { stepEntry, type StepEntry } from "../../edge/journal/entries.ts";
import { allRecords, appendDurably, type Journal } from "../../edge/journal/journal.ts";
import type { KeptKey } from "../../edge/journal/kept-rows.ts";
import {
  openJournal,
  openRowJournal,
  type OpenJournalOptions,
  type SqliteJournal,
} from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sortline-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A step whose content tells it from every other. */
export const entry = (n: number): StepEntry =>
  stepEntry("L1", { kind: "weight", n, weightG: n * 10 }, { commands: [], facts: [{ n }] });

export const entries = (count: number): StepEntry[] =>
  Array.from({ length: count }, (_, index) => entry(index + 1));

export async function recordsOf(
  source: Pick<Journal, "readAfter">,
): Promise<readonly JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const record of allRecords(source)) records.push(record);
  return records;
}

export async function opened(
  options: Partial<OpenJournalOptions> & { readonly file: string },
): Promise<SqliteJournal> {
  const result = await openJournal({ chain: "L1", clock: createVirtualClock(), ...options });
  if (result.kind === "refused") throw new Error(`${result.code}: ${result.why}`);
  const { journal } = result;
  onTestFinished(() => journal.close());
  return journal;
}

/** A closed journal file of one chain with `count` records, made by the real journal. */
export async function journalFileWith(count: number, chain = "L1"): Promise<string> {
  const file = join(temporaryFolder(), "journal.db");
  const journal = await opened({ file, chain });
  await appendDurably(journal, entries(count));
  await journal.close();
  return file;
}

/** A connection that knows nothing of journals. */
export interface RawFile {
  exec(sql: string): Promise<void>;
  all(sql: string): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openRaw(file: string): Promise<RawFile> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const made = new sqlite3.Database(file, (error) => (error ? reject(error) : resolve(made)));
  });
  return {
    exec: (sql) =>
      new Promise((resolve, reject) =>
        database.exec(sql, (error) => (error ? reject(error) : resolve())),
      ),
    all: (sql) =>
      new Promise((resolve, reject) =>
        database.all<Record<string, unknown>>(sql, (error, rows) =>
          error ? reject(error) : resolve(rows),
        ),
      ),
    close: () => new Promise((resolve) => database.close(() => resolve())),
  };
}

/** What somebody with the file and the SQLite shell would do. */
export async function tamper(file: string, sql: string): Promise<void> {
  const raw = await openRaw(file);
  const triggers = await raw.all("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of triggers) await raw.exec(`DROP TRIGGER ${String(name)}`);
  await raw.exec(sql);
  for (const trigger of triggers) await raw.exec(String(trigger["sql"]));
  await raw.close();
}

/** Changes a row of the centre's as a program of another version would have left it: it fits its sum. */
export async function rewriteRow(
  file: string,
  key: KeptKey,
  change: (text: string) => string,
): Promise<void> {
  const result = await openRowJournal({ file, chain: "centre", clock: createVirtualClock() });
  if (result.kind === "refused") throw new Error(result.why);
  const { journal } = result;
  const text = await new Promise<string>((resolve, reject) =>
    journal.readRows([key], (read) =>
      read.kind === "rows" ? resolve(read.rows[0]!.text) : reject(new Error(read.why)),
    ),
  );
  const rows = [{ ...key, place: null, text: change(text) }];
  await new Promise((resolve) =>
    journal.appendRows({ entries: [], rows, appliedSeq: journal.appliedSeq() }, resolve),
  );
  await journal.close();
}
