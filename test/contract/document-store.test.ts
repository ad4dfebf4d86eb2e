/**
 * Goal: the document store keeps the contract of its port over both journals, line by line.
 * Method: one suite over makers; in memory the clock is run by hand, on SQLite the file is real. Random
 * events of every kind are held against memory, several under way at once.
 */
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import type { Effects } from "../../edge/clearance/outcome.ts";
import { prepareClearance, type ClearanceRules } from "../../edge/clearance/parameters.ts";
import { dueTables } from "../../edge/clearance/rows.ts";
import { createDocumentState, type DocumentState } from "../../edge/clearance/state.ts";
import { parseEntry } from "../../edge/journal/entries.ts";
import { allRecords } from "../../edge/journal/journal.ts";
import type { StoreOutcome, StoreRead, StoreWork } from "../../edge/store/port.ts";
import { createRowRestore, type RestoredWork } from "../../edge/store/restore.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { randomConfig, randomEvents } from "../kit/document-events.ts";
import {
  differencesTo,
  storeMakers,
  transacted,
  workOf,
  type MakeOptions,
  type StoreMaker,
  type StoreSubject,
} from "../kit/document-stores.ts";
import { documentsOf, eventsOf, later, startAt, testConfig } from "../unit/clearance-kit.ts";

const rules = prepareClearance(testConfig());

const papersOf = (waybill: string): readonly DocumentEvent[] =>
  eventsOf(documentsOf(waybill)).map((event) => ({ at: startAt, ...event }));

async function made(maker: StoreMaker, options: MakeOptions = {}): Promise<StoreSubject> {
  const subject = await maker.make(options);
  onTestFinished(() => subject.close());
  return subject;
}

const taken = async (subject: StoreSubject, work: StoreWork<unknown>): Promise<void> => {
  const outcome = await subject.settle(transacted(subject.store, work));
  expect(outcome.kind, JSON.stringify(outcome)).toBe("kept");
};

/** One after the other. */
async function takeAll(subject: StoreSubject, events: readonly DocumentEvent[]): Promise<void> {
  for (const event of events) await taken(subject, workOf([event], rules));
}

const readCase = (subject: StoreSubject, waybill: string, store = subject.store) =>
  subject.settle(
    new Promise<StoreRead<{ readonly state: unknown } | null>>((resolve) =>
      store.read("cases", waybill, resolve),
    ),
  );

/** Applies what a test's journal holds again. */
const workOfRecord =
  (rules: ClearanceRules) =>
  ({ body }: JournalRecord): RestoredWork => {
    const parsed = parseEntry(body);
    if (parsed.kind === "unreadable" || parsed.entry.kind !== "step") throw new Error(body);
    const { text } = parsed.entry.event as { readonly text: string };
    const events = JSON.parse(text) as readonly DocumentEvent[];
    return {
      events,
      run(state) {
        for (const event of events) applyDocumentEvent(state, event, rules);
        return { answer: null, entries: [] };
      },
    };
  };

interface Random {
  readonly config: Parameters<typeof prepareClearance>[0];
  readonly events: readonly DocumentEvent[];
  readonly seed: number;
}

/** As many at a time as chance says, against memory in the order in which they ran. */
async function compare(maker: StoreMaker, { config, events, seed }: Random): Promise<void> {
  const entropy = createSeededEntropy(seed, "turns");
  const delayMs = (): number => Math.floor(entropy.next() * 4);
  const rowsHeldMax = Math.floor(entropy.next() * 40);
  const subject = await maker.make({ delayMs, rowsHeldMax });
  try {
    const rules = prepareClearance(config);
    const memory = createDocumentState();
    const compareRun = (event: DocumentEvent) => (effects: readonly Effects[]) => {
      const expected = applyDocumentEvent(memory, event, rules);
      expect(JSON.stringify(effects)).toBe(JSON.stringify([expected]));
    };
    let left = events;
    while (left.length > 0) {
      const together = left.slice(0, 1 + Math.floor(entropy.next() * 8));
      left = left.slice(together.length);
      const works = together.map((event) => workOf([event], rules, compareRun(event)));
      const outcomes = await subject.settle(
        Promise.all(works.map((work) => transacted(subject.store, work))),
      );
      for (const outcome of outcomes) {
        if (outcome.kind === "bug") throw outcome.thrown;
        expect(outcome.kind).toBe("kept");
      }
    }
    expect(await differencesTo(subject, memory)).toEqual([]);
    await expectRestored(maker, subject, { rules, memory });
  } finally {
    await subject.close();
  }
}

/** The journal's records, applied to rows that are new, give the same. */
async function expectRestored(
  maker: StoreMaker,
  { journal }: StoreSubject,
  { rules, memory }: { readonly rules: ClearanceRules; readonly memory: DocumentState },
): Promise<void> {
  const fresh = await maker.make();
  try {
    const records: JournalRecord[] = [];
    for await (const record of allRecords(journal)) records.push(record);
    const restore = createRowRestore(fresh.store);
    for (const record of records) {
      const work = workOfRecord(rules)(record);
      expect(await fresh.settle(restore.take(record.seq, work))).toBeNull();
    }
    expect(await fresh.settle(restore.end())).toBeNull();
    expect(await differencesTo(fresh, memory)).toEqual([]);
  } finally {
    await fresh.close();
  }
}

describe.each(storeMakers)("the document store $name", (maker) => {
  test("gives the same as memory, with several under way, and from its journal once more", async () => {
    const random = fc.record({
      config: randomConfig,
      events: randomEvents({ minLength: 20, maxLength: 60 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(random, (each) => compare(maker, each)),
      { numRuns: maker.name === "in memory" ? 150 : 30 },
    );
  });

  test("journals what ran in the order in which it ran, and rows and records go together", async () => {
    const subject = await made(maker);
    const order: string[] = [];
    const works = ["W0001", "W0002", "W0003"].flatMap((waybill) =>
      papersOf(waybill).map((event) => workOf([event], rules, () => order.push(event.kind))),
    );
    const outcomes = await subject.settle(
      Promise.all(works.map((work) => transacted(subject.store, work))),
    );
    const seqs = outcomes.map((outcome) => (outcome.kind === "kept" ? outcome.firstSeq : 0));
    expect(seqs.toSorted((a, b) => a - b)).toEqual(works.map((_, index) => index + 1));
    const kinds: string[] = [];
    for await (const { body } of allRecords(subject.journal)) {
      const { text } = (JSON.parse(body) as { event: { text: string } }).event;
      for (const { kind } of JSON.parse(text) as DocumentEvent[]) kinds.push(kind);
    }
    expect(kinds).toEqual(order);
    expect(subject.store.appliedSeq()).toBe(15);
  });

  test("a restart reads no record anew", async () => {
    const subject = await made(maker);
    await takeAll(subject, papersOf("W0001"));
    const store = subject.again();
    expect(store.appliedSeq()).toBe(5);
    expect(store.countOf("cases")).toBe(0);
    expect(await readCase(subject, "W0001", store)).toMatchObject({
      value: { state: "AWAITING_MACHINE_PASS" },
    });
    expect(store.countOf("cases")).toBe(1);
  });

  test("counts from the first work on, also where that changes no row", async () => {
    const subject = await made(maker);
    expect(await readCase(subject, "W0001")).toMatchObject({ value: null });
    expect(subject.store.isCounted()).toBe(false);
    await taken(subject, workOf([], rules));
    const store = subject.again();
    expect(await readCase(subject, "W0001", store)).toMatchObject({ value: null });
    expect(store.isCounted()).toBe(true);
  });

  test("never answers from inside, and answers once", async () => {
    const subject = await made(maker);
    const outcomes: StoreOutcome<unknown>[] = [];
    const [order] = papersOf("W0001");
    for (let round = 0; round < 2; round += 1) {
      subject.store.transact(workOf([order!], rules), (outcome) => outcomes.push(outcome));
      expect(outcomes).toHaveLength(round);
      await taken(subject, workOf([], rules));
      expect(outcomes).toHaveLength(round + 1);
    }
  });

  test("a work that touches what it has not named is a bug, and writes nothing", async () => {
    const subject = await made(maker);
    await takeAll(subject, papersOf("W0001"));
    const [order] = papersOf("W0002");
    const reaching: StoreWork<null> = {
      events: [order!],
      run(state) {
        applyDocumentEvent(state, order!, rules);
        state.cases.get("W0001");
        return { answer: null, entries: [] };
      },
    };
    const outcome = await subject.settle(transacted(subject.store, reaching));
    expect(outcome.kind === "bug" ? String(outcome.thrown) : outcome).toContain(
      'documents: cases "W0001" was not declared',
    );
    expect(subject.store.countOf("orders")).toBe(1);
    await takeAll(subject, papersOf("W0002"));
    expect(subject.store.countOf("orders")).toBe(2);
  });

  test("what is read is durable, with everything that ran before", async () => {
    const subject = await made(maker);
    await takeAll(subject, papersOf("W0001").slice(0, 3));
    const manifest = papersOf("W0001")[3]!;
    const writing = transacted(subject.store, workOf([manifest], rules));
    let lastSeq = 0;
    const reading = new Promise<unknown>((resolve) =>
      subject.store.read("cases", "W0001", (read) => {
        lastSeq = subject.journal.lastSeq();
        resolve(read);
      }),
    );
    expect(await subject.settle(reading)).toMatchObject({ value: { state: "STORED" } });
    expect(lastSeq).toBe(4);
    expect(await subject.settle(writing)).toMatchObject({ kind: "kept", lastSeq: 4 });
    expect(await readCase(subject, "W9999")).toEqual({ kind: "value", value: null });
  });

  test("tells when the next wait ends, and ends a few at a time", async () => {
    const subject = await made(maker);
    const due = (): Promise<unknown> =>
      subject.settle(new Promise((resolve) => subject.store.readNextDueAt(dueTables, resolve)));
    expect(await due()).toEqual({ kind: "value", value: null });
    for (const waybill of ["W0001", "W0002", "W0003"]) {
      await takeAll(subject, [papersOf(waybill)[3]!]);
    }
    expect(await due()).toEqual({ kind: "value", value: later(24 * 60) });
    const at = later(25 * 60);
    await takeAll(subject, [{ kind: "timePassed", at, atMost: 2 }]);
    expect(subject.store.countOf("storedUntil")).toBe(1);
    expect(await readCase(subject, "W0002")).toMatchObject({ value: { state: "VOID" } });
    expect(await readCase(subject, "W0003")).toMatchObject({ value: { state: "STORED" } });
    await takeAll(subject, [{ kind: "timePassed", at }]);
    expect(await readCase(subject, "W0003")).toMatchObject({ value: { state: "VOID" } });
  });

  test("keeps what is to be told outside until it was told, also over a restart", async () => {
    const subject = await made(maker);
    const tell = (outgoing: readonly string[], told: readonly number[] = []): StoreWork<null> => ({
      events: [],
      run: () => ({ answer: null, entries: [], outgoing, told }),
    });
    await taken(subject, tell(["one", "two"]));
    await taken(subject, tell(["three"]));
    const waiting = (textsMax: number): Promise<unknown> =>
      subject.settle(new Promise((resolve) => subject.again().readOutgoing(textsMax, resolve)));
    const all = [
      { place: 1, text: "one" },
      { place: 2, text: "two" },
      { place: 3, text: "three" },
    ];
    expect(await waiting(10)).toEqual({ kind: "value", value: all });
    expect(await waiting(1)).toEqual({ kind: "value", value: all.slice(0, 1) });
    await taken(subject, tell([], [1, 2]));
    expect(await waiting(10)).toEqual({ kind: "value", value: all.slice(2) });
  });

  test("holds a bounded number of rows, and one row that everybody wants", async () => {
    const subject = await made(maker, { rowsHeldMax: 50 });
    const by = { kind: "person", name: "O1", role: "risk", station: "S1" } as const;
    const controls = Array.from({ length: 900 }, (_, index): DocumentEvent => {
      const control = { controlId: `C${index}`, waybill: "W0001", reason: "risk", by };
      return { kind: "control", at: startAt, control };
    });
    const outcomes = await subject.settle(
      Promise.all(controls.map((event) => transacted(subject.store, workOf([event], rules)))),
    );
    expect(outcomes.filter(({ kind }) => kind === "kept")).toHaveLength(900);
    expect(subject.store.countOf("controls")).toBe(20);
    expect(subject.store.counters()).toMatchObject({ underWay: 0 });
    expect(subject.store.counters().rowsHeld).toBeLessThanOrEqual(53);
  });

  test("takes no more at once than it was told to", async () => {
    const subject = await made(maker, { underWayMax: 2 });
    const works = papersOf("W0001").map((event) =>
      transacted(subject.store, workOf([event], rules)),
    );
    const outcomes = await subject.settle(Promise.all(works));
    expect(outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.code : "kept"))).toEqual([
      "kept",
      "kept",
      "busy",
      "busy",
      "busy",
    ]);
  });
});
