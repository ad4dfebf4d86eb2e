/*
 * Goal: the store's bench fills a centre with the rows that the centre's own desk would have written.
 * Method: the same parcels are given to a desk, and both sets of rows are compared.
 */
import { expect, it } from "vitest";
import { orderedTables } from "../../edge/clearance/rows.ts";
import { keptId, type RowWrite } from "../../edge/journal/kept-rows.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createDocumentStore } from "../../edge/store/document-store.ts";
import type { StoreRead } from "../../edge/store/port.ts";
import { keptKindOf } from "../../edge/store/tables.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { fateOf, waybillOf } from "../bench/store-shape/fates.ts";
import { fill, rowsByDesk, watched } from "../bench/store-shape/fill.ts";
import { inVirtualTime } from "../kit/virtual-wait.ts";
import { startAt, testConfig } from "./clearance-kit.ts";

const total = 50;
const filling = { config: testConfig(), at: startAt };
const sorted = (rows: readonly RowWrite[]): readonly RowWrite[] =>
  rows.toSorted((one, other) => (keptId(one) < keptId(other) ? -1 : 1));

async function filled(): Promise<readonly RowWrite[]> {
  const clock = createVirtualClock();
  const { journal, rows } = watched(new MemoryJournal({ chain: "centre", clock }));
  await inVirtualTime(clock, fill(journal, filling, total));
  return rows();
}

it("a filled centre has the rows of one that was given its parcels one by one", async () => {
  const parcels = Array.from({ length: total }, (_, index) => ({
    waybill: waybillOf(index),
    fate: fateOf(index),
  }));
  expect(sorted(await filled())).toEqual(sorted(rowsByDesk(filling, parcels)));
});

it("a filled centre has rows in each table that is gone through in order", async () => {
  const kinds = new Set((await filled()).map(({ kind }) => kind));
  const empty = orderedTables.filter((table) => !kinds.has(keptKindOf(table)));
  // Receipts stand under a hash of what they say, and lost ones only where there is no room.
  expect(empty).toEqual(["lostReceipts", "parkedReceipts"]);
});

it("a store takes a filled journal for its own, and counts what is in it", async () => {
  const clock = createVirtualClock();
  const journal = new MemoryJournal({ chain: "centre", clock });
  await inVirtualTime(clock, fill(journal, filling, total));
  const store = createDocumentStore({ journal });
  const read = new Promise<StoreRead<unknown>>((resolve) =>
    store.read("cases", waybillOf(total - 1), resolve),
  );
  expect(await inVirtualTime(clock, read)).toMatchObject({ kind: "value", value: {} });
  expect(store.countOf("cases")).toBe(total);
});

it("a centre that has documents is not filled", async () => {
  const clock = createVirtualClock();
  const journal = new MemoryJournal({ chain: "centre", clock });
  await inVirtualTime(clock, fill(journal, filling, 1));
  const refused = expect(fill(journal, filling, 1)).rejects.toThrow("has documents");
  await inVirtualTime(clock, refused);
});
