import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import type { Effects } from "../../edge/clearance/outcome.ts";
import type { ClearanceRules } from "../../edge/clearance/parameters.ts";
import { dueTables, rowId, rowTables, rowText } from "../../edge/clearance/rows.ts";
import type { DocumentState } from "../../edge/clearance/state.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { JournalFailure } from "../../edge/journal/journal.ts";
import type { RowJournal, RowsRead } from "../../edge/journal/kept-rows.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { openRowJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createDocumentStore, type DocumentStoreOptions } from "../../edge/store/document-store.ts";
import type { DocumentStore, StoreOutcome, StoreRead, StoreWork } from "../../edge/store/port.ts";
import { keptKeyOf, keptKindOf } from "../../edge/store/tables.ts";
import { stepEntry } from "../../edge/journal/entries.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { inVirtualTime } from "./virtual-wait.ts";

export interface StoreSubject {
  readonly journal: RowJournal;
  readonly store: DocumentStore;
  /** Another store on the same rows, as after a restart. */
  readonly again: (options?: StoreOptions) => DocumentStore;
  /** Waits for what was begun, while time passes. */
  readonly settle: <T>(pending: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

type StoreOptions = Omit<DocumentStoreOptions, "journal">;

export interface MakeOptions extends StoreOptions {
  /** In memory: how long readings and syncs take. */
  readonly delayMs?: () => number;
  readonly failure?: () => JournalFailure | null;
  readonly fileBytesMax?: number;
}

export interface StoreMaker {
  readonly name: string;
  readonly make: (options?: MakeOptions) => Promise<StoreSubject>;
}

export function memorySubject({ delayMs, failure, ...options }: MakeOptions = {}): StoreSubject {
  const clock = createVirtualClock();
  const times = delayMs === undefined ? {} : { readMs: delayMs, syncMs: delayMs };
  const journal = new MemoryJournal({
    chain: "centre",
    clock,
    ...times,
    ...(failure && { failure }),
  });
  return {
    journal,
    store: createDocumentStore({ journal, ...options }),
    again: (others = {}) => createDocumentStore({ journal, ...others }),
    settle: (pending) => inVirtualTime(clock, pending, 10),
    close: () => Promise.resolve(),
  };
}

export async function fileSubject(
  file: string,
  { fileBytesMax, rowsHeldMax, underWayMax }: MakeOptions = {},
): Promise<StoreSubject> {
  const options = {
    ...(rowsHeldMax !== undefined && { rowsHeldMax }),
    ...(underWayMax !== undefined && { underWayMax }),
  };
  const clock = createVirtualClock();
  const bytes = fileBytesMax === undefined ? {} : { fileBytesMax };
  const opened = await openRowJournal({ file, chain: "centre", clock, ...bytes });
  if (opened.kind === "refused") throw new Error(`${opened.code}: ${opened.why}`);
  const { journal } = opened;
  return {
    journal,
    store: createDocumentStore({ journal, ...options }),
    again: (others = {}) => createDocumentStore({ journal, ...others }),
    settle: (pending) => {
      // A file that has failed is opened anew when some time has passed.
      clock.runFor(2_000);
      return pending;
    },
    close: () => journal.close(),
  };
}

export const storeMakers: readonly StoreMaker[] = [
  {
    name: "on SQLite",
    async make(options = {}) {
      const folder = mkdtempSync(join(tmpdir(), "sortline-store-"));
      const subject = await fileSubject(join(folder, "journal.db"), options);
      const close = async (): Promise<void> => {
        await subject.close();
        rmSync(folder, { recursive: true, force: true });
      };
      return { ...subject, close };
    },
  },
  { name: "in memory", make: (options) => Promise.resolve(memorySubject(options)) },
];

export const transacted = <T>(store: DocumentStore, work: StoreWork<T>): Promise<StoreOutcome<T>> =>
  new Promise((resolve) => store.transact(work, resolve));

/** A journal's entry for events, as text, so that their fields keep their order. */
export const entryOf = (events: readonly DocumentEvent[]): JournalEntry =>
  stepEntry("documents", { text: JSON.stringify(events) }, { commands: [], facts: [] });

/** The elements of one message under these rules, journalled as one entry. */
export const workOf = (
  events: readonly DocumentEvent[],
  rules: ClearanceRules,
  onRun: (effects: readonly Effects[]) => void = () => {},
): StoreWork<readonly Effects[]> => ({
  events,
  run(state) {
    const effects = events.map((event) => applyDocumentEvent(state, event, rules));
    onRun(effects);
    return { answer: effects, entries: [entryOf(events)] };
  },
});

const rowsOf = async (
  { settle }: StoreSubject,
  begin: (then: (read: RowsRead) => void) => void,
) => {
  const read = await settle(new Promise<RowsRead>(begin));
  if (read.kind === "failed") throw new Error(`${read.code}: ${read.why}`);
  return read.rows;
};

/**
 * What the store's rows differ in from a state in memory: rows that are other or missing, numbers of
 * rows, and the order where there is one. Nothing for the same.
 */
export async function differencesTo(
  subject: StoreSubject,
  state: DocumentState,
): Promise<readonly string[]> {
  const { journal, store } = subject;
  const found: string[] = [];
  const calendar = await subject.settle(
    new Promise<StoreRead<unknown>>((resolve) => store.read("calendar", "", resolve)),
  );
  const kept = calendar.kind === "value" && calendar.value !== null ? calendar.value : undefined;
  const isNew = kept === undefined && state.calendar.isProved && state.calendar.proofs.length === 0;
  if (!isNew && rowText(kept) !== rowText(state.calendar)) found.push(`calendar: ${rowText(kept)}`);
  const wanted = new Map(
    rowTables.flatMap((table) =>
      [...state[table]].map(([key, value]) => [rowId({ table, key }), { table, key, value }]),
    ),
  );
  const rows = await rowsOf(subject, (then) =>
    journal.readRows([...wanted.values()].map(keptKeyOf), then),
  );
  const texts = new Map(rows.map(({ kind, key, text }) => [`${kind}/${key}`, text]));
  for (const [id, row] of wanted) {
    const { kind, key } = keptKeyOf(row);
    const text = texts.get(`${kind}/${key}`);
    if (text !== rowText(row.value)) found.push(`${id}: ${text}, not ${rowText(row.value)}`);
  }
  for (const table of rowTables) {
    const [count, size] = [store.countOf(table), state[table].size];
    if (count !== size) found.push(`${count} ${table}, not ${size}`);
  }
  for (const table of dueTables) {
    const placed = await rowsOf(subject, (then) =>
      journal.readFirstRows(keptKindOf(table), 1_000_000, then),
    );
    const [order, asked] = [placed.map(({ key }) => key), [...state[table].keys()]];
    if (order.join() !== asked.join()) found.push(`${table}: ${order.join()}, not ${asked.join()}`);
  }
  return found;
}
