import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { RowOf } from "../../clearance/rows.ts";
import type { RowChange } from "../../clearance/working-set.ts";
import { manifestIn, recordIn, type WaybillView } from "./waybill-view.ts";

/**
 * What is known of the waybills that passes on the belts have asked for: few, whatever the store
 * holds, and told without a wait.
 */
export interface WatchedWaybills {
  /** `view`: as the rows have just said; null where they cannot be read. */
  add(waybill: string, view: WaybillView | null): void;
  /** As often as it was added. */
  remove(waybill: string): void;
  /** Null for others, and while nobody knows. */
  at(waybill: string): WaybillView | null;
  /** Rows that were judged just now. */
  change(changes: readonly RowChange[]): void;
  /** Something that was judged has not happened: nothing is known until it is read again. */
  distrust(): void;
  /** Once in a while: what could not be read again is tried again. */
  lookAgain(): void;
}

export interface WatchedOptions {
  /**
   * Reads them again, at most `readTogetherMax` of them. The record that `seen` returns is told to
   * whoever was told more than there is. `onEnd` is called once with those of which nothing is known
   * still, although `seen` may have been called for them.
   */
  readonly read: (waybills: readonly string[], again: ReadAgain) => void;
}

export interface ReadAgain {
  readonly seen: (waybill: string, view: WaybillView) => ClearanceRecord | null;
  readonly onEnd: (failed: readonly string[]) => void;
}

/** Waybills that one transaction reads. */
export const readTogetherMax = 200;

interface Watched {
  times: number;
  view: WaybillView | null;
}

export function createWatchedWaybills({ read }: WatchedOptions): WatchedWaybills {
  const all = new Map<string, Watched>();
  /** Of which nobody knows how they are. */
  const unknown = new Set<string>();
  /** One reading at a time: while the disk hangs they must not pile up. */
  let isReading = false;

  const distrust = (waybill: string): void => {
    const watched = all.get(waybill);
    if (watched === undefined) return;
    watched.view = null;
    unknown.add(waybill);
  };

  const readAgain = (): void => {
    if (isReading || unknown.size === 0) return;
    isReading = true;
    const waybills = [...unknown].slice(0, readTogetherMax);
    read(waybills, {
      seen: (waybill, view) => {
        const watched = all.get(waybill);
        if (!unknown.delete(waybill) || watched === undefined) return null;
        watched.view = view;
        return recordIn(view);
      },
      onEnd: (failed) => {
        isReading = false;
        // What could not be read is tried again later, and not at once.
        if (failed.length === 0) readAgain();
        for (const waybill of failed) {
          // Behind the others, so that they are not kept waiting by it.
          unknown.delete(waybill);
          distrust(waybill);
        }
      },
    });
  };

  return {
    add: (waybill, view) => {
      const times = (all.get(waybill)?.times ?? 0) + 1;
      all.set(waybill, { times, view });
      if (view === null) unknown.add(waybill);
    },
    remove: (waybill) => {
      const watched = all.get(waybill);
      if (watched === undefined) return;
      watched.times -= 1;
      if (watched.times > 0) return;
      all.delete(waybill);
      unknown.delete(waybill);
    },
    at: (waybill) => all.get(waybill)?.view ?? null,
    change: (changes) => {
      for (const { table, key, value } of changes) {
        const watched = all.get(key);
        if (watched === undefined || watched.view === null) continue;
        if (table === "cases") {
          const manifest = manifestIn(value as RowOf<"cases"> | null);
          watched.view = { ...watched.view, manifest };
        } else if (table === "releases") {
          const passes = value as RowOf<"releases"> | null;
          watched.view = { ...watched.view, passIds: passes ?? [] };
        }
      }
    },
    distrust: () => {
      for (const waybill of all.keys()) distrust(waybill);
      readAgain();
    },
    lookAgain: readAgain,
  };
}
