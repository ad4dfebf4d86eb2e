// Goal: the page shows a device's trace in order, says how much is missing, and keeps no more than it
// shows. Method: the list's own reducer over what a centre tells.
import { expect, test } from "vitest";
import {
  cleared,
  noRows,
  traceRowsMax,
  withTold,
  type TraceRows,
} from "../../control-ui/web/trace/trace-rows.ts";
import type { TraceFrame } from "../../protocols/trace.ts";
import type { TraceView } from "../../protocols/ui/trace.ts";

const frame = (seq: number): TraceFrame => ({
  seq,
  at: 1_000 as TraceFrame["at"],
  way: "in",
  name: null,
  text: null,
  hex: "02",
  wholeLength: null,
  reason: null,
});

const view = (seqs: readonly number[], change: Partial<TraceView> = {}): TraceView => ({
  trace: 1,
  remainingMs: 1_000,
  toldMsAgo: 100,
  lastSeq: seqs.at(-1) ?? 0,
  frames: seqs.map(frame),
  ...change,
});

const shown = ({ rows }: TraceRows): (number | string)[] =>
  rows.map((row) => (row.kind === "frame" ? row.frame.seq : `-${row.total}`));

test("frames follow each other, and what is missing between two is a row of its own", () => {
  const first = withTold(noRows, view([3, 4]));
  const second = withTold(first, view([5, 9]));
  expect(shown(second)).toEqual(["-2", 3, 4, 5, "-3", 9]);
  expect(second.afterSeq).toBe(9);
  expect(new Set(second.rows.map(({ key }) => key)).size).toBe(second.rows.length);
});

test("nothing new changes nothing", () => {
  const first = withTold(noRows, view([1]));
  expect(shown(withTold(first, view([], { lastSeq: 1 })))).toEqual([1]);
});

test("a controller that was started anew, and another trace, count from 1 behind what was told", () => {
  const first = withTold(noRows, view([8, 9]));
  const again = withTold(first, view([], { lastSeq: 0 }));
  expect([again.afterSeq, shown(again)]).toEqual([0, ["-7", 8, 9]]);
  expect(shown(withTold(again, view([1])))).toEqual(["-7", 8, 9, 1]);
  const other = withTold(first, view([10, 11], { trace: 2 }));
  expect([other.afterSeq, shown(other)]).toEqual([0, ["-7", 8, 9]]);
  const rows = withTold(other, view([1], { trace: 2 }));
  expect(shown(rows)).toEqual(["-7", 8, 9, 1]);
});

test("cleared is empty, and goes on with what comes", () => {
  const empty = cleared(withTold(noRows, view([1, 2])));
  expect(shown(empty)).toEqual([]);
  expect(shown(withTold(empty, view([3])))).toEqual([3]);
});

test("the oldest rows go", () => {
  const seqs = Array.from({ length: traceRowsMax + 7 }, (_, n) => n + 1);
  const { rows } = withTold(noRows, view(seqs));
  expect(rows).toHaveLength(traceRowsMax);
  expect(shown({ ...noRows, rows })[0]).toBe(8);
});
