import { describe, expect, test } from "vitest";
import { asBug, Bug, createBugRecord, invariant } from "../../protocols/bug.ts";
import { createFactLog, type LogFact } from "../../protocols/fact-log.ts";
import { createCollectingLog, silentLog } from "../../protocols/log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

/**
 * The log as the rest of the program sees it: names, fields, bugs, and how often a fact that stays
 * so is told. Time is virtual, and lines are collected.
 */
function factLog(options: { readonly subjectsMax?: number } = {}) {
  const clock = createVirtualClock();
  const { log, lines } = createCollectingLog();
  const facts = createFactLog({ log, clock, everyMs: 60_000, ...options });
  const tell = (is: string, subject = "wire"): void =>
    facts.tell({ subject, is, level: "warn", message: is, fields: { subject } } satisfies LogFact);
  /** What was told, with the number of times that were left out before. */
  const told = () => lines.map(({ message, fields }) => [message, fields["leftOut"] ?? 0]);
  return { clock, facts, tell, told, lines };
}

describe("a log", () => {
  test("names its parts and adds their fields to each line", () => {
    const { log, lines } = createCollectingLog();
    log.child("line", { lineId: "L1" }).child("scanner").warn("silent", { seconds: 5 });
    expect(lines).toEqual([
      {
        level: "warn",
        name: "line.scanner",
        message: "silent",
        fields: { lineId: "L1", seconds: 5 },
      },
    ]);
  });
});

test("nobody to tell is a log, too", () => {
  expect(() => silentLog.child("line").error("lost", { error: new Error("x") })).not.toThrow();
});

describe("a fact", () => {
  test("is told at once, and what stays so once a minute with a count", () => {
    const { clock, tell, told } = factLog();
    for (let second = 0; second < 180; second += 5) {
      tell("refused");
      clock.runFor(5_000);
    }
    expect(told()).toEqual([
      ["refused", 0],
      ["refused", 10],
      ["refused", 11],
      ["refused", 11],
    ]);
  });

  test("that is new is told at once, whatever was told a moment ago", () => {
    const { tell, told } = factLog();
    tell("refused");
    tell("unreachable");
    tell("connected");
    expect(told()).toEqual([
      ["refused", 0],
      ["unreachable", 0],
      ["connected", 0],
    ]);
  });

  test("of one subject holds up none of another", () => {
    const { tell, told } = factLog();
    tell("refused", "one");
    tell("refused", "other");
    expect(told()).toHaveLength(2);
  });

  test("that comes and goes every second is told at a bounded rate, and the last one stands", () => {
    const { clock, tell, told } = factLog();
    for (let second = 0; second < 301; second += 1) {
      tell(second % 2 === 0 ? "lost" : "connected");
      clock.runFor(1_000);
    }
    clock.runFor(60_000);
    expect(told().length).toBeLessThanOrEqual(2 * 6 + 1);
    expect(told().at(-1)?.[0]).toBe("lost");
    const all = told().reduce((sum, [, leftOut]) => sum + 1 + Number(leftOut), 0);
    expect(all).toBe(301);
  });

  test("that was left out is told a minute later, though nothing comes any more", () => {
    const { clock, tell, told } = factLog();
    tell("down");
    tell("up");
    tell("down");
    clock.runFor(59_999);
    expect(told()).toHaveLength(2);
    clock.runFor(1);
    expect(told()).toEqual([
      ["down", 0],
      ["up", 0],
      ["down", 0],
    ]);
    expect(clock.pendingCount()).toBe(0);
  });

  test("is told of no more subjects than are kept; further ones share", () => {
    const { tell, told } = factLog({ subjectsMax: 2 });
    for (let index = 0; index < 1_000; index += 1) tell("refused", `sender-${index}`);
    expect(told()).toHaveLength(3);
  });

  test("of a new subject has a place of its own again once others have been quiet", () => {
    const { clock, tell, told } = factLog({ subjectsMax: 2 });
    tell("refused", "one");
    tell("refused", "two");
    clock.runFor(59_999);
    tell("refused", "two");
    clock.runFor(1);
    tell("refused", "three");
    tell("refused", "four");
    expect(told()).toEqual([
      ["refused", 0],
      ["refused", 0],
      ["refused", 0],
      ["refused", 0],
      ["refused", 0],
    ]);
    tell("refused", "five");
    expect(told()).toHaveLength(5);
  });

  test("waits for nothing once it is stopped", () => {
    const { clock, facts, tell, told } = factLog();
    tell("down");
    tell("down");
    facts.stop();
    expect(clock.pendingCount()).toBe(0);
    clock.runFor(120_000);
    expect(told()).toHaveLength(1);
  });
});

describe("a bug of ours", () => {
  test("is what an invariant throws", () => {
    expect(() => invariant(false, "a pass has one exit")).toThrow(Bug);
    expect(() => invariant(true, "a pass has one exit")).not.toThrow();
  });

  test("keeps what was thrown as its cause, and stays itself", () => {
    const thrown = new TypeError("x is not a function");
    const bug = asBug(thrown, "route /api/lines");
    expect(bug).toMatchObject({ message: "route /api/lines: x is not a function", cause: thrown });
    expect(asBug(bug, "elsewhere")).toBe(bug);
  });

  test("is told with its stack, counted each time, and told again once a minute", () => {
    const clock = createVirtualClock();
    const { log, lines } = createCollectingLog();
    const bugs = createBugRecord(log, clock, redactText);
    expect(bugs.summary()).toEqual({ total: 0, last: null });
    for (let time = 0; time < 100; time += 1) bugs.report(new Error("planted"), "here");
    expect(bugs.summary()).toEqual({
      total: 100,
      last: { message: "here: planted", at: clock.wall() },
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.fields["error"]).toBeInstanceOf(Bug);
    clock.runFor(60_000);
    expect(lines[1]?.fields["leftOut"]).toBe(98);
  });

  test("shows no secret to whoever asks how the program fares", () => {
    const bugs = createBugRecord(silentLog, createVirtualClock(), redactText);
    bugs.report(new TypeError("planted mqtt://u:hunter2@h"), "here");
    expect(bugs.summary().last?.message).toBe("here: planted mqtt://[redacted]@h");
  });

  test("that says something else each time is told at a bounded rate as well", () => {
    const clock = createVirtualClock();
    const { log, lines } = createCollectingLog();
    const bugs = createBugRecord(log, clock, redactText);
    for (let count = 0; count < 6_000; count += 1) {
      bugs.report(new Error(`key ${count}`), "here");
      clock.runFor(10);
    }
    expect(bugs.summary().total).toBe(6_000);
    expect(lines.length).toBeLessThan(70);
    clock.runFor(60_000);
    // Of those beyond, the last is told, and how many were left out.
    expect(lines.at(-1)?.fields["error"]).toMatchObject({ message: "here: key 5999" });
  });
});
