/**
 * Goal: a release that a line has told is never lost to a disk that fails, and counts until the
 * documents have it. Method: a desk that takes or fails what it is given, in virtual time.
 */
import { describe, expect, test } from "vitest";
import type { ActAnswer, DocumentDesk, Then } from "../../edge/centre/documents/desk.ts";
import { createReleaseQueue } from "../../edge/centre/documents/release-queue.ts";
import type { Release } from "../../edge/clearance/events.ts";
import { system } from "../../protocols/actor.ts";
import { epochMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const by = system("line", "L1");
const release = (waybill: string, passId: string): Release => ({
  waybill,
  passId,
  lineId: "L1",
  recordVersion: 1,
  decidedAt: epochMs(1),
});
const taken: ActAnswer = { accepted: true, code: null, field: null, message: null, reason: null };

function rig() {
  const clock = createVirtualClock();
  const asked: {
    readonly passId: string;
    readonly judge: () => void;
    readonly answer: Then<ActAnswer>;
  }[] = [];
  const applyRelease: DocumentDesk["applyRelease"] = (json, { onJudged }, then) =>
    void asked.push({
      passId: (json as Release).passId,
      judge: () => onJudged?.(),
      answer: then,
    });
  const answers: ActAnswer[] = [];
  const bugs: unknown[] = [];
  const queue = createReleaseQueue({
    desk: { applyRelease },
    clock,
    onAnswer: (answer) => answers.push(answer),
    onBug: (thrown) => bugs.push(thrown),
  });
  const next = () => asked.shift()!;
  return { clock, queue, asked, next, answers, bugs };
}

describe("releases that are owed to the documents", () => {
  test("count until they are judged, and again when the disk has failed them", () => {
    const { clock, queue, asked, next, answers } = rig();
    queue.add(release("W1", "p1"), by);
    // Its rows may still have to be read: nobody who looks at the waybill sees it there.
    expect([queue.unjudgedOf("W1"), queue.owed()]).toEqual([1, 1]);
    const first = next();
    first.judge();
    expect([queue.unjudgedOf("W1"), queue.owed()]).toEqual([0, 1]);
    first.answer({ kind: "notKept", code: "diskFull", why: "the disk" });
    expect([queue.unjudgedOf("W1"), asked.length]).toEqual([1, 0]);
    clock.runFor(1_000);
    expect(queue.unjudgedOf("W1")).toBe(1);
    const second = next();
    second.judge();
    second.answer({ kind: "kept", answer: taken });
    expect([queue.unjudgedOf("W1"), queue.owed(), answers]).toEqual([0, 0, [taken]]);
  });

  test("one that is refused before it is judged counts on", () => {
    const { clock, queue, next } = rig();
    queue.add(release("W1", "p1"), by);
    next().answer({ kind: "notKept", code: "busy", why: "the disk" });
    expect(queue.unjudgedOf("W1")).toBe(1);
    clock.runFor(1_000);
    const again = next();
    again.judge();
    again.answer({ kind: "kept", answer: taken });
    expect(queue.unjudgedOf("W1")).toBe(0);
  });

  test("two of one waybill that the disk has failed count as two", () => {
    const { clock, queue, next } = rig();
    queue.add(release("W1", "p1"), by);
    queue.add(release("W1", "p2"), by);
    for (const code of ["diskFull", "behindFailure"] as const) {
      const each = next();
      each.judge();
      each.answer({ kind: "notKept", code, why: "the disk" });
    }
    expect([queue.unjudgedOf("W1"), queue.unjudgedOf("W2")]).toEqual([2, 0]);
    clock.runFor(1_000);
    const kept = next();
    kept.judge();
    kept.answer({ kind: "kept", answer: taken });
    next().answer({ kind: "notKept", code: "diskFull", why: "the disk" });
    expect([queue.unjudgedOf("W1"), queue.owed()]).toEqual([1, 1]);
  });

  test("whoever waits for those of before waits for no later one, and for the oldest", () => {
    const { clock, queue, next } = rig();
    const told: string[] = [];
    queue.whenKept(() => told.push("none"));
    queue.add(release("W1", "p1"), by);
    queue.add(release("W2", "p2"), by);
    queue.whenKept(() => told.push("two"));
    queue.add(release("W3", "p3"), by);
    const [first, second] = [next(), next()];
    second.answer({ kind: "kept", answer: taken });
    first.answer({ kind: "notKept", code: "diskError", why: "the disk" });
    expect(told).toEqual(["none"]);
    clock.runFor(1_000);
    const third = next();
    next().answer({ kind: "kept", answer: taken });
    expect(told).toEqual(["none", "two"]);
    third.answer({ kind: "kept", answer: taken });
    expect(queue.owed()).toBe(0);
  });

  test("a bug of ours is told, and the release stays one that no checkpoint passes", () => {
    const { clock, queue, asked, next, bugs } = rig();
    const told: string[] = [];
    queue.add(release("W1", "p1"), by);
    queue.whenKept(() => told.push("kept"));
    next().answer({ kind: "bug", thrown: "planted" });
    clock.runFor(10_000);
    expect([bugs, queue.owed(), queue.unjudgedOf("W1")]).toEqual([["planted"], 1, 1]);
    expect([asked, told]).toEqual([[], []]);
  });
});
