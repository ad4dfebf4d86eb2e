/**
 * Goal: a disk that fails, and a file that is not what it should be, are refused by name with nothing
 * half-written; and the store goes on afterwards with what the disk has.
 * Method: disks that are made to fail at a moment, in memory and by a file that may not grow; files that
 * somebody has cut, changed or written with another program.
 */
import { copyFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { createDocumentState } from "../../edge/clearance/state.ts";
import { allRecords, appendDurably } from "../../edge/journal/journal.ts";
import type { RowCursor } from "../../edge/journal/kept-rows.ts";
import { dueTables } from "../../edge/clearance/rows.ts";
import { openJournal, openRowJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createRowRestore, type RestoredWork } from "../../edge/store/restore.ts";
import type { StoreOutcome, StoreRead } from "../../edge/store/port.ts";
import { tallyKey } from "../../edge/store/tables.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { randomEvents } from "../kit/document-events.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { opened, openRaw, rewriteRow, tamper, temporaryFolder } from "../journal/support.ts";
import {
  differencesTo,
  entryOf,
  fileSubject,
  memorySubject,
  transacted,
  workOf,
  type MakeOptions,
  type StoreSubject,
} from "../kit/document-stores.ts";
import { documentsOf, eventsOf, startAt, testConfig } from "../unit/clearance-kit.ts";

const rules = prepareClearance(testConfig());

const papersOf = (waybill: string): readonly DocumentEvent[] =>
  eventsOf(documentsOf(waybill)).map((event) => ({ at: startAt, ...event }));

const stateOf = (events: readonly DocumentEvent[]) => {
  const state = createDocumentState();
  for (const event of events) applyDocumentEvent(state, event, rules);
  return state;
};

const take = ({ store, settle }: StoreSubject, event: DocumentEvent) =>
  settle(transacted(store, workOf([event], rules)));

const codeOf = (outcome: StoreOutcome<unknown>): string =>
  outcome.kind === "failed" ? outcome.code : outcome.kind;

async function onFile(file: string, options: MakeOptions = {}): Promise<StoreSubject> {
  const subject = await fileSubject(file, options);
  onTestFinished(() => subject.close());
  return subject;
}

const newFile = (): string => join(temporaryFolder(), "journal.db");

/** A closed file with the papers of one waybill. */
/** Its tree is another one's, which is empty. */
async function emptyIndex(file: string, index: string): Promise<void> {
  await tamper(
    file,
    `CREATE TABLE emptied (a, b, PRIMARY KEY (a, b)); PRAGMA writable_schema = ON;
     UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema
       WHERE name = 'sqlite_autoindex_emptied_1') WHERE name = '${index}';
     PRAGMA writable_schema = OFF`,
  );
}

/** `isStored`: nobody has taken the parcel over, so that its manifest waits. */
async function fileWith(waybill: string, isStored = false): Promise<string> {
  const file = newFile();
  const subject = await fileSubject(file);
  const papers = papersOf(waybill);
  for (const event of isStored ? papers.slice(0, 4) : papers)
    expect(codeOf(await take(subject, event))).toBe("kept");
  await subject.close();
  return file;
}

describe("a disk that fails", () => {
  test("in memory: what ran on top of the failed one fails with it, and the next reads anew", async () => {
    let failing = false;
    const failure = () => (failing ? ({ code: "diskFull", why: "made full" } as const) : null);
    const subject = memorySubject({ failure, delayMs: () => 3 });
    const [first, ...rest] = papersOf("W0001");
    expect(codeOf(await take(subject, first!))).toBe("kept");
    failing = true;
    const works = [...rest, ...papersOf("W0002")].map((event) =>
      transacted(subject.store, workOf([event], rules)),
    );
    const codes = (await subject.settle(Promise.all(works))).map(codeOf);
    expect(new Set(codes)).toEqual(new Set(["diskFull", "behindFailure"]));
    failing = false;
    expect(await differencesTo(subject, stateOf([first!]))).toEqual([]);
    for (const event of rest) expect(codeOf(await take(subject, event))).toBe("kept");
    expect(await differencesTo(subject, stateOf(papersOf("W0001")))).toEqual([]);
  });

  test("in memory: now and then, the rows are always what the kept records make", async () => {
    const random = fc.record({
      events: randomEvents({ minLength: 20, maxLength: 60 }),
      seed: fc.nat(),
    });
    let failedTotal = 0;
    await fc.assert(
      fc.asyncProperty(random, async ({ events, seed }) => {
        const entropy = createSeededEntropy(seed, "disk");
        let isFailing = true;
        const failure = () =>
          isFailing && entropy.next() < 0.2 ? ({ code: "diskError", why: "made" } as const) : null;
        const delayMs = (): number => Math.floor(entropy.next() * 4);
        const subject = memorySubject({ failure, delayMs, rowsHeldMax: 10 });
        const outcomes: StoreOutcome<unknown>[] = [];
        for (let from = 0; from < events.length; from += 8) {
          const works = events.slice(from, from + 8).map((event) => workOf([event], rules));
          const together = works.map((work) => transacted(subject.store, work));
          outcomes.push(...(await subject.settle(Promise.all(together))));
        }
        isFailing = false;
        const kept: DocumentEvent[] = [];
        for await (const { body } of allRecords(subject.journal)) {
          const { text } = (JSON.parse(body) as { event: { text: string } }).event;
          kept.push(...(JSON.parse(text) as readonly DocumentEvent[]));
        }
        expect(await differencesTo(subject, stateOf(kept))).toEqual([]);
        const keptTotal = outcomes.filter(({ kind }) => kind === "kept").length;
        expect(kept).toHaveLength(keptTotal);
        expect(outcomes.filter(({ kind }) => kind === "bug")).toEqual([]);
        failedTotal += outcomes.length - keptTotal;
      }),
      { numRuns: 150 },
    );
    expect(failedTotal).toBeGreaterThan(200);
  });

  test("on SQLite: a file that may not grow takes nothing of what does not fit", async () => {
    const file = newFile();
    const subject = await onFile(file, { fileBytesMax: 600 * 1024 });
    const kept: DocumentEvent[] = [];
    let failed: string | null = null;
    for (let index = 0; failed === null && index < 2_000; index += 1) {
      for (const event of papersOf(`W${1_000 + index}`)) {
        const code = codeOf(await take(subject, event));
        if (code === "kept") kept.push(event);
        else failed ??= code;
      }
    }
    expect(failed).toBe("diskFull");
    await subject.close();
    // Records and rows are what was acknowledged, and nothing more.
    const again = await onFile(file);
    expect(await differencesTo(again, stateOf(kept))).toEqual([]);
    expect(again.journal.lastSeq()).toBe(kept.length);
    expect(again.store.appliedSeq()).toBe(kept.length);
    for (const event of papersOf("W0001")) expect(codeOf(await take(again, event))).toBe("kept");
    expect(await differencesTo(again, stateOf([...kept, ...papersOf("W0001")]))).toEqual([]);
  });

  test("on SQLite: a file that is locked for a while is opened anew", async () => {
    const file = newFile();
    const subject = await onFile(file);
    const [order, receipt] = papersOf("W0001");
    expect(codeOf(await take(subject, order!))).toBe("kept");
    const raw = await openRaw(file);
    await raw.exec("BEGIN IMMEDIATE");
    expect(codeOf(await take(subject, receipt!))).toBe("fileLocked");
    await raw.exec("ROLLBACK");
    await raw.close();
    expect(codeOf(await take(subject, receipt!))).toBe("kept");
    expect(await differencesTo(subject, stateOf([order!, receipt!]))).toEqual([]);
  });

  test("an entry that no journal takes is refused, and has changed nothing", async () => {
    const subject = await onFile(newFile());
    const [order] = papersOf("W0001");
    const { events, run } = workOf([order!], rules);
    const bad = { kind: "step", lineId: "L1", event: { at: Number.NaN } } as const;
    const outcome = await subject.settle(
      transacted(subject.store, { events, run: (state) => ({ ...run(state), entries: [bad] }) }),
    );
    expect(codeOf(outcome)).toBe("entryRefused");
    expect(await differencesTo(subject, createDocumentState())).toEqual([]);
    expect(codeOf(await take(subject, order!))).toBe("kept");
  });
});

describe("a file that is not what it should be", () => {
  const outcomeOn = async (file: string): Promise<StoreOutcome<unknown>> => {
    const subject = await onFile(file);
    return take(subject, papersOf("W0002")[3]!);
  };

  test("of another version is refused by name", async () => {
    const file = await fileWith("W0001");
    await rewriteRow(file, tallyKey, (text) => text.replace('"version":2', '"version":3'));
    expect(await outcomeOn(file)).toMatchObject({
      kind: "failed",
      code: "otherVersion",
      why: "documents are kept in version 3, this program keeps 2",
    });
  });

  test("without its count of rows, or with one that is none", async () => {
    const cut = await fileWith("W0001");
    await rewriteRow(cut, tallyKey, () => '{"version":2}');
    const found = await outcomeOn(cut);
    expect(found).toMatchObject({ kind: "failed", code: "fileDamaged" });
    expect(found.kind === "failed" && found.why).toContain("the count of documents");
  });

  test("with a row that somebody has changed: whoever needs it is refused, nobody else", async () => {
    const file = await fileWith("W0001");
    await tamper(
      file,
      `UPDATE kept_row SET text = replace(text, 'notReleasable', 'releasable') WHERE kind = 2`,
    );
    await tamper(file, `UPDATE kept_row SET text = replace(text, 'W0001', 'W0003') WHERE kind = 2`);
    const subject = await onFile(file);
    expect(subject.store.damage()).toBeNull();
    const [, , , manifest] = papersOf("W0001");
    expect(await take(subject, manifest!)).toMatchObject({
      kind: "failed",
      code: "fileDamaged",
      why: `${file}: row cases W0001 is not as it was written`,
    });
    const read = new Promise((resolve) => subject.store.read("cases", "W0001", resolve));
    expect(await read).toMatchObject({ kind: "failed", code: "fileDamaged" });
    // The same finding, however often it is met.
    const why = `${file}: row cases W0001 is not as it was written`;
    expect(subject.store.damage()).toEqual({ why, findingsTotal: 1 });
    expect(codeOf(await take(subject, papersOf("W0002")[3]!))).toBe("kept");
  });

  test.each([
    ["its key", `UPDATE kept_row SET key = 'W0009' WHERE kind = 2`, "cases W0009"],
    ["its place", `UPDATE kept_row SET place = NULL WHERE kind = 19`, "storedUntil W0001"],
    ["its text", `UPDATE kept_row SET text = text || ' ' WHERE kind = 8`, "waybills "],
    ["its table", `UPDATE kept_row SET kind = 17 WHERE kind = 2`, "controlsByWaybill W0001"],
  ])(
    "with a row that was changed in %s: who looks at all of them finds it",
    async (_what, sql, row) => {
      const file = await fileWith("W0001", true);
      await tamper(file, sql);
      const subject = await onFile(file);
      let from: RowCursor | null = null;
      do {
        const read = await new Promise<StoreRead<RowCursor | null>>((resolve) =>
          subject.store.checkRows(from, 3, resolve),
        );
        if (read.kind === "failed") throw new Error(read.why);
        from = read.value;
      } while (from !== null);
      const { why = "", findingsTotal } = subject.store.damage() ?? {};
      expect(why).toContain(`${file}: row ${row}`);
      expect(findingsTotal).toBe(1);
    },
  );

  test("with an index that lacks rows: who looks at all of them finds it", async () => {
    const file = await fileWith("W0001", true);
    // As where a page of an index is lost: the rows are there, and nobody finds them.
    for (const index of ["kept_row_place", "sqlite_autoindex_kept_row_1"]) {
      const copy = newFile();
      await copyFile(file, copy);
      await emptyIndex(copy, index);
      const subject = await onFile(copy);
      await new Promise((resolve) => subject.store.checkRows(null, 1_000, resolve));
      expect([index, subject.store.damage()?.why]).toEqual([
        index,
        expect.stringContaining("is not found where it is looked for"),
      ]);
    }
  });

  test("with a placed row that was changed: it is not gone through", async () => {
    const file = await fileWith("W0001", true);
    await tamper(file, `UPDATE kept_row SET text = text || ' ' WHERE kind IN (19, 20, 27)`);
    const subject = await onFile(file);
    const read = await new Promise((resolve) => subject.store.readNextDueAt(dueTables, resolve));
    expect(read).toMatchObject({ kind: "failed", code: "fileDamaged" });
  });

  test("whose rows are of records that its chain does not hold is not opened", async () => {
    const file = await fileWith("W0001");
    await tamper(file, "DELETE FROM record WHERE seq > 3");
    const result = await openRowJournal({ file, chain: "centre", clock: createVirtualClock() });
    expect(result).toMatchObject({
      kind: "refused",
      code: "fileDamaged",
      why: `${file}: its rows are of record 5, which its chain does not hold`,
    });
  });

  test("torn or foreign is not opened, or fails where it is torn", async () => {
    const foreign = newFile();
    await writeFile(foreign, "not a database at all, and long enough to be looked at".repeat(100));
    const clock = createVirtualClock();
    expect(await openRowJournal({ file: foreign, chain: "centre", clock })).toMatchObject({
      kind: "refused",
      code: "fileDamaged",
    });
    const torn = await fileWith("W0001");
    await truncate(torn, 16_384);
    const result = await openRowJournal({ file: torn, chain: "centre", clock });
    expect(result).toMatchObject({ kind: "refused", code: "fileDamaged" });
  });
});

describe("a journal that other programs have written", () => {
  /** How many records were behind the rows. */
  const restored = async ({ store, journal }: StoreSubject): Promise<number> => {
    const restore = createRowRestore(store);
    let recordsTotal = 0;
    for await (const { seq, body } of allRecords(journal, store.appliedSeq())) {
      const { text } = (JSON.parse(body) as { event: { text: string } }).event;
      const events = JSON.parse(text) as readonly DocumentEvent[];
      const run: RestoredWork["run"] = (state) => {
        for (const event of events) applyDocumentEvent(state, event, rules);
        return { answer: null, entries: [] };
      };
      expect(await restore.take(seq, { events, run })).toBeNull();
      recordsTotal += 1;
    }
    expect(await restore.end()).toBeNull();
    return recordsTotal;
  };

  test("has its rows made out of its records, and goes on from there after a restart", async () => {
    const file = newFile();
    const journal = await opened({ file, chain: "centre" });
    const all = [...papersOf("W0001"), ...papersOf("W0002")];
    for (const event of all) await appendDurably(journal, [entryOf([event])]);
    await journal.close();
    const subject = await fileSubject(file);
    expect(subject.store.appliedSeq()).toBe(0);
    expect(await restored(subject)).toBe(10);
    expect(await differencesTo(subject, stateOf(all))).toEqual([]);
    await subject.close();
    // A program that knows nothing of rows goes on with it for a while.
    const older = await openJournal({ file, chain: "centre", clock: createVirtualClock() });
    if (older.kind === "refused") throw new Error(older.why);
    const more = papersOf("W0003");
    for (const event of more) await appendDurably(older.journal, [entryOf([event])]);
    await older.journal.close();
    const again = await onFile(file);
    expect(again.store.appliedSeq()).toBe(10);
    expect(await restored(again)).toBe(5);
    expect(again.store.appliedSeq()).toBe(15);
    expect(await differencesTo(again, stateOf([...all, ...more]))).toEqual([]);
  });
});
