import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import type { Effects } from "../../edge/clearance/outcome.ts";
import type { ClearanceRules } from "../../edge/clearance/parameters.ts";
import {
  calendarKey,
  documentTables,
  dueAtOf,
  dueTables,
  endsMaxOf,
  isDueTable,
  isShared,
  rowId,
  rowOfText,
  rowTables,
  rowText,
  sharedRows,
  type DocumentTable,
  type DueTable,
  type RowKey,
  type RowOf,
} from "../../edge/clearance/rows.ts";
import type { DocumentState } from "../../edge/clearance/state.ts";
import { touchesOf, type Touch, type Touches } from "../../edge/clearance/touched-keys.ts";
import {
  createWorkingSet,
  type RowChange,
  type WorkingSet,
} from "../../edge/clearance/working-set.ts";

type RowTexts = readonly (readonly [id: string, text: string])[];

const sorted = (rows: RowTexts): RowTexts => rows.toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Every row of a state; those of tables with an order in their order, the others by their keys. */
export const rowsOfState = (state: DocumentState): RowTexts => [
  [rowId(calendarKey), rowText(state.calendar)],
  ...rowTables.flatMap((table) => {
    const rows = [...state[table]].map(
      ([key, value]) => [rowId({ table, key }), rowText(value)] as const,
    );
    return isDueTable(table) ? rows : sorted(rows);
  }),
];

/** Rows as texts, and nothing more: what any store has to be able to do. */
export class PlainRows {
  readonly #tables = new Map<DocumentTable, Map<string, string>>(
    documentTables.map((table) => [table, new Map<string, string>()]),
  );

  constructor() {
    this.#of("calendar").set("", rowText({ isProved: true, proofs: [] }));
  }

  #of(table: DocumentTable): Map<string, string> {
    return this.#tables.get(table)!;
  }

  read<T extends DocumentTable>(table: T, key: string): RowOf<T> | null {
    const text = this.#of(table).get(key);
    return text === undefined ? null : rowOfText(table, text);
  }

  count(table: DocumentTable): number {
    return this.#of(table).size;
  }

  due(table: DueTable, at: number, atMost: number): readonly string[] {
    const keys = [...this.#of(table).keys()];
    const end = keys.findIndex((key) => dueAtOf(this.read(table, key)!) > at);
    return (end < 0 ? keys : keys.slice(0, end)).slice(0, atMost);
  }

  write(changes: readonly RowChange[]): void {
    for (const { table, key, value, isLast } of changes) {
      if (isLast || value === null) this.#of(table).delete(key);
      if (value !== null) this.#of(table).set(key, rowText(value));
    }
  }

  all(): RowTexts {
    return documentTables.flatMap((table) => {
      const rows = [...this.#of(table)].map(
        ([key, text]) => [rowId({ table, key }), text] as const,
      );
      return isDueTable(table) ? rows : sorted(rows);
    });
  }
}

/** All of a writer's rows are locked at once, or none. */
export class RowLocks {
  readonly #owners = new Map<string, number>();

  take(owner: number, keys: readonly RowKey[] | "all"): boolean {
    const isFree = (id: string): boolean => (this.#owners.get(id) ?? owner) === owner;
    const all = this.#owners.get("all") ?? owner;
    if (all !== owner) return false;
    if (keys === "all") {
      if (![...this.#owners.values()].every((each) => each === owner)) return false;
      this.#owners.set("all", owner);
      return true;
    }
    const ids = keys.map(rowId);
    if (!ids.every(isFree)) return false;
    for (const id of ids) this.#owners.set(id, owner);
    return true;
  }

  release(owner: number): void {
    for (const [id, each] of this.#owners) if (each === owner) this.#owners.delete(id);
  }
}

export interface Writing {
  readonly rows: PlainRows;
  readonly rules: ClearanceRules;
  readonly locks: Pick<RowLocks, "take" | "release">;
  readonly touches: (event: DocumentEvent) => Touches;
  readonly onRun: (events: readonly DocumentEvent[], effects: readonly Effects[]) => void;
}

export const writing = (parts: Pick<Writing, "rules" | "onRun"> & Partial<Writing>): Writing => ({
  rows: new PlainRows(),
  locks: new RowLocks(),
  touches: touchesOf,
  ...parts,
});

/**
 * One transaction over the elements of one message: locks and loads the rows that are named until
 * none is missing, runs the core on them, and writes back what changed. Others may have their turn
 * wherever it yields.
 */
export function* transact(
  { rows, rules, locks, touches: touchesOfEvent, onRun }: Writing,
  owner: number,
  events: readonly DocumentEvent[],
): Generator<void, void> {
  const touches = events.map(touchesOfEvent);
  const isOfTime = events.some(({ kind }) => kind === "timePassed");
  const wanted = new Map<string, RowKey>();
  let set: WorkingSet;
  for (;;) {
    while (!locks.take(owner, isOfTime ? "all" : [...wanted.values()])) yield;
    set = createWorkingSet((table) => rows.count(table));
    const due = isOfTime ? dueBy(rows, events) : new Map<DueTable, readonly string[]>();
    for (const [table, keys] of due) set.loadDue(table, keys);
    const loaded = new Map<string, RowOf<DocumentTable> | null>();
    for (const [id, { table, key }] of wanted) {
      const value = rows.read(table, key);
      loaded.set(id, value);
      set.load(table, key, value);
      yield;
    }
    const touch: Touch = <T extends DocumentTable>(table: T, key: string, known?: "absent") => {
      const row = { table, key };
      if (!isShared(row)) wanted.set(rowId(row), row);
      if (known !== undefined && rows.read(table, key) !== null) {
        throw new Error(`${rowId(row)} was named as absent`);
      }
      return loaded.get(rowId(row)) as RowOf<T> | null | undefined;
    };
    for (const each of touches) each(touch, (table) => due.get(table) ?? []);
    if (wanted.size === loaded.size) break;
    locks.release(owner);
  }
  for (const { table, key } of sharedRows) set.load(table, key, rows.read(table, key));
  const effects = events.map((event) => applyDocumentEvent(set.state, event, rules));
  onRun(events, effects);
  rows.write(set.changes());
  locks.release(owner);
}

function dueBy(
  rows: PlainRows,
  events: readonly DocumentEvent[],
): ReadonlyMap<DueTable, readonly string[]> {
  const [event] = events;
  if (event?.kind !== "timePassed") throw new Error("time passes beside other events");
  const { at, passedAt = at } = event;
  return new Map(
    dueTables.map((table) => [table, rows.due(table, passedAt, endsMaxOf(table, event))]),
  );
}
