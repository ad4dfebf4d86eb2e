// Goal: what the centre has done stands in its journal, in order and without a hole, whatever the
// disk does, and nobody is told "durable" before (law 17). Method: the act log on a journal that is
// answered by hand, and the real encoding of acts into records and back.
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { actCharsMax, createActJoiner, cutAct } from "../../edge/centre/acts/act-pieces.ts";
import {
  centreItself,
  createActLog,
  tellActs,
  type ActLog,
} from "../../edge/centre/acts/act-log.ts";
import type { CentreAct } from "../../edge/centre/acts/acts.ts";
import { canonicalJson } from "../../edge/journal/canonical-json.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { AppendOutcome, JournalFailureCode } from "../../edge/journal/journal.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { messageBytesMax } from "../../protocols/ceb/envelope.ts";
import { recordBodyCharsMax } from "../../protocols/link.ts";
import type { RowAppend } from "../../edge/journal/kept-rows.ts";
import { epochMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const ended = (passId: string): CentreAct => ({ kind: "claimEnded", passId });
const message = (xml: string): CentreAct => ({
  kind: "desk",
  input: { kind: "customsMessage", at: epochMs(1), xml },
});

/** A journal whose appends wait to be answered. */
function handJournal() {
  const kept: JournalEntry[] = [];
  const asked: {
    readonly entries: readonly JournalEntry[];
    readonly onOutcome: (outcome: AppendOutcome) => void;
    readonly rows?: readonly string[];
    readonly appliedSeq?: number | null;
  }[] = [];
  const take = () => {
    const next = asked.shift();
    if (next === undefined) throw new Error("nothing was appended");
    return next;
  };
  return {
    append: (entries: readonly JournalEntry[], onOutcome: (outcome: AppendOutcome) => void) => {
      asked.push({ entries, onOutcome });
    },
    appendRows: (
      { entries, rows, appliedSeq }: RowAppend,
      onOutcome: (outcome: AppendOutcome) => void,
    ) => {
      asked.push({ entries, onOutcome, rows: rows.map(({ key }) => key), appliedSeq });
      return null;
    },
    /** Answers the oldest append. */
    keep: () => {
      const { entries, onOutcome } = take();
      const firstSeq = kept.length + 1;
      kept.push(...entries);
      onOutcome({ kind: "durable", firstSeq, lastSeq: kept.length });
    },
    /** `isIn`: the disk failed after the records had gone in. */
    fail: (code: JournalFailureCode = "diskFull", isIn = false) => {
      const { entries, onOutcome } = take();
      if (isIn) kept.push(...entries);
      onOutcome({ kind: "failed", code, why: "planted" });
    },
    waits: () => asked.length,
    passes: () =>
      kept.map((entry) => (entry.kind === "act" ? (entry.act as { passId: string }).passId : "?")),
  };
}

function rig() {
  const journal = handJournal();
  const log = createActLog(journal, createVirtualClock());
  const told: string[] = [];
  const write = (passId: string): void =>
    log.write(ended(passId), centreItself, (isDurable) => told.push(`${passId} ${isDurable}`));
  const offer = (passId: string): void =>
    log.offer(ended(passId), centreItself, (isDurable) => told.push(`${passId} ${isDurable}`));
  return { journal, log, told, write, offer };
}

const settling = (log: ActLog, told: string[]): void =>
  log.settle((isDurable) => told.push(`all ${isDurable}`));

describe("the act log (law 17)", () => {
  test("who waits for what was written before is not told so while an act of it is not kept", () => {
    const { journal, log, told, write } = rig();
    write("p1");
    journal.keep();
    journal.fail();
    expect(told).toEqual(["p1 false"]);
    settling(log, told);
    journal.fail();
    expect(told).toEqual(["p1 false", "all false"]);
    settling(log, told);
    journal.keep();
    expect(told).toHaveLength(2);
    journal.keep();
    expect(told).toEqual(["p1 false", "all false", "all true"]);
    expect(journal.passes()).toEqual(["p1"]);
  });

  test("rows are dropped with what the disk failed, and so is all that was made on top of them", () => {
    const { journal, log, told, write } = rig();
    write("p0");
    journal.keep();
    journal.keep();
    const rowsOf = (name: string): void =>
      log.appendRows(
        {
          entries: log.entriesOf(ended(name), centreItself),
          rows: [{ kind: 2, key: name, place: null, text: "{}" }],
          appliedSeq: null,
        },
        (outcome) =>
          told.push(`${name} ${outcome.kind === "failed" ? outcome.code : outcome.lastSeq}`),
      );
    rowsOf("r1");
    write("p1");
    rowsOf("r2");
    log.whenKept(() => told.push("kept"));
    journal.fail();
    expect(told).toEqual(["p0 true", "r1 diskFull", "p1 false", "r2 diskFull"]);
    // Where the journal ends is asked first. The act is owed, the rows are not.
    log.tick();
    journal.keep();
    journal.keep();
    expect(journal.passes()).toEqual(["p0", "p1"]);
    expect(told.at(-1)).toBe("kept");
    rowsOf("r3");
    journal.keep();
    expect(told.at(-1)).toBe("r3 3");
  });

  test("the end of what was written is told by its number, but not while an effect is still to come", () => {
    const { journal, log, told, write, offer } = rig();
    const mark = (): void => log.mark((seq) => told.push(`mark ${seq}`));
    write("p1");
    mark();
    write("p2");
    journal.keep();
    journal.keep();
    expect(told).toEqual(["p1 true", "p2 true", "mark 1"]);
    offer("p3");
    mark();
    expect(told.at(-1)).toBe("mark null");
    journal.keep();
    mark();
    journal.keep();
    expect(told.slice(-2)).toEqual(["p3 true", "mark 3"]);
  });

  test("what the disk failed is written before what came after it", () => {
    const { journal, told, write } = rig();
    write("p1");
    journal.keep();
    write("p2");
    journal.fail();
    write("p3");
    journal.keep();
    journal.keep();
    expect(journal.passes()).toEqual(["p1", "p2", "p3"]);
    expect(told).toEqual(["p1 false", "p2 false", "p3 true"]);
  });

  test("a failed append that is in the journal all the same is not written twice", () => {
    const { journal, log, write } = rig();
    write("p1");
    journal.keep();
    journal.fail("diskError", true);
    write("p2");
    journal.keep();
    journal.keep();
    expect(journal.passes()).toEqual(["p1", "p2"]);
    expect(log.counters().owed).toBe(0);
  });

  test("an act whose effect was to come after is dropped with its failure", () => {
    const { journal, told, write, offer } = rig();
    offer("p1");
    journal.keep();
    journal.fail();
    write("p2");
    journal.keep();
    journal.keep();
    expect(journal.passes()).toEqual(["p2"]);
    expect(told).toEqual(["p1 false", "p2 true"]);
  });

  test("and is told to be kept after all where it is in the journal all the same", () => {
    const { journal, log, told, offer } = rig();
    offer("p1");
    journal.keep();
    journal.fail("diskFull", true);
    expect(told).toEqual(["p1 false"]);
    log.tick();
    journal.keep();
    expect(told).toEqual(["p1 false", "p1 true"]);
    expect(journal.passes()).toEqual(["p1"]);
  });

  test("whoever must hear of it hears once it is kept, after as many failures as there are", () => {
    const { journal, log, write } = rig();
    let heard = 0;
    write("p1");
    log.whenKept(() => (heard += 1));
    journal.keep();
    journal.fail();
    log.tick();
    journal.fail();
    expect(heard).toBe(0);
    log.tick();
    journal.keep();
    journal.keep();
    expect(heard).toBe(1);
  });

  test("nothing more is taken while the disk fails, and again once it does not", () => {
    const { journal, log, write } = rig();
    write("p1");
    journal.keep();
    expect(log.isTaking()).toBe(true);
    journal.fail();
    expect(log.isTaking()).toBe(false);
    log.tick();
    journal.keep();
    journal.keep();
    expect(log.isTaking()).toBe(true);
  });

  test("a disk that works again is found though nothing is owed", () => {
    const { journal, log, offer } = rig();
    offer("p1");
    journal.keep();
    journal.fail();
    log.tick();
    journal.fail();
    log.tick();
    journal.keep();
    expect(log.isTaking()).toBe(true);
    expect(journal.waits()).toBe(0);
  });

  test("an act that no journal takes costs itself alone, and the centre says so", () => {
    const { journal, log, told, write } = rig();
    write("p1");
    write("p2");
    write("p3");
    journal.keep();
    journal.fail("entryRefused");
    journal.keep();
    journal.fail("entryRefused");
    journal.keep();
    expect(told).toEqual(["p1 true", "p2 false", "p3 true"]);
    expect(log.brokenWhy()).toBe("planted");
    expect(log.isTaking()).toBe(false);
    expect(journal.waits()).toBe(0);
  });
});

describe("acts longer than a record", () => {
  const bodyOf = (act: unknown): string => {
    const entry = { kind: "act", wallAt: 1, actor: centreItself, rulesVersion: null, act };
    const body = canonicalJson(entry);
    if (body.kind === "refused") throw new Error(body.why);
    return body.text;
  };

  /** Without an answer of millions of characters where they differ. */
  const isSame = (one: unknown, other: unknown): boolean =>
    isDeepStrictEqual(structuredClone(one), structuredClone(other));

  test.each([
    ["letters", "x"],
    ["quotes, which take two characters each, and four in a piece", '"'],
    ["pairs of characters, none of which is parted", "😀"],
  ])("the longest message that is taken in fits, made of %s", (_name, letter) => {
    const act = message(letter.repeat(messageBytesMax / Buffer.byteLength(letter)));
    const parts = cutAct(act);
    const bodies = parts.map(bodyOf);
    expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(recordBodyCharsMax);
    expect(bodies.reduce((sum, body) => sum + body.length, 0)).toBeLessThanOrEqual(actCharsMax);
    const joiner = createActJoiner();
    const joined = parts.map((part) => joiner.take(part));
    expect(isSame(joined.at(-1), { kind: "act", content: act })).toBe(true);
  });

  test("a short act is one record, as it always was", () => {
    const act = message("x".repeat(1_000_000));
    expect(cutAct(act)).toEqual([act]);
  });

  test("come back whole from the journal; what lacks a piece is told as unreadable", async () => {
    const clock = createVirtualClock();
    const journal = new MemoryJournal({ chain: "centre", clock });
    const log = createActLog(journal, clock);
    const long = message("y".repeat(5_000_000));
    log.write(long, centreItself);
    log.write(ended("p1"), centreItself);
    const [, second] = cutAct(long);
    const stray = { kind: "act", wallAt: epochMs(1), actor: centreItself, rulesVersion: null };
    clock.runFor(10);
    journal.append([{ ...stray, kind: "act", act: second }], () => {});
    clock.runFor(10);
    const told = [];
    for await (const one of tellActs(journal)) told.push(one.kind === "act" ? one.act : one.kind);
    expect(told).toHaveLength(3);
    expect(isSame(told[0], long)).toBe(true);
    expect(told.slice(1)).toEqual([ended("p1"), "unreadable"]);
  });
});
