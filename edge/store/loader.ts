import { invariant } from "../../protocols/bug.ts";
import type { EpochMs } from "../../protocols/units.ts";
import type { DocumentEvent } from "../clearance/events.ts";
import {
  dueAtOf,
  dueTables,
  isShared,
  rowId,
  rowOfText,
  type DocumentTable,
  type DueTable,
  type RowKey,
  type RowOf,
  type RowTable,
} from "../clearance/rows.ts";
import { touchedKeys, type HeldRows as RowsNamedBy } from "../clearance/touched-keys.ts";
import { keptId, type KeptRow, type RowJournal } from "../journal/kept-rows.ts";
import type { HeldRow, HeldRows } from "./held-rows.ts";
import { createKeyLocks, type KeyLock } from "./key-locks.ts";
import type { StoreFailure } from "./port.ts";
import { keptKeyOf, keptKindOf } from "./tables.ts";

/**
 * Locks and loads the rows of transactions: what the events name, then what those rows lead to, until
 * nothing is missing. Several go on at once. What somebody has locked nobody else changes, so that it
 * is still true when he runs.
 */
export interface Loader {
  load(events: readonly DocumentEvent[], onResult: (result: LoadResult) => void): void;
  /** Everybody who is loading fails, and nobody is let in again. */
  stop(failure: StoreFailure): void;
  counters(): Readonly<Record<"rowsRead" | "restartsTotal", number>>;
}

export type LoadResult =
  | ({ readonly kind: "loaded" } & LoadedRows)
  | ({ readonly kind: "failed" } & StoreFailure);

export interface LoadedRows {
  /** All that may be touched but the shared rows, which are at hand. */
  readonly rows: readonly (readonly [RowKey, HeldRow])[];
  readonly due: ReadonlyMap<DueTable, readonly string[]>;
  release(): void;
}

export interface LoaderParts {
  readonly journal: RowJournal;
  readonly held: HeldRows;
  readonly countOf: (table: RowTable) => number;
}

interface Loading {
  readonly touches: readonly ((held: RowsNamedBy) => readonly RowKey[])[];
  /** The one event of time, which touches whatever is due; null for all others. */
  readonly time: { readonly at: EpochMs; readonly atMost: number } | null;
  readonly wanted: Map<string, RowKey>;
  readonly loaded: Map<string, readonly [RowKey, HeldRow]>;
  readonly due: Map<DueTable, readonly string[]>;
  readonly onResult: (result: LoadResult) => void;
}

const absent: HeldRow = { value: null, place: null };

/** A row out of a journal; none: there is no such row. */
export const heldOf = (table: DocumentTable, row: KeptRow | undefined): HeldRow =>
  row === undefined ? absent : { value: rowOfText(table, row.text), place: row.place };

/** Due rows are read so many at a time. */
const duePageRows = 256;

export function createLoader({ journal, held, countOf }: LoaderParts): Loader {
  const locks = createKeyLocks();
  const loadings = new Set<Loading>();
  let stopped: StoreFailure | null = null;
  let rowsRead = 0;
  let restartsTotal = 0;

  const fail = (loading: Loading, failure: StoreFailure): void => {
    if (loadings.delete(loading)) loading.onResult({ kind: "failed", ...failure });
  };

  /** What is known without asking the disk. */
  const atHand = (key: RowKey): HeldRow | undefined => {
    const row = held.get(key);
    if (row !== undefined || key.table === "calendar") return row;
    return countOf(key.table) === 0 ? absent : undefined;
  };

  const missingOf = ({ touches, loaded, due }: Loading): readonly RowKey[] => {
    const named: RowsNamedBy = {
      row<T extends DocumentTable>(table: T, key: string) {
        return loaded.get(rowId({ table, key }))?.[1].value as RowOf<T> | null | undefined;
      },
      due: (table) => due.get(table) ?? [],
    };
    return touches
      .flatMap((touch) => touch(named))
      .filter((key) => !isShared(key) && !loaded.has(rowId(key)));
  };

  const want = ({ wanted }: Loading, keys: readonly RowKey[]): void => {
    for (const key of keys) wanted.set(rowId(key), key);
  };

  const goOn = (loading: Loading, lock: KeyLock): void => {
    const missing = missingOf(loading);
    if (missing.length === 0) {
      if (!loadings.delete(loading)) return;
      const { loaded, due } = loading;
      const rows = [...loaded.values()];
      return loading.onResult({ kind: "loaded", rows, due, release: () => lock.release() });
    }
    want(loading, missing);
    if (lock.extend(missing.map(rowId))) return readRows(loading, lock, missing);
    // Somebody else has one of them, and may change what has led here.
    restartsTotal += 1;
    lock.release();
    begin(loading);
  };

  const readRows = (loading: Loading, lock: KeyLock, keys: readonly RowKey[]): void => {
    const { loaded } = loading;
    const unknown = new Map<string, RowKey>();
    for (const key of keys) {
      const row = atHand(key);
      if (row === undefined) unknown.set(rowId(key), key);
      else loaded.set(rowId(key), [key, row]);
    }
    if (unknown.size === 0) return goOn(loading, lock);
    rowsRead += unknown.size;
    journal.readRows([...unknown.values()].map(keptKeyOf), (read) => {
      if (stopped !== null) return;
      if (read.kind === "failed") {
        lock.release();
        return fail(loading, read);
      }
      const found = new Map(read.rows.map((row) => [keptId(row), row]));
      for (const [id, key] of unknown) {
        const row = heldOf(key.table, found.get(keptId(keptKeyOf(key))));
        loaded.set(id, [key, row]);
        held.note(key, row);
      }
      goOn(loading, lock);
    });
  };

  /** The keys that are due, table after table; the disk has everything by now. */
  const readDue = (loading: Loading, lock: KeyLock, tables: readonly DueTable[]): void => {
    const [table, ...rest] = tables;
    if (table === undefined) return goOn(loading, lock);
    const { at, atMost } = loading.time ?? noTime;
    const page = (rowsMax: number): void =>
      journal.readFirstRows(keptKindOf(table), rowsMax, (read) => {
        if (stopped !== null) return;
        if (read.kind === "failed") {
          lock.release();
          return fail(loading, read);
        }
        const end = read.rows.findIndex(({ text }) => dueAtOf(rowOfText(table, text)) > at);
        const isAll = end >= 0 || read.rows.length < rowsMax || rowsMax >= atMost;
        if (!isAll) return page(rowsMax * 4);
        const rows = end < 0 ? read.rows : read.rows.slice(0, end);
        loading.due.set(
          table,
          rows.slice(0, atMost).map(({ key }) => key),
        );
        readDue(loading, lock, rest);
      });
    page(Math.min(duePageRows, atMost));
  };

  /** Nobody else has anything, and everything that ran is being made durable. */
  const beginTime = (loading: Loading, lock: KeyLock): void => {
    const onSettled = (): void => {
      if (stopped === null) readDue(loading, lock, dueTables);
    };
    const append = { entries: [], rows: [], appliedSeq: null };
    const refusal = journal.appendRows(append, (outcome) => {
      if (outcome.kind === "durable") return onSettled();
      lock.release();
      fail(loading, outcome);
    });
    if (refusal === null) return;
    lock.release();
    fail(loading, refusal);
  };

  const begin = (loading: Loading): void => {
    loading.loaded.clear();
    if (loading.time !== null) return locks.askAll((lock) => beginTime(loading, lock));
    locks.ask(loading.wanted.keys(), (lock) => {
      if (stopped === null) readRows(loading, lock, [...loading.wanted.values()]);
    });
  };

  return {
    load(events, onResult) {
      if (stopped !== null) return onResult({ kind: "failed", ...stopped });
      const time = timeOf(events);
      const touches = events.map(touchedKeys);
      const loading: Loading = {
        touches,
        time,
        wanted: new Map(),
        loaded: new Map(),
        due: new Map(),
        onResult,
      };
      loadings.add(loading);
      want(loading, missingOf(loading));
      begin(loading);
    },
    stop(failure) {
      stopped = failure;
      for (const loading of loadings) fail(loading, failure);
    },
    counters: () => ({ rowsRead, restartsTotal }),
  };
}

const noTime = { at: 0, atMost: 0 };

/** What an event of time ends; null for the elements of a message. */
function timeOf(events: readonly DocumentEvent[]): Loading["time"] {
  const [event] = events;
  const isOfTime = events.some(({ kind }) => kind === "timePassed");
  if (event?.kind !== "timePassed") {
    invariant(!isOfTime, "store: time passes beside other events");
    return null;
  }
  invariant(events.length === 1, "store: time passes beside other events");
  const { at, passedAt = at, atMost = Number.MAX_SAFE_INTEGER } = event;
  return { at: passedAt, atMost };
}
