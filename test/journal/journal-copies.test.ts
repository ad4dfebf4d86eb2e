/**
 * Goal: the centre's copies continue each chain exactly once and refuse gaps and forks by name.
 * Method: records made by the real chaining are taken in every order a link can bring them.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { chainOn, emptyTail, genesisHash } from "../../edge/journal/chain.ts";
import {
  openJournalCopies,
  type OpenCopiesOptions,
  type SqliteCopies,
} from "../../edge/journal/sqlite/sqlite-copies.ts";
import { allRecords } from "../../edge/journal/journal.ts";
import { verifyChain } from "../../edge/audit/verify.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { logBytesKept } from "../../edge/journal/sqlite/store-file.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { openRaw, temporaryFolder } from "./support.ts";

function chainOf(chain: string, length: number, word = "n"): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (let index = 0; index < length; index += 1) {
    records.push(chainOn(records.at(-1) ?? emptyTail(chain), `{"${word}":${index}}`));
  }
  return records;
}

async function copiesIn(
  file: string,
  options: Partial<OpenCopiesOptions> = {},
): Promise<SqliteCopies> {
  const result = await openJournalCopies({ file, ...options });
  if (result.kind === "refused") throw new Error(`${result.code}: ${result.why}`);
  onTestFinished(() => result.copies.close());
  return result.copies;
}

const newFile = (): string => join(temporaryFolder(), "copies.db");
const ten = chainOf("L1", 10);

it("holds nothing of a chain it never saw", async () => {
  const copies = await copiesIn(newFile());
  expect(copies.held("L1")).toEqual({ chain: "L1", seq: 0, hash: genesisHash("L1") });
  expect(copies.chains()).toEqual([]);
});

it("takes chains beside one another, synced FULL, and knows them after a restart", async () => {
  const file = newFile();
  const copies = await copiesIn(file);
  expect(await copies.readPragmaSynchronous()).toBe(2);
  await copies.take(ten.slice(0, 4));
  await copies.take(chainOf("L2", 3));
  expect(await copies.take(ten.slice(4))).toEqual({
    kind: "taken",
    heldSeq: 10,
    added: 6,
    repeated: 0,
  });
  await copies.close();
  const again = await copiesIn(file);
  expect(again.chains()).toEqual(["L1", "L2"]);
  expect(again.held("L1")).toEqual({ chain: "L1", seq: 10, hash: ten[9]!.hash });
  expect(again.held("L2").seq).toBe(3);
});

it("gives back exactly what it took", async () => {
  const copies = await copiesIn(newFile());
  await copies.take(ten);
  const records: JournalRecord[] = [];
  const readAfter = (afterSeq: number, max: number) => copies.readAfter("L1", afterSeq, max);
  for await (const record of allRecords({ readAfter })) records.push(record);
  expect(records).toEqual(ten);
  expect(verifyChain("L1", records).finding).toBeNull();
});

it("is idempotent: what comes again, wholly or in part, changes nothing", async () => {
  const copies = await copiesIn(newFile());
  await copies.take(ten.slice(0, 6));
  const again = await copies.take(ten.slice(0, 6));
  expect(again).toEqual({ kind: "taken", heldSeq: 6, added: 0, repeated: 6 });
  const overlapping = await copies.take(ten.slice(3));
  expect(overlapping).toEqual({ kind: "taken", heldSeq: 10, added: 4, repeated: 3 });
});

it("refuses a gap, names the record, and keeps what came before the gap", async () => {
  const copies = await copiesIn(newFile());
  expect(await copies.take(ten.slice(2))).toMatchObject({
    kind: "refused",
    code: "gap",
    seq: 3,
    heldSeq: 0,
  });
  const broken = [...ten.slice(0, 4), ...ten.slice(5)];
  expect(await copies.take(broken)).toMatchObject({
    kind: "refused",
    code: "gap",
    seq: 6,
    heldSeq: 4,
    added: 4,
  });
  expect(await copies.take(ten.slice(4))).toMatchObject({ kind: "taken", heldSeq: 10 });
});

it("refuses a fork: another record with a number it holds", async () => {
  const copies = await copiesIn(newFile());
  await copies.take(ten);
  const other = [...ten.slice(0, 5), chainOn(ten[4]!, '{"other":1}')];
  expect(await copies.take(other)).toMatchObject({
    kind: "refused",
    code: "fork",
    seq: 6,
    heldSeq: 10,
    repeated: 5,
  });
  expect(await copies.readAfter("L1", 5, 1)).toEqual([ten[5]]);
});

it("refuses a fork: a record that continues another history", async () => {
  const copies = await copiesIn(newFile());
  await copies.take(ten.slice(0, 5));
  const other = chainOf("L1", 6, "other");
  expect(await copies.take(other.slice(5))).toMatchObject({
    kind: "refused",
    code: "fork",
    seq: 6,
  });
});

it("refuses a record whose hash does not fit, and one of another chain", async () => {
  const copies = await copiesIn(newFile());
  const edited = { ...ten[1]!, body: "{}" };
  expect(await copies.take([ten[0]!, edited])).toMatchObject({
    kind: "refused",
    code: "hashWrong",
    seq: 2,
    heldSeq: 1,
  });
  const [foreign] = chainOf("L2", 1);
  expect(await copies.take([ten[1]!, foreign!])).toMatchObject({
    kind: "refused",
    code: "mixedChains",
    heldSeq: 2,
  });
});

it("works through calls in order, also when they do not wait for one another", async () => {
  const copies = await copiesIn(newFile());
  const outcomes = await Promise.all(ten.map((record) => copies.take([record])));
  expect(outcomes.map(({ heldSeq }) => heldSeq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

it("bounds the calls that wait, and says so", async () => {
  const copies = await copiesIn(newFile(), { takesPendingMax: 2 });
  const outcomes = await Promise.all(ten.slice(0, 3).map((record) => copies.take([record])));
  expect(outcomes[1]).toMatchObject({ kind: "taken", heldSeq: 2 });
  expect(outcomes[2]).toMatchObject({ kind: "failed", code: "overflow" });
  expect(await copies.take([ten[2]!])).toMatchObject({ kind: "taken", heldSeq: 3 });
});

it("answers a failing disk, and takes the same records when it is well again", async () => {
  const file = newFile();
  const copies = await copiesIn(file);
  const foreign = await openRaw(file);
  await foreign.exec("BEGIN IMMEDIATE");
  const failed = await copies.take(ten);
  expect(failed).toMatchObject({ kind: "failed", code: "fileLocked", heldSeq: 0, added: 0 });
  await foreign.exec("ROLLBACK");
  await foreign.close();
  expect(await copies.take(ten)).toMatchObject({ kind: "taken", heldSeq: 10 });
});

it("answers diskFull and closed", async () => {
  const copies = await copiesIn(newFile(), { fileBytesMax: 64 * 1024 });
  const large = chainOn(emptyTail("L1"), JSON.stringify("x".repeat(200_000)));
  expect(await copies.take([large])).toMatchObject({ kind: "failed", code: "diskFull" });
  await copies.close();
  expect(await copies.take(ten)).toMatchObject({ kind: "failed", code: "closed" });
});

it.each([
  "UPDATE record SET body = 'x'",
  "DELETE FROM record",
  "REPLACE INTO record SELECT * FROM record LIMIT 1",
])("its table forbids: %s", async (sql) => {
  const file = newFile();
  const copies = await copiesIn(file);
  await copies.take(ten);
  const raw = await openRaw(file);
  await expect(raw.exec(sql)).rejects.toThrow("append-only");
  await raw.close();
});

it("keeps a second writer out, and an agent's own journal", async () => {
  const file = newFile();
  await copiesIn(file);
  expect(await openJournalCopies({ file })).toMatchObject({ kind: "refused", code: "fileLocked" });
});

it("case wal-high-water: says while somebody holds its log, and cuts it when he has gone", async () => {
  const file = newFile();
  const copies = await copiesIn(file);
  const long = chainOf("L1", 14, "x".repeat(1_000_000));
  const reader = await openRaw(file);
  await copies.take(long.slice(0, 1));
  await reader.exec("BEGIN; SELECT count(*) FROM record");
  for (const record of long.slice(1, 13)) await copies.take([record]);
  let second = 0;
  const heldMs = async (): Promise<number> => {
    second += 1;
    return (await copies.readLogState(monotonicMs(second * 1_000))).heldMs;
  };
  await expect.poll(heldMs).toBeGreaterThan(0);
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(logBytesKept);
  await reader.exec("COMMIT");
  await expect.poll(heldMs).toBe(0);
  await copies.take(long.slice(13));
  expect((await copies.readLogState(monotonicMs(0))).bytes).toBeLessThanOrEqual(logBytesKept);
  await reader.close();
});
