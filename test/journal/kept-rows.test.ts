/**
 * Goal: both journals keep the contract of rows beside a chain (`kept-rows.ts`), line by line.
 * Method: one suite over makers; the memory journal's clock is run by hand, SQLite's file is real.
 */
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AppendOutcome, JournalFailure } from "../../edge/journal/journal.ts";
import type {
  KeptKey,
  RowCursor,
  RowJournal,
  RowsChecked,
  RowsRead,
  RowWrite,
} from "../../edge/journal/kept-rows.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { openRowJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { entries, entry, openRaw, temporaryFolder } from "./support.ts";

interface Subject {
  readonly journal: RowJournal;
  /** Lets happen what was begun. */
  readonly settle: () => void;
  /** Makes every commit fail from here on, or no more. */
  readonly fail: (isFailing: boolean) => Promise<void>;
}

const makers: readonly { readonly name: string; readonly make: () => Promise<Subject> }[] = [
  {
    name: "on SQLite",
    async make() {
      const file = join(temporaryFolder(), "j.db");
      const clock = createVirtualClock();
      const opened = await openRowJournal({ file, chain: "centre", clock });
      if (opened.kind === "refused") throw new Error(opened.why);
      const { journal } = opened;
      onTestFinished(() => journal.close());
      const raw = await openRaw(file);
      onTestFinished(() => raw.close());
      const fail = (isFailing: boolean): Promise<void> =>
        raw.exec(isFailing ? "BEGIN IMMEDIATE" : "ROLLBACK");
      return { journal, fail, settle: () => clock.runFor(2_000) };
    },
  },
  {
    name: "in memory",
    make() {
      const clock = createVirtualClock();
      let failing: JournalFailure | null = null;
      const times = { syncMs: () => 3, readMs: () => 1 };
      const journal = new MemoryJournal({
        chain: "centre",
        clock,
        ...times,
        failure: () => failing,
      });
      const fail = (isFailing: boolean): Promise<void> => {
        failing = isFailing ? { code: "fileLocked", why: "made to fail" } : null;
        return Promise.resolve();
      };
      return Promise.resolve({ journal, fail, settle: () => clock.runFor(100) });
    },
  },
];

const row = (key: string, text: string | null, place: number | null = null): RowWrite => ({
  kind: 7,
  key,
  place,
  text,
});

const appended = (
  { journal, settle }: Subject,
  appends: readonly { readonly count: number; readonly rows: readonly RowWrite[] }[],
): Promise<readonly AppendOutcome[]> => {
  const outcomes = appends.map(
    ({ count, rows }) =>
      new Promise<AppendOutcome>((resolve) => {
        const append = { entries: entries(count), rows, appliedSeq: null };
        expect(journal.appendRows(append, resolve)).toBeNull();
      }),
  );
  settle();
  return Promise.all(outcomes);
};

const read = async (
  { settle }: Subject,
  begin: (then: (read: RowsRead) => void) => void,
): Promise<readonly string[]> => {
  const reading = new Promise<RowsRead>(begin);
  settle();
  const found = await reading;
  if (found.kind === "failed") throw new Error(found.why);
  return found.rows.map(({ key, text, place }) => `${key}=${text}@${place ?? ""}`);
};

const rowsOf = (subject: Subject, keys: readonly string[]) =>
  read(subject, (then) =>
    subject.journal.readRows(
      keys.map((key): KeptKey => ({ kind: 7, key })),
      then,
    ),
  );

describe.each(makers)("rows beside the journal $name", ({ make }) => {
  it("are durable with their entries, and the last of several writes counts", async () => {
    const subject = await make();
    const outcomes = await appended(subject, [
      { count: 2, rows: [row("a", "1"), row("b", "1")] },
      { count: 0, rows: [row("a", "2"), row("b", null), row("c", "3")] },
      { count: 1, rows: [] },
    ]);
    expect(outcomes).toEqual([
      { kind: "durable", firstSeq: 1, lastSeq: 2 },
      { kind: "durable", firstSeq: 3, lastSeq: 2 },
      { kind: "durable", firstSeq: 3, lastSeq: 3 },
    ]);
    expect((await rowsOf(subject, ["a", "b", "c", "d"])).toSorted()).toEqual(["a=2@", "c=3@"]);
    expect(subject.journal.appliedSeq()).toBe(3);
  });

  it("keep keys of any text apart", async () => {
    const subject = await make();
    const keys = ["o\u0000a\u0000b", "o\u0000a", "o", "", "\\u0000", '"', "中文", "\ud800"];
    await appended(subject, [{ count: 0, rows: keys.map((key, index) => row(key, `${index}`)) }]);
    for (const [index, key] of keys.entries()) {
      expect(await rowsOf(subject, [key])).toEqual([`${key}=${index}@`]);
    }
  });

  it("are gone through by their places, of one kind", async () => {
    const subject = await make();
    const rows = [row("late", "x", 9), row("early", "x", 2), row("none", "x"), row("mid", "x", 5)];
    const other = { kind: 8, key: "other", place: 1, text: "x" };
    await appended(subject, [{ count: 0, rows: [...rows, other] }]);
    await appended(subject, [{ count: 0, rows: [row("early", "x", 10)] }]);
    const first = (rowsMax: number) =>
      read(subject, (then) => subject.journal.readFirstRows(7, rowsMax, then));
    expect(await first(10)).toEqual(["mid=x@5", "late=x@9", "early=x@10"]);
    expect(await first(1)).toEqual(["mid=x@5"]);
  });

  it("are looked at from the first to the last, and all of them are as they were written", async () => {
    const subject = await make();
    const keys = Array.from({ length: 25 }, (_, index) => `k\u0000${index}`);
    await appended(subject, [{ count: 1, rows: keys.map((key) => row(key, "x")) }]);
    let [looks, from] = [0, null as RowCursor | null];
    do {
      const checking = new Promise<RowsChecked>((then) =>
        subject.journal.checkRows(from, 10, then),
      );
      subject.settle();
      const checked = await checking;
      if (checked.kind === "failed") throw new Error(checked.why);
      expect(checked.damaged).toEqual([]);
      from = checked.last;
      looks += 1;
    } while (from !== null);
    expect(looks).toBeLessThanOrEqual(3);
  });

  it("are counted by kind, up to a bound, in the order asked for", async () => {
    const subject = await make();
    const other = { kind: 8, key: "other", place: 1, text: "x" };
    const rows = [row("a", "1"), row("b", "1", 4), row("c", "1"), other];
    await appended(subject, [{ count: 0, rows }]);
    await appended(subject, [{ count: 0, rows: [row("c", null)] }]);
    const counted = (kinds: readonly number[], atMost: number) => {
      const found = new Promise((resolve) => subject.journal.countRows(kinds, atMost, resolve));
      subject.settle();
      return found;
    };
    expect(await counted([8, 7, 9], 10)).toEqual({ kind: "counts", counts: [1, 2, 0] });
    expect(await counted([7], 1)).toEqual({ kind: "counts", counts: [1] });
  });

  it("are refused at once with entries that are, and nothing was taken", async () => {
    const subject = await make();
    const bad = { ...entry(1), event: { weightG: Number.NaN } };
    const append = { entries: [bad], rows: [row("a", "1")], appliedSeq: null };
    const told = (): void => expect.fail("told");
    const refusal = subject.journal.appendRows(append, told);
    expect(refusal).toMatchObject({ code: "entryRefused" });
    for (const text of ["cut\u0000here", "half \ud800"]) {
      const rows = [row("a", text)];
      expect(subject.journal.appendRows({ entries: [], rows, appliedSeq: null }, told)).toEqual({
        code: "entryRefused",
        why: "row 7/a: its text has characters that no file keeps",
      });
    }
    expect(await appended(subject, [{ count: 1, rows: [] }])).toMatchObject([{ lastSeq: 1 }]);
    expect(await rowsOf(subject, ["a"])).toEqual([]);
  });

  it("fail with those before them", async () => {
    const subject = await make();
    await appended(subject, [{ count: 1, rows: [row("a", "1")] }]);
    await subject.fail(true);
    const told: string[] = [];
    const { journal, settle } = subject;
    const append = (key: string): Promise<void> =>
      new Promise((resolve) => {
        const rows = [row(key, "2")];
        journal.appendRows({ entries: entries(1), rows, appliedSeq: null }, (outcome) => {
          told.push(`${key} ${outcome.kind}`);
          resolve();
        });
      });
    const first = append("a");
    // On SQLite the first is on its way to the disk by now.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const second = append("b");
    settle();
    await Promise.all([first, second]);
    expect(told).toEqual(["a failed", "b failed"]);
    await subject.fail(false);
    settle();
    expect(await appended(subject, [{ count: 1, rows: [row("c", "1")] }])).toMatchObject([
      { kind: "durable", lastSeq: 2 },
    ]);
    expect((await rowsOf(subject, ["a", "b", "c"])).toSorted()).toEqual(["a=1@", "c=1@"]);
  });

  it("tell of which records they are, also where those are older", async () => {
    const subject = await make();
    const { journal, settle } = subject;
    await new Promise((resolve) => {
      journal.append(entries(5), resolve);
      settle();
    });
    expect(journal.appliedSeq()).toBe(0);
    await new Promise((resolve) => {
      journal.appendRows({ entries: [], rows: [row("a", "1")], appliedSeq: 3 }, resolve);
      settle();
    });
    expect(journal.appliedSeq()).toBe(3);
    await appended(subject, [{ count: 0, rows: [] }]);
    expect(journal.appliedSeq()).toBe(3);
    await appended(subject, [{ count: 1, rows: [row("a", "2")] }]);
    expect(journal.appliedSeq()).toBe(6);
  });
});
