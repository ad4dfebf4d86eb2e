import { Bug, invariant } from "../../protocols/bug.ts";
import { noCalendarProofs, type CalendarProofs } from "./calendar-proofs.ts";
import {
  calendarKey,
  isDueTable,
  isOrderedTable,
  rowId,
  type DocumentTable,
  type DueTable,
  type RowKey,
  type RowOf,
  type RowTable,
} from "./rows.ts";
import type { DocumentState } from "./state.ts";

/** One row as it is after an event that changed it. */
export interface RowChange extends RowKey {
  /** Null: it is gone. */
  readonly value: RowOf<DocumentTable> | null;
  /** It was there before. */
  readonly wasThere: boolean;
  /** In a table with an order it stands last now, behind everything else. */
  readonly isLast: boolean;
}

/**
 * A document state that holds only the rows that were loaded for an event. The pure core runs on it as
 * on all of them. What was not loaded is not there to be read or written: whoever touches it has not
 * named it (`touchesOf`), which is a bug of ours, and ends the event with nothing written.
 */
export interface WorkingSet {
  readonly state: DocumentState;
  /** Null: there is no such row. */
  load<T extends DocumentTable>(table: T, key: string, value: RowOf<T> | null): void;
  /** Rows of a table that are due, in its order; those are loaded by themselves. */
  loadDue(table: DueTable, keys: readonly string[]): void;
  /** Rows that stand last in one table are in the order in which they stand. */
  changes(): readonly RowChange[];
}

/** `countOf`: how many rows a table has in all, before the event. */
export function createWorkingSet(countOf: (table: RowTable) => number): WorkingSet {
  const written = new Map<string, LoadedKey>();
  const noteWrite: NoteWrite = (row, isPlaced) => {
    const id = rowId(row);
    if (isPlaced) written.delete(id);
    written.set(id, row);
  };
  const tableOf = <T extends RowTable>(table: T): LoadedRows<RowOf<T>> =>
    new LoadedRows<RowOf<T>>(table, countOf, noteWrite);
  const calendar: CalendarProofs = noCalendarProofs();
  let calendarBefore: CalendarProofs | null = null;
  const tables = {
    cases: tableOf("cases"),
    waybillByKey: tableOf("waybillByKey"),
    waybillsByNumber: tableOf("waybillsByNumber"),
    orders: tableOf("orders"),
    moneyReceipts: tableOf("moneyReceipts"),
    ordersPaid: tableOf("ordersPaid"),
    waybills: tableOf("waybills"),
    documentWords: tableOf("documentWords"),
    parkedAcceptances: tableOf("parkedAcceptances"),
    acceptances: tableOf("acceptances"),
    parkedReceipts: tableOf("parkedReceipts"),
    parkedReceiptsByKey: tableOf("parkedReceiptsByKey"),
    lostReceipts: tableOf("lostReceipts"),
    lostAnswers: tableOf("lostAnswers"),
    controls: tableOf("controls"),
    controlsByWaybill: tableOf("controlsByWaybill"),
    releases: tableOf("releases"),
    storedUntil: tableOf("storedUntil"),
    waitingUntil: tableOf("waitingUntil"),
    releasedUntil: tableOf("releasedUntil"),
    endedUntil: tableOf("endedUntil"),
    handedOverUntil: tableOf("handedOverUntil"),
    leftReleased: tableOf("leftReleased"),
    leftEnded: tableOf("leftEnded"),
    unnamedUntil: tableOf("unnamedUntil"),
    endedNumbers: tableOf("endedNumbers"),
  } satisfies { readonly [T in RowTable]: LoadedRows<RowOf<T>> };
  const loaded: Readonly<Record<RowTable, LoadedRows<unknown>>> = tables;

  const calendarChange = (): readonly RowChange[] => {
    if (calendarBefore === null) return [];
    const isSame =
      calendarBefore.isProved === calendar.isProved &&
      calendarBefore.proofs.length === calendar.proofs.length;
    const value: CalendarProofs = { ...calendar, proofs: [...calendar.proofs] };
    return isSame ? [] : [{ ...calendarKey, value, wasThere: true, isLast: false }];
  };

  return {
    state: {
      ...tables,
      get calendar() {
        invariant(calendarBefore !== null, "documents: the calendar was not loaded");
        return calendar;
      },
    },
    load(name, key, value) {
      const table: DocumentTable = name;
      if (table !== "calendar") return loaded[table].load(key, value ?? undefined);
      const { isProved, proofs } = (value ?? noCalendarProofs()) as CalendarProofs;
      calendarBefore = { isProved, proofs };
      calendar.isProved = isProved;
      calendar.proofs.splice(0, calendar.proofs.length, ...proofs);
    },
    loadDue: (table, keys) => loaded[table].setDue(keys),
    changes: () => [
      ...calendarChange(),
      ...[...written.values()].flatMap(({ table, key }) => loaded[table].changeOf(key) ?? []),
    ],
  };
}

interface LoadedKey extends RowKey {
  readonly table: RowTable;
}
/** What is told of a row that was written. `isPlaced`: it was put in where there was none. */
type NoteWrite = (row: LoadedKey, isPlaced: boolean) => void;

/** The loaded rows of one table, as the whole of it. */
class LoadedRows<V> extends Map<string, V> {
  readonly #table: RowTable;
  readonly #countOf: (table: RowTable) => number;
  readonly #noteWrite: NoteWrite;
  /** Keys of which there was no row. Most tables have none of these three. */
  #absent: Set<string> | null = null;
  /** What was written, as it was before. */
  #before: Map<string, V | undefined> | null = null;
  /** Taken out and put in again, or new: they stand last. */
  #placedAnew: Set<string> | null = null;
  #due: readonly string[] = [];
  #added = 0;

  constructor(table: RowTable, countOf: (table: RowTable) => number, noteWrite: NoteWrite) {
    super();
    this.#table = table;
    this.#countOf = countOf;
    this.#noteWrite = noteWrite;
  }

  load(key: string, value: V | undefined): void {
    if (value === undefined) (this.#absent ??= new Set()).add(key);
    else super.set(key, this.#watched(key, value));
  }

  setDue(keys: readonly string[]): void {
    this.#due = keys;
  }

  changeOf(key: string): RowChange | null {
    const before = this.#before?.get(key);
    const value = super.get(key);
    const wasThere = before !== undefined;
    if (!wasThere && value === undefined) return null;
    const isLast = isOrderedTable(this.#table) && this.#placedAnew?.has(key) === true;
    if (value === before && !isLast && !(value instanceof WatchedSet)) return null;
    const plain = value instanceof WatchedSet ? new Set<string>(value) : value;
    return {
      table: this.#table,
      key,
      value: (plain ?? null) as RowChange["value"],
      wasThere,
      isLast,
    };
  }

  override get(key: string): V | undefined {
    this.#mustBeLoaded(key);
    return super.get(key);
  }

  override has(key: string): boolean {
    this.#mustBeLoaded(key);
    return super.has(key);
  }

  override set(key: string, value: V): this {
    this.#mustBeLoaded(key);
    const isPlaced = !super.has(key);
    this.#write(key, isPlaced);
    if (isPlaced) {
      this.#added += 1;
      (this.#placedAnew ??= new Set()).add(key);
    }
    return super.set(key, this.#watched(key, value));
  }

  override delete(key: string): boolean {
    this.#mustBeLoaded(key);
    if (!super.has(key)) return false;
    this.#write(key, false);
    this.#added -= 1;
    this.#placedAnew?.delete(key);
    return super.delete(key);
  }

  override get size(): number {
    return this.#countOf(this.#table) + this.#added;
  }

  /** In a table with an order: what is due of it. */
  override entries(): MapIterator<[string, V]> {
    invariant(isDueTable(this.#table), `documents: ${this.#table} has no order to be gone through`);
    const due = this.#due.flatMap((key): [string, V][] => {
      const value = this.get(key);
      return value === undefined ? [] : [[key, value]];
    });
    return new Map(due).entries();
  }

  override [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  override keys(): MapIterator<string> {
    throw this.#unasked();
  }

  override values(): MapIterator<V> {
    throw this.#unasked();
  }

  override forEach(): void {
    throw this.#unasked();
  }

  override clear(): void {
    throw this.#unasked();
  }

  #mustBeLoaded(key: string): void {
    if (!super.has(key) && this.#absent?.has(key) !== true && this.#before?.has(key) !== true) {
      throw new Bug(`documents: ${this.#table} ${JSON.stringify(key)} was not declared`);
    }
  }

  #unasked(): Bug {
    return new Bug(`documents: not all of ${this.#table} is loaded`);
  }

  /** Called before a change. */
  #write(key: string, isPlaced: boolean): void {
    this.#before ??= new Map();
    if (!this.#before.has(key)) this.#before.set(key, super.get(key));
    this.#noteWrite({ table: this.#table, key }, isPlaced);
  }

  /** Sets are written in place, so that a change of one has to be noticed. */
  #watched(key: string, value: V): V {
    if (!(value instanceof Set)) return value;
    return new WatchedSet(value, () => this.#write(key, false)) as V & WatchedSet;
  }
}

class WatchedSet extends Set<string> {
  readonly #onChange: () => void;

  constructor(members: ReadonlySet<string>, onChange: () => void) {
    super();
    for (const member of members) super.add(member);
    this.#onChange = onChange;
  }

  override add(member: string): this {
    if (super.has(member)) return this;
    this.#onChange();
    return super.add(member);
  }

  override delete(member: string): boolean {
    if (!super.has(member)) return false;
    this.#onChange();
    return super.delete(member);
  }
}
