import { isShared, rowId, type DocumentTable, type RowKey, type RowOf } from "../clearance/rows.ts";

/** A row in memory; null for one that there is not. */
export interface HeldRow {
  readonly value: RowOf<DocumentTable> | null;
  readonly place: number | null;
}

/**
 * Rows in memory: those that are not durable yet, those that nearly every event reads, and as many
 * others as may be, the ones that were used last.
 */
export interface HeldRows {
  /** Undefined: nobody here knows. */
  get(key: RowKey): HeldRow | undefined;
  /** As it was read. */
  note(key: RowKey, row: HeldRow): void;
  /** As an event has made it; `settle` must follow when that is durable. */
  change(key: RowKey, row: HeldRow): void;
  settle(key: RowKey): void;
  /** Everything that is here of it is durable. */
  isDurable(key: RowKey): boolean;
  size(): number;
}

export function createHeldRows(rowsMax: number): HeldRows {
  /** The one that was used last stands last. */
  const used = new Map<string, HeldRow>();
  const shared = new Map<string, HeldRow>();
  /** How many commits each row waits for. */
  const unsynced = new Map<string, number>();

  const put = (key: RowKey, row: HeldRow): void => {
    const id = rowId(key);
    if (isShared(key)) {
      shared.set(id, row);
      return;
    }
    used.delete(id);
    used.set(id, row);
    forgetOldest();
  };

  /** Rows that are not durable are few: no more than the transactions that are under way change. */
  const forgetOldest = (): void => {
    let surplus = used.size - rowsMax;
    for (const id of used.keys()) {
      if (surplus <= 0) return;
      if (unsynced.has(id)) continue;
      used.delete(id);
      surplus -= 1;
    }
  };

  return {
    get(key) {
      const id = rowId(key);
      const row = used.get(id);
      if (row === undefined) return shared.get(id);
      used.delete(id);
      used.set(id, row);
      return row;
    },
    note: put,
    change(key, row) {
      const id = rowId(key);
      unsynced.set(id, (unsynced.get(id) ?? 0) + 1);
      put(key, row);
    },
    settle(key) {
      const id = rowId(key);
      const left = (unsynced.get(id) ?? 0) - 1;
      if (left > 0) unsynced.set(id, left);
      else unsynced.delete(id);
      forgetOldest();
    },
    isDurable: (key) => !unsynced.has(rowId(key)),
    size: () => used.size + shared.size,
  };
}
