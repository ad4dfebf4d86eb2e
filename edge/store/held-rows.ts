import { isShared, rowId, type DocumentTable, type RowKey, type RowOf } from "../clearance/rows.ts";

/** A row in memory; null for one that there is not. */
export interface HeldRow {
  readonly value: RowOf<DocumentTable> | null;
  readonly place: number | null;
}

/**
 * Rows in memory, by their ids: those that are not durable yet, those that nearly every event reads,
 * and as many others as may be, the ones that were used last.
 */
export interface HeldRows {
  /** Undefined: nobody here knows. */
  get(id: string): HeldRow | undefined;
  /** As it was read. */
  note(key: RowKey, row: HeldRow): void;
  /** As an event has made it; `settle` must follow when that is durable. */
  change(key: RowKey, row: HeldRow): void;
  settle(key: RowKey): void;
  /** Everything that is here of it is durable. */
  isDurable(id: string): boolean;
  size(): number;
}

export function createHeldRows(rowsMax: number): HeldRows {
  /** What was not used since the other half was begun is forgotten when that is full. */
  let older = new Map<string, HeldRow>();
  let newer = new Map<string, HeldRow>();
  const shared = new Map<string, HeldRow>();
  /** Not durable, and how many commits each waits for. No more than what is under way changes. */
  const unsynced = new Map<string, { row: HeldRow; commits: number }>();
  const halfMax = Math.max(1, Math.floor(rowsMax / 2));

  const use = (id: string, row: HeldRow): void => {
    if (newer.size >= halfMax) {
      older = newer;
      newer = new Map();
    }
    newer.set(id, row);
  };

  const put = (key: RowKey, row: HeldRow): void => {
    const id = rowId(key);
    if (isShared(key)) shared.set(id, row);
    else use(id, row);
  };

  return {
    get(id) {
      const row = newer.get(id) ?? unsynced.get(id)?.row;
      if (row !== undefined) return row;
      const kept = older.get(id);
      if (kept === undefined) return shared.get(id);
      use(id, kept);
      return kept;
    },
    note: put,
    change(key, row) {
      const id = rowId(key);
      const commits = (unsynced.get(id)?.commits ?? 0) + 1;
      unsynced.set(id, { row, commits });
      older.delete(id);
      put(key, row);
    },
    settle(key) {
      const id = rowId(key);
      const waiting = unsynced.get(id);
      if (waiting === undefined) return;
      waiting.commits -= 1;
      if (waiting.commits === 0) unsynced.delete(id);
    },
    isDurable: (id) => !unsynced.has(id),
    size: () => older.size + newer.size + shared.size,
  };
}
