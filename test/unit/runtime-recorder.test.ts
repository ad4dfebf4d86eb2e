// Goal: each entry is appended at once and in order, and what follows from it waits for the disk's word
// (laws 5 and 17). Method: the recorder over a journal that only notes what it is given.
import { expect, test } from "vitest";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { AppendOutcome, AppendUrgency, JournalFailure } from "../../edge/journal/journal.ts";
import { createRecorder } from "../../edge/runtime/recorder.ts";
import { entry } from "../journal/support.ts";

function rig() {
  const appends: (readonly JournalEntry[])[] = [];
  const urgencies: (AppendUrgency | undefined)[] = [];
  const settlers: ((outcome: AppendOutcome) => void)[] = [];
  const holes: JournalFailure[] = [];
  const recorder = createRecorder({
    journal: {
      append: (entries, onOutcome, urgency) => {
        appends.push(entries);
        urgencies.push(urgency);
        settlers.push(onOutcome);
      },
    },
    onHole: (failure) => holes.push(failure),
  });
  const settle = (outcome: AppendOutcome): void => settlers.shift()?.(outcome);
  return { recorder, appends, urgencies, settle, holes };
}

const durable: AppendOutcome = { kind: "durable", firstSeq: 1, lastSeq: 1 };
const failed: AppendOutcome = { kind: "failed", code: "diskFull", why: "full" };

test("every entry is appended at once, whether or not something follows from it", () => {
  const { recorder, appends, urgencies } = rig();
  recorder.record(entry(1));
  recorder.record(entry(2), () => {});
  expect(appends).toEqual([[entry(1)], [entry(2)]]);
  expect(urgencies).toEqual(["inPassing", "awaited"]);
});

test("an entry is told durable when its append is, and not before", () => {
  const { recorder, settle } = rig();
  const told: boolean[] = [];
  recorder.record(entry(1), (isDurable) => told.push(isDurable));
  expect(told).toEqual([]);
  settle(durable);
  expect(told).toEqual([true]);
});

test("a hole is told once, also of what nothing follows from, and nothing behind it counts as durable", () => {
  const { recorder, settle, holes } = rig();
  const told: boolean[] = [];
  recorder.record(entry(1));
  recorder.record(entry(2), (isDurable) => told.push(isDurable));
  recorder.record(entry(3), (isDurable) => told.push(isDurable));
  settle(failed);
  settle(durable);
  settle(failed);
  expect(holes).toEqual([failed]);
  expect(told).toEqual([false, false]);
});
