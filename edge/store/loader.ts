import { invariant } from "../../protocols/bug.ts";
import type { DocumentEvent } from "../clearance/events.ts";
import {
  dueAtOf,
  dueTables,
  endsMaxOf,
  isShared,
  rowId,
  rowOfText,
  type DocumentTable,
  type DueTable,
  type RowKey,
  type RowOf,
  type RowTable,
} from "../clearance/rows.ts";
import {
  touchesOf,
  touchesOfWaybill,
  type Touch,
  type Touches,
} from "../clearance/touched-keys.ts";
import { keptId, type KeptRow } from "../journal/kept-rows.ts";
import type { HeldRow, HeldRows } from "./held-rows.ts";
import { createKeyLocks, type KeyLock } from "./key-locks.ts";
import type { StoreFailure, StoreJournal } from "./port.ts";
import { keptKeyOf, keptKindOf } from "./tables.ts";

/**
 * Locks and loads the rows of transactions: what the events name, then what those rows lead to, until
 * nothing is missing. Several go on at once. What somebody has locked nobody else changes, so that it
 * is still true when he runs. Where everything is at hand and nobody else works on any of it there is
 * nothing to be locked, because a run takes no time.
 */
export interface Loader {
  load(wanted: Wanted, onResult: (result: LoadResult) => void): void;
  /** Everybody who is loading fails, and nobody is let in again. */
  stop(failure: StoreFailure): void;
  counters(): Readonly<Record<"rowsRead" | "restartsTotal", number>>;
}

export interface Wanted {
  readonly events: readonly DocumentEvent[];
  /** Whose documents are read beside what the events touch. */
  readonly waybills?: readonly string[];
}

export type LoadResult =
  | ({ readonly kind: "loaded" } & LoadedRows)
  | ({ readonly kind: "failed" } & StoreFailure);

export interface LoadedRows {
  /** By their ids, all that may be touched but the shared rows, which are at hand. */
  readonly rows: ReadonlyMap<string, LoadedRow>;
  readonly due: ReadonlyMap<DueTable, readonly string[]>;
  release(): void;
}

export interface LoadedRow extends RowKey {
  readonly held: HeldRow;
}

export interface LoaderParts {
  readonly journal: StoreJournal;
  readonly held: HeldRows;
  readonly countOf: (table: RowTable) => number;
  /** Goes up with each run that has changed what is due. */
  readonly dueChanges: () => number;
}

type TimePassed = Extract<DocumentEvent, { kind: "timePassed" }>;

interface Loading {
  readonly touches: readonly Touches[];
  /** The one event of time, which touches whatever is due; null for all others. */
  readonly time: TimePassed | null;
  readonly rows: Map<string, LoadedRow>;
  /** Named as rows that there are not, by what is loaded. */
  readonly absent: Set<string>;
  /** Named, and neither at hand nor read yet. */
  readonly unknown: Map<string, RowKey>;
  readonly due: Map<DueTable, readonly string[]>;
  readonly onResult: (result: LoadResult) => void;
}

const absent: HeldRow = { value: null, place: null };

/** A row out of a journal; none: there is no such row. */
export const heldOf = (table: DocumentTable, row: KeptRow | undefined): HeldRow =>
  row === undefined ? absent : { value: rowOfText(table, row.text), place: row.place };

/** Due rows are read so many at a time. */
const duePageRows = 256;
/** So often it is looked for without a lock. */
const dueLooksMax = 5;

export function createLoader({ journal, held, countOf, dueChanges }: LoaderParts): Loader {
  const locks = createKeyLocks();
  const loadings = new Set<Loading>();
  let stopped: StoreFailure | null = null;
  let rowsRead = 0;
  let restartsTotal = 0;

  const fail = (loading: Loading, failure: StoreFailure): void => {
    if (loadings.delete(loading)) loading.onResult({ kind: "failed", ...failure });
  };

  const end = (loading: Loading, release: () => void): void => {
    if (!loadings.delete(loading)) return;
    const { rows, due } = loading;
    loading.onResult({ kind: "loaded", rows, due, release });
  };

  /** Takes a row that is known without asking the disk. */
  const take = (loading: Loading, id: string, row: RowKey): HeldRow | undefined => {
    const { rows, unknown } = loading;
    const { table, key } = row;
    const isEmpty = table !== "calendar" && countOf(table) === 0;
    const none = isEmpty || loading.absent.has(id) ? absent : undefined;
    const found = held.get(id) ?? none;
    if (found === undefined) unknown.set(id, row);
    else rows.set(id, { table, key, held: found });
    return found;
  };

  /** Names what the events touch, as far as the rows lead; the ids of those that were not named. */
  const name = (loading: Loading): readonly string[] => {
    const { touches, rows, unknown, due } = loading;
    const fresh: string[] = [];
    const touch: Touch = <T extends DocumentTable>(table: T, key: string, known?: "absent") => {
      const row = { table, key };
      // Nothing is found by what shared rows say.
      if (key === "" && isShared(row)) return null;
      const id = rowId(row);
      let found = rows.get(id)?.held;
      if (found === undefined && !unknown.has(id)) {
        fresh.push(id);
        if (known !== undefined) loading.absent.add(id);
        found = take(loading, id, row);
      }
      return found?.value as RowOf<T> | null | undefined;
    };
    for (const each of touches) each(touch, (table) => due.get(table) ?? []);
    return fresh;
  };

  /** With everything locked that is named: reads what is not at hand, and goes on from there. */
  const readRows = (loading: Loading, lock: KeyLock): void => {
    const { rows, unknown } = loading;
    if (unknown.size === 0) return goOn(loading, lock);
    rowsRead += unknown.size;
    journal.readRows([...unknown.values()].map(keptKeyOf), (read) => {
      if (stopped !== null) return;
      if (read.kind === "failed") {
        lock.release();
        return fail(loading, read);
      }
      const found = new Map(read.rows.map((row) => [keptId(row), row]));
      for (const [id, row] of unknown) {
        const { table, key } = row;
        const each = heldOf(table, found.get(keptId(keptKeyOf(row))));
        rows.set(id, { table, key, held: each });
        held.note(row, each);
      }
      unknown.clear();
      goOn(loading, lock);
    });
  };

  const goOn = (loading: Loading, lock: KeyLock): void => {
    const fresh = name(loading);
    if (fresh.length === 0) return end(loading, () => lock.release());
    if (lock.extend(fresh)) return readRows(loading, lock);
    // Somebody else has one of them, and may change what has led here.
    restartsTotal += 1;
    lock.askAgain(namedBy(loading).keys(), (again) => beginAnew(loading, again));
  };

  /** The keys that are due, table after table, by what is on the disk. */
  const readDue = (
    loading: Loading,
    tables: readonly DueTable[],
    then: (failure: StoreFailure | null) => void,
  ): void => {
    const [table, ...rest] = tables;
    if (table === undefined) return then(null);
    const { time } = loading;
    const atMost = time === null ? 0 : endsMaxOf(table, time);
    if (time === null || atMost === 0) return readDue(loading, rest, then);
    const { at, passedAt = at } = time;
    const page = (rowsMax: number): void =>
      journal.readFirstRows(keptKindOf(table), rowsMax, (read) => {
        if (stopped !== null) return;
        if (read.kind === "failed") return then(read);
        const end = read.rows.findIndex(({ text }) => dueAtOf(rowOfText(table, text)) > passedAt);
        const isAll = end >= 0 || read.rows.length < rowsMax || rowsMax >= atMost;
        if (!isAll) return page(rowsMax * 4);
        const rows = end < 0 ? read.rows : read.rows.slice(0, end);
        loading.due.set(
          table,
          rows.slice(0, atMost).map(({ key }) => key),
        );
        readDue(loading, rest, then);
      });
    page(Math.min(duePageRows, atMost));
  };

  /** What is due, once everything that ran before is on the disk. */
  const findDue = (loading: Loading, then: (failure: StoreFailure | null) => void): void => {
    const append = { entries: [], rows: [], appliedSeq: null };
    const refusal = journal.appendRows(append, (outcome) => {
      if (stopped !== null) return;
      if (outcome.kind === "failed") return then(outcome);
      readDue(loading, dueTables, then);
    });
    if (refusal !== null) then(refusal);
  };

  /**
   * Nobody else may be at work while time passes. The disk may take long, and doubt must not wait for
   * it behind a lock on everything: so what is due is found first, and found again if somebody has
   * changed it meanwhile. Only where that goes on and on everybody waits.
   */
  const passTime = (loading: Loading, looks = 1): void => {
    const changesBefore = dueChanges();
    findDue(loading, (failure) => {
      if (failure !== null) return fail(loading, failure);
      locks.askAll((lock) => {
        if (stopped !== null) return;
        if (dueChanges() === changesBefore) return goOn(loading, lock);
        if (looks < dueLooksMax) {
          lock.release();
          return passTime(loading, looks + 1);
        }
        findDue(loading, (failedNow) => {
          if (failedNow === null) return goOn(loading, lock);
          lock.release();
          fail(loading, failedNow);
        });
      });
    });
  };

  const namedBy = (loading: Loading): ReadonlyMap<string, RowKey> => {
    const named = new Map<string, RowKey>([...loading.rows, ...loading.unknown]);
    // They are named anew by what their cases say then.
    for (const id of loading.absent) named.delete(id);
    return named;
  };

  /** With everything locked that was named: looks at it anew, since it took time. */
  const beginAnew = (loading: Loading, lock: KeyLock): void => {
    if (stopped !== null) return;
    const { rows, unknown } = loading;
    const named = namedBy(loading);
    rows.clear();
    unknown.clear();
    loading.absent.clear();
    for (const [id, { table, key }] of named) take(loading, id, { table, key });
    readRows(loading, lock);
  };

  return {
    load({ events, waybills = [] }, onResult) {
      if (stopped !== null) return onResult({ kind: "failed", ...stopped });
      const time = timeOf(events);
      const touches = [...events.map(touchesOf), ...waybills.map(touchesOfWaybill)];
      const loading: Loading = {
        touches,
        time,
        rows: new Map(),
        absent: new Set(),
        unknown: new Map(),
        due: new Map(),
        onResult,
      };
      loadings.add(loading);
      if (time !== null) return passTime(loading);
      name(loading);
      const isAtHand = loading.unknown.size === 0 && locks.areFree(loading.rows.keys());
      if (isAtHand) end(loading, () => {});
      else locks.ask(namedBy(loading).keys(), (lock) => beginAnew(loading, lock));
    },
    stop(failure) {
      stopped = failure;
      for (const loading of loadings) fail(loading, failure);
    },
    counters: () => ({ rowsRead, restartsTotal }),
  };
}

/** What an event of time ends; null for the elements of a message. */
function timeOf(events: readonly DocumentEvent[]): Loading["time"] {
  const [event] = events;
  const isOfTime = events.some(({ kind }) => kind === "timePassed");
  if (event?.kind !== "timePassed") {
    invariant(!isOfTime, "store: time passes beside other events");
    return null;
  }
  invariant(events.length === 1, "store: time passes beside other events");
  return event;
}
