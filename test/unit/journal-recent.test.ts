/**
 * Goal: what the journal keeps of its own end in memory is what a reader of the file would get, and
 * is bounded. Method: records are added beside a plain list that stands for the file.
 */
import { expect, it } from "vitest";
import { chainOn, emptyTail } from "../../edge/journal/chain.ts";
import {
  createRecentRecords,
  recentCharsMax,
  recentRecordsMax,
} from "../../edge/journal/recent-records.ts";
import type { JournalRecord } from "../../protocols/link.ts";

function chainOf(length: number, body = "{}"): JournalRecord[] {
  const records: JournalRecord[] = [];
  let tail = emptyTail("L1");
  for (let count = 0; count < length; count += 1) {
    const record = chainOn(tail, body);
    records.push(record);
    tail = record;
  }
  return records;
}

it("answers for what it holds, and for nothing before it", () => {
  const file = chainOf(10);
  const recent = createRecentRecords();
  expect(recent.readAfter(0, 5)).toBeNull();
  recent.add(file.slice(4));
  expect(recent.readAfter(3, 5)).toBeNull();
  expect(recent.readAfter(4, 3)).toEqual(file.slice(4, 7));
  expect(recent.readAfter(8, 100)).toEqual(file.slice(8));
  expect(recent.readAfter(10, 100)).toEqual([]);
  recent.clear();
  expect(recent.readAfter(8, 100)).toBeNull();
});

it("holds at most so many records, the newest", () => {
  const file = chainOf(recentRecordsMax * 3);
  const recent = createRecentRecords();
  for (let from = 0; from < file.length; from += 7) recent.add(file.slice(from, from + 7));
  expect(recent.readAfter(file.length - recentRecordsMax - 1, 1)).toBeNull();
  expect(recent.readAfter(file.length - 100, 200)).toEqual(file.slice(-100));
});

it("holds at most so many characters, however few records that are", () => {
  const recent = createRecentRecords();
  const [first, second] = chainOf(2, "x".repeat(recentCharsMax));
  recent.add([first!]);
  expect(recent.readAfter(0, 1)).toEqual([first]);
  recent.add([second!]);
  expect(recent.readAfter(0, 1)).toBeNull();
});
