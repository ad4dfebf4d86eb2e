// Goal: what something follows from is appended at once and with all that happened before it; what
// nothing follows from waits a moment for company, and no longer (laws 5 and 17). Method: the recorder
// over a journal that only notes what it is given, in virtual time.
import { expect, test } from "vitest";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { AppendOutcome, JournalFailure } from "../../edge/journal/journal.ts";
import { createRecorder, gatherMsMax } from "../../edge/runtime/recorder.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { entry } from "../journal/support.ts";

function rig() {
  const clock = createVirtualClock();
  const appends: (readonly JournalEntry[])[] = [];
  const settlers: ((outcome: AppendOutcome) => void)[] = [];
  const holes: JournalFailure[] = [];
  const recorder = createRecorder({
    clock,
    journal: {
      append: (entries, onOutcome) => {
        appends.push(entries);
        settlers.push(onOutcome);
      },
    },
    onHole: (failure) => holes.push(failure),
  });
  const settle = (outcome: AppendOutcome): void => settlers.shift()?.(outcome);
  return { clock, recorder, appends, settle, holes };
}

const durable: AppendOutcome = { kind: "durable", firstSeq: 1, lastSeq: 1 };
const failed: AppendOutcome = { kind: "failed", code: "diskFull", why: "full" };

test("an entry that something follows from is appended at once, behind what happened before it", () => {
  const { recorder, appends } = rig();
  recorder.record(entry(1));
  recorder.record(entry(2));
  expect(appends).toEqual([]);
  recorder.record(entry(3), () => {});
  recorder.record(entry(4), () => {});
  expect(appends).toEqual([[entry(1), entry(2), entry(3)], [entry(4)]]);
});

test("what nothing follows from is appended after a moment, counted from the first of it", () => {
  const { clock, recorder, appends } = rig();
  recorder.record(entry(1));
  clock.runFor(gatherMsMax - 1);
  recorder.record(entry(2));
  expect(appends).toEqual([]);
  clock.runFor(1);
  expect(appends).toEqual([[entry(1), entry(2)]]);
  clock.runFor(1_000);
  expect(appends).toHaveLength(1);
});

test("a moment that is over is not over for what comes later", () => {
  const { clock, recorder, appends } = rig();
  recorder.record(entry(1));
  clock.runFor(gatherMsMax - 1);
  recorder.record(entry(2), () => {});
  recorder.record(entry(3));
  clock.runFor(gatherMsMax - 1);
  expect(appends).toHaveLength(1);
  clock.runFor(1);
  expect(appends).toEqual([[entry(1), entry(2)], [entry(3)]]);
});

test("a storm of events waits for no timer", () => {
  const { recorder, appends } = rig();
  for (let n = 1; n <= 150; n += 1) recorder.record(entry(n));
  expect(appends.map((entries) => entries.length)).toEqual([64, 64]);
});

test("whoever closes the journal gets all of it appended before", () => {
  const { clock, recorder, appends } = rig();
  recorder.record(entry(1));
  recorder.flush();
  recorder.flush();
  clock.runFor(1_000);
  expect(appends).toEqual([[entry(1)]]);
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
  const { clock, recorder, settle, holes } = rig();
  const told: boolean[] = [];
  recorder.record(entry(1));
  clock.runFor(gatherMsMax);
  recorder.record(entry(2), (isDurable) => told.push(isDurable));
  recorder.record(entry(3), (isDurable) => told.push(isDurable));
  settle(failed);
  settle(durable);
  settle(failed);
  expect(holes).toEqual([failed]);
  expect(told).toEqual([false, false]);
});
