// Goal: a program that is killed in virtual time leaves of its journal what a disk would have (law 17).
// Method: one batch that is durable, one under way and one that waits, when the journal is killed.
import { expect, test } from "vitest";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const syncMs = 100;
const entry = (lineId: string): JournalEntry => ({
  kind: "open",
  lineId,
  logicVersion: "1",
  wallAt: 0 as never,
  config: {},
});

test.each([
  { isSyncThrough: true, left: ["kept", "under way"] },
  { isSyncThrough: false, left: ["kept"] },
])("a sync that is under way is through: $isSyncThrough", async ({ isSyncThrough, left }) => {
  const clock = createVirtualClock();
  const journal = new MemoryJournal({ chain: "c", clock, syncMs: () => syncMs });
  const told: string[] = [];
  const append = (to: MemoryJournal, name: string): void =>
    to.append([entry(name)], ({ kind }) => told.push(`${name} ${kind}`));
  const namesIn = async (from: MemoryJournal): Promise<string[]> =>
    (await from.readAfter(0, 10)).map(
      ({ body }) => (JSON.parse(body) as { lineId: string }).lineId,
    );

  append(journal, "kept");
  clock.runFor(syncMs);
  append(journal, "under way");
  clock.runFor(syncMs / 2);
  append(journal, "waits");
  const next = journal.killed({ isSyncThrough });
  append(journal, "late");
  clock.runFor(10 * syncMs);
  expect(told).toEqual(["kept durable"]);
  expect(await namesIn(next)).toEqual(left);

  append(next, "after");
  clock.runFor(syncMs);
  expect(told).toEqual(["kept durable", "after durable"]);
  expect(await namesIn(next)).toEqual([...left, "after"]);
});
