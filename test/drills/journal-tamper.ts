import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sqlite3 from "sqlite3";
import { judgeEnd, untilGreens, withSite, type Drill } from "./drill.ts";
import { verifyFile } from "./journal-tool.ts";
import type { Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";

const rate = 1_200;
const lineId = "L1";

export const journalTamper: Drill = {
  name: "journal-tamper",
  summary: "change a stopped journal behind its back: verify names the record",
  run: (context) =>
    withSite(context, { lines: 1, rate }, async (site) => {
      await untilGreens(site, 1);
      await judgeEnd(site, context.findings);
      await judgeTamper(site, context.findings);
    }),
};

/** The site is stopped: its journal is one file, and nobody writes it. */
export async function judgeTamper(site: DrillSite, findings: Findings): Promise<void> {
  const journal = join(site.dataDir, `agent-${lineId}`, "journal.db");
  const log = site.logs.get(lineId);
  await log?.refresh();
  const target = Math.floor((log?.lastSeq() ?? 0) / 2);
  const copies: readonly (readonly [how: string, change: (file: string) => Promise<void>])[] = [
    ["a body edited through SQL, its triggers put back", (file) => editBody(file, target)],
    ["a byte flipped in the file", (file) => flipByte(file, target)],
  ];
  for (const [index, [how, change]] of copies.entries()) {
    const file = join(site.dataDir, `tampered-${index}.db`);
    await copyFile(journal, file);
    await change(file);
    const { code, text } = await verifyFile(site.dataDir, file);
    const isNamed = code === 1 && new RegExp(`\\b${target}\\b`).test(text);
    findings.check(`verify names record ${target}: ${how}`, isNamed, text);
  }
}

/** What somebody with the file and the SQLite shell would do: a green to an inspection, say. */
async function editBody(file: string, seq: number): Promise<void> {
  const raw = await openRaw(file);
  const triggers = await raw.all("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of triggers) await raw.all(`DROP TRIGGER ${String(name)}`);
  await raw.all(`UPDATE record SET body = replace(body, '"wallAt":1', '"wallAt":2')
                 WHERE seq = ${seq}`);
  for (const { sql } of triggers) await raw.all(String(sql));
  await raw.close();
}

/** One bit of one byte in the middle of a body, where SQLite itself notices nothing. */
async function flipByte(file: string, seq: number): Promise<void> {
  const raw = await openRaw(file);
  const [row] = await raw.all(`SELECT body FROM record WHERE seq = ${seq}`);
  // What lies in the write-ahead log would not be in the file.
  await raw.all("PRAGMA wal_checkpoint(TRUNCATE)");
  await raw.close();
  const bytes = await readFile(file);
  const body = String(row?.["body"]);
  // The whole of it, because two records may well begin alike.
  const at = bytes.indexOf(body);
  if (at < 0) throw new Error(`record ${seq} is not in the file in one piece`);
  const flipped = at + bodyByte;
  bytes[flipped] = (bytes[flipped] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

const bodyByte = 20;

interface RawFile {
  all(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** A connection that knows nothing of journals. */
async function openRaw(file: string): Promise<RawFile> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const made = new sqlite3.Database(file, (error) => (error ? reject(error) : resolve(made)));
  });
  return {
    all: (sql) =>
      new Promise((resolve, reject) =>
        database.all<Record<string, unknown>>(sql, (error, rows) =>
          error ? reject(error) : resolve(rows),
        ),
      ),
    close: () => new Promise((resolve) => database.close(() => resolve())),
  };
}
