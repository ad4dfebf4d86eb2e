/**
 * Goal: the journal on disk is durable, goes on where it ended, and a failing disk is an answer.
 * Method: real files; failures are real SQLite ones (a full file, a foreign lock, a damaged file).
 */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWalCheckpoints } from "../../edge/journal/sqlite/wal-checkpoints.ts";
import { stepEntry } from "../../edge/journal/entries.ts";
import { appendDurably, inPassingMsMax } from "../../edge/journal/journal.ts";
import { openJournalReader } from "../../edge/journal/sqlite/journal-reader.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import {
  areLong,
  insertLongValues,
  logBytesKept,
  openSide,
  openWriter,
} from "../../edge/journal/sqlite/store-file.ts";
import { verifyChain } from "../../edge/audit/verify.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import {
  entries,
  entry,
  journalFileWith,
  opened,
  openRaw,
  recordsOf,
  tamper,
  temporaryFolder,
} from "./support.ts";

const clock = createVirtualClock();

it("writes with synchronous FULL, read back on the connection that writes (law 5)", async () => {
  const journal = await opened({ file: join(temporaryFolder(), "j.db") });
  expect(await journal.readPragmaSynchronous()).toBe(2);
});

it("writes ahead: the file's journal mode is WAL", async () => {
  const raw = await openRaw(await journalFileWith(1));
  expect(await raw.all("PRAGMA journal_mode")).toEqual([{ journal_mode: "wal" }]);
  await raw.close();
});

it("refuses a file of a later format by its number, for writing and for reading, and leaves it", async () => {
  const file = await journalFileWith(3);
  await tamper(file, "PRAGMA user_version = 3");
  const why = `${file}: of format 3, by a later Sortline; this one knows 1 and 2`;
  const refusal = { kind: "refused", code: "fileDamaged", why };
  expect(await openJournal({ file, chain: "L1", clock })).toMatchObject(refusal);
  expect(await openJournalReader(file)).toMatchObject(refusal);
  await tamper(file, "PRAGMA user_version = 1");
  expect((await opened({ file })).lastSeq()).toBe(3);
});

it("goes on with the next number and the same chain after a restart", async () => {
  const file = await journalFileWith(3);
  const journal = await opened({ file });
  expect(journal.lastSeq()).toBe(3);
  expect(await appendDurably(journal, [entry(4)])).toEqual({
    kind: "durable",
    firstSeq: 4,
    lastSeq: 4,
  });
  const records = await recordsOf(journal);
  expect(verifyChain("L1", records)).toMatchObject({ lastSeq: 4, finding: null });
});

it("takes long and short records in one chain, whatever has to be escaped in them", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  const text = '"\\\n清😀'.repeat(40_000);
  const facts = [{ text }];
  const long = Array.from({ length: 9 }, () =>
    stepEntry("L1", { kind: "timer" }, { commands: [], facts }),
  );
  expect(await appendDurably(journal, [entry(1)])).toMatchObject({ kind: "durable" });
  expect(await appendDurably(journal, long)).toMatchObject({ firstSeq: 2, lastSeq: 10 });
  expect(await appendDurably(journal, [entry(2)])).toMatchObject({ firstSeq: 11 });
  await journal.close();
  const records = await recordsOf(await opened({ file }));
  expect(verifyChain("L1", records)).toMatchObject({ lastSeq: 11, finding: null });
});

it("hands long bodies over as they are, not in a text of their own", () => {
  const of = (body: string) => [{ chain: "L1", seq: 1, prevHash: "p", hash: "h", body }];
  const long = of('"'.repeat(100_000));
  expect(areLong(long)).toBe(true);
  expect(areLong(of("short"))).toBe(false);
  expect(insertLongValues(long)).toContain(long[0]?.body);
});

it("keeps what the centre acknowledged over a restart", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  await appendDurably(journal, entries(5));
  journal.acknowledge(4);
  await journal.close();
  expect((await opened({ file })).acknowledgedSeq()).toBe(4);
});

it("keeps where the centre's own journal ended over a restart", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  await appendDurably(journal, entries(5));
  const end = { chain: "centre.g2", seq: 4_000_000_000, hash: "a".repeat(64) };
  journal.noteCentre(end);
  await journal.close();
  const again = await opened({ file });
  expect(again.notedCentre()).toEqual(end);
  expect(again.acknowledgedSeq()).toBe(0);
});

it("opens a file of before that was kept, and keeps it there as well", async () => {
  const file = await journalFileWith(3);
  const raw = await openRaw(file);
  await raw.exec("DROP TABLE centre; INSERT INTO acknowledged VALUES (1, 2)");
  await raw.close();
  const journal = await opened({ file });
  expect([journal.acknowledgedSeq(), journal.notedCentre()]).toEqual([2, null]);
  journal.noteCentre({ chain: "centre", seq: 1, hash: "b".repeat(64) });
  await journal.close();
  const again = await opened({ file });
  expect([again.acknowledgedSeq(), again.notedCentre()?.seq]).toEqual([2, 1]);
});

it("stores an acknowledgement within a second of the clock", async () => {
  const file = join(temporaryFolder(), "j.db");
  const ownClock = createVirtualClock();
  const journal = await opened({ file, clock: ownClock });
  await appendDurably(journal, entries(5));
  journal.acknowledge(4);
  ownClock.runFor(1_000);
  await appendDurably(journal, [entry(6)]);
  const raw = await openRaw(file);
  expect(await raw.all("SELECT seq FROM acknowledged")).toEqual([{ seq: 4 }]);
  await raw.close();
});

it.each([
  ["UPDATE", "UPDATE record SET body = 'x' WHERE seq = 2"],
  ["DELETE", "DELETE FROM record WHERE seq = 2"],
  ["REPLACE", "REPLACE INTO record SELECT seq, chain, 'x', prev_hash, hash FROM record LIMIT 1"],
  ["a gap", "INSERT INTO record SELECT 9, chain, body, prev_hash, hash FROM record LIMIT 1"],
])("its table forbids %s", async (_, sql) => {
  const raw = await openRaw(await journalFileWith(3));
  await expect(raw.exec(sql)).rejects.toThrow("append-only");
  await raw.close();
});

it("lets what nobody waits for lie until its time is up, or there is much of it", async () => {
  const ownClock = createVirtualClock();
  const journal = await opened({ file: join(temporaryFolder(), "j.db"), clock: ownClock });
  const inPassing = (count: number): Promise<unknown> =>
    Promise.all(
      entries(count).map((one) => new Promise((then) => journal.append([one], then, "inPassing"))),
    );
  const first = inPassing(3);
  ownClock.runFor(inPassingMsMax - 1);
  await journal.readPragmaSynchronous();
  expect(journal.health().counters).toMatchObject({ commitsTotal: 0, entriesPending: 3 });
  ownClock.runFor(1);
  await first;
  expect(journal.health().counters).toMatchObject({ commitsTotal: 1, entriesPending: 0 });
  await inPassing(64);
  expect(journal.health().counters.commitsTotal).toBe(2);
});

it("keeps a second writer out", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  const second = await openJournal({ file, chain: "L1", clock });
  expect(second).toMatchObject({ kind: "refused", code: "fileLocked" });
  expect(await appendDurably(journal, [entry(1)])).toMatchObject({ kind: "durable" });
  await journal.close();
  expect((await opened({ file })).lastSeq()).toBe(1);
});

it("refuses a journal of another chain, and names both", async () => {
  const file = await journalFileWith(1, "L2");
  const result = await openJournal({ file, chain: "L1", clock });
  expect(result).toMatchObject({
    kind: "refused",
    code: "fileDamaged",
    why: "the file holds chain L2, not L1",
  });
});

it("refuses to go on from a broken tail, and names the record", async () => {
  const file = await journalFileWith(5);
  await tamper(file, "UPDATE record SET body = replace(body, '40', '41') WHERE seq = 4");
  const result = await openJournal({ file, chain: "L1", clock });
  expect(result).toMatchObject({ kind: "refused", code: "fileDamaged" });
  expect(result).toHaveProperty("why", expect.stringContaining("broken at record 4"));
});

it("refuses a file that is something else", async () => {
  const folder = temporaryFolder();
  const text = join(folder, "notes.txt");
  writeFileSync(text, "not a database, but long enough to be taken for one? ".repeat(40));
  const database = join(folder, "other.db");
  const raw = await openRaw(database);
  await raw.exec("CREATE TABLE parcels (id)");
  await raw.close();
  for (const file of [text, database]) {
    const result = await openJournal({ file, chain: "L1", clock });
    expect(result).toMatchObject({ kind: "refused", code: "fileDamaged" });
  }
});

it("refuses a folder that is not there, in SQLite's words", async () => {
  const file = join(temporaryFolder(), "missing", "j.db");
  const result = await openJournal({ file, chain: "L1", clock });
  expect(result).toMatchObject({ kind: "refused", code: "diskError" });
  expect(result).toHaveProperty("why", expect.stringContaining("SQLITE_CANTOPEN"));
});

it("answers diskFull for a batch that does not fit, and what is held stays whole", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file, fileBytesMax: 64 * 1024 });
  expect(await appendDurably(journal, entries(10))).toMatchObject({ kind: "durable" });
  const large = { ...entry(11), event: { text: "x".repeat(200_000) } };
  expect(await appendDurably(journal, [large])).toMatchObject({ kind: "failed", code: "diskFull" });
  expect(journal.health()).toMatchObject({ state: "failed" });
  expect(await appendDurably(journal, [entry(11)])).toEqual({
    kind: "durable",
    firstSeq: 11,
    lastSeq: 11,
  });
  expect(journal.health()).toMatchObject({ state: "writing", why: null });
  const records = await recordsOf(journal);
  expect(verifyChain("L1", records)).toMatchObject({ lastSeq: 11, finding: null });
});

it("fails at once between repairs, and writes again when the lock is gone", async () => {
  const file = join(temporaryFolder(), "j.db");
  const ownClock = createVirtualClock();
  const journal = await opened({ file, clock: ownClock });
  await appendDurably(journal, [entry(1)]);
  const foreign = await openRaw(file);
  await foreign.exec("BEGIN IMMEDIATE");
  expect(await appendDurably(journal, [entry(2)])).toMatchObject({
    kind: "failed",
    code: "fileLocked",
  });
  expect(await appendDurably(journal, [entry(2)])).toMatchObject({
    kind: "failed",
    code: "fileLocked",
  });
  await foreign.exec("ROLLBACK");
  await foreign.close();
  expect(await appendDurably(journal, [entry(2)])).toMatchObject({
    kind: "failed",
    code: "fileLocked",
  });
  ownClock.runFor(1_000);
  expect(await appendDurably(journal, [entry(2)])).toEqual({
    kind: "durable",
    firstSeq: 2,
    lastSeq: 2,
  });
});

it("gives every append its outcome when it is closed while the disk fails", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  const foreign = await openRaw(file);
  await foreign.exec("BEGIN IMMEDIATE");
  const waiting = [appendDurably(journal, [entry(1)]), appendDurably(journal, [entry(2)])];
  const closed = journal.close();
  expect(await Promise.all(waiting)).toMatchObject([{ kind: "failed" }, { kind: "failed" }]);
  await closed;
  await foreign.close();
});

it("says overflow when too many characters wait", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file, charsPendingMax: 1_000 });
  const large = { ...entry(1), event: { text: "x".repeat(2_000) } };
  expect(await appendDurably(journal, [large])).toMatchObject({ kind: "failed", code: "overflow" });
  expect(await appendDurably(journal, [entry(1)])).toMatchObject({ kind: "durable" });
});

it("moves its log into the file beside the commits", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  const large = { ...entry(1), event: { text: "x".repeat(100_000) } };
  for (let count = 0; count < 60; count += 1) await appendDurably(journal, [large]);
  // Nothing but our own checkpoints makes the file itself grow.
  await expect.poll(() => statSync(file).size, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
});

it("finishes a log that could not be moved wholly, so that it starts again", async () => {
  const file = await journalFileWith(1);
  const written = await openWriter({
    file,
    role: "journal",
    fileBytesMax: null,
    isRolling: false,
  });
  if (written.kind === "refused") throw new Error(written.why);
  const { writer } = written;
  const side = await openSide(file, "readWrite");
  const checkpoints = createWalCheckpoints(side, { logBytesBeforeMove: 0, logPagesMax: 3 });
  const grow = (seq: number) =>
    writer.exec(`INSERT INTO record VALUES (${seq}, 'L1', '${"x".repeat(50_000)}', 'p', 'h')`);
  const reader = await openRaw(file);
  await reader.exec("BEGIN; SELECT * FROM record");
  await grow(2);
  checkpoints.noteCommit(50_000);
  await expect.poll(() => checkpoints.isFinishDue()).toBe(true);
  await reader.exec("COMMIT");
  await checkpoints.finish(writer);
  expect(checkpoints.isFinishDue()).toBe(false);
  await writer.exec("INSERT INTO record VALUES (3, 'L1', 'short', 'p', 'h')");
  const [row] = await reader.all("PRAGMA wal_checkpoint(PASSIVE)");
  expect(Number(row?.["log"])).toBeLessThan(10);
  for (const connection of [reader, side, writer]) await connection.close();
});

it("finishes a log that commits kept growing while it was moved", async () => {
  const file = await journalFileWith(1);
  const side = await openSide(file, "readWrite");
  const writer = await openRaw(file);
  await writer.exec(`PRAGMA wal_autocheckpoint = 0`);
  await writer.exec(`INSERT INTO record VALUES (2, 'L1', '${"x".repeat(50_000)}', 'p', 'h')`);
  const checkpoints = createWalCheckpoints(side, { logBytesBeforeMove: 0, logPagesMax: 3 });
  checkpoints.noteCommit(50_000);
  // The move that has just begun does not see this one.
  checkpoints.noteCommit(50_000);
  await expect.poll(() => checkpoints.isFinishDue()).toBe(true);
  for (const connection of [side, writer]) await connection.close();
});

it("stores a text that SQLite and JSON might mangle exactly as it was hashed", async () => {
  const file = join(temporaryFolder(), "j.db");
  const journal = await opened({ file });
  const text = "放行\u0000\uD800\"\\\u2028'😀";
  await appendDurably(journal, [{ ...entry(1), event: { text } }]);
  const records = await journal.readAfter(0, 1);
  expect(JSON.parse(records[0]?.body ?? "")).toMatchObject({ event: { text } });
  expect(verifyChain("L1", records).finding).toBeNull();
});

it("case wal-high-water: a log that a reader holds is told, and is short again when he lets go", async () => {
  const file = join(temporaryFolder(), "j.db");
  const ownClock = createVirtualClock();
  const journal = await opened({ file, clock: ownClock });
  const large = { ...entry(1), event: { text: "x".repeat(1_000_000) } };
  const write = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await appendDurably(journal, [large]);
  };
  const logSize = (): number => statSync(`${file}-wal`).size;
  const reader = await openRaw(file);
  await write(1);
  expect(await journal.readLogState()).toEqual({ bytes: logSize(), heldMs: 0 });
  await reader.exec("BEGIN; SELECT count(*) FROM record");
  await write(12);
  const heldAfterSecond = async (): Promise<number> => {
    ownClock.runFor(1_000);
    return (await journal.readLogState()).heldMs;
  };
  await expect.poll(heldAfterSecond).toBeGreaterThan(0);
  expect(logSize()).toBeGreaterThan(logBytesKept);
  await reader.exec("COMMIT");
  await expect.poll(async () => (await journal.readLogState()).heldMs).toBe(0);
  await write(1);
  expect(logSize()).toBeLessThanOrEqual(logBytesKept);

  // As tools do that copy a file: what they have read they then have moved, and the log emptied.
  await reader.exec("BEGIN; SELECT count(*) FROM record");
  await write(2);
  await expect.poll(heldAfterSecond).toBeGreaterThan(0);
  await reader.exec("COMMIT");
  const empty = async (): Promise<number> => {
    await reader.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return logSize();
  };
  await expect.poll(empty).toBe(0);
  await expect.poll(heldAfterSecond).toBe(0);
  await reader.close();
});
