import type { Timer } from "./time.ts";
import type { MonotonicMs } from "./units.ts";

interface Entry {
  readonly dueAt: MonotonicMs;
  readonly order: number;
  readonly fire: () => void;
  /** Position in the heap; -1 once taken or cancelled. */
  index: number;
}

/** What is due and when, without any notion of "now": clocks, live and virtual, drive it. */
export interface TimerQueue {
  add(dueAt: MonotonicMs, fire: () => void): Timer;
  /** When the earliest timer is due, or null when none waits. */
  nextDueAt(): MonotonicMs | null;
  /** Removes and returns the earliest timer if it is due at `at`, else null. */
  take(at: MonotonicMs): (() => void) | null;
  size(): number;
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);

/**
 * A binary heap ordered by due time, ties in the order they were added. Cancelling removes at
 * once, so a driver that re-arms for ever leaves nothing behind.
 */
export function createTimerQueue(): TimerQueue {
  const heap: Entry[] = [];
  let added = 0;

  const place = (entry: Entry, index: number): void => {
    heap[index] = entry;
    entry.index = index;
  };

  const siftUp = (entry: Entry): void => {
    let index = entry.index;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      place(parent, index);
      index = parentIndex;
    }
    place(entry, index);
  };

  const siftDown = (entry: Entry): void => {
    let index = entry.index;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const smaller = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(smaller, entry)) break;
      const smallerIndex = smaller.index;
      place(smaller, index);
      index = smallerIndex;
    }
    place(entry, index);
  };

  const remove = (entry: Entry): void => {
    const index = entry.index;
    if (index < 0) return;
    entry.index = -1;
    const last = heap.pop();
    if (last === undefined || last === entry) return;
    place(last, index);
    siftUp(last);
    siftDown(last);
  };

  return {
    add(dueAt, fire) {
      const entry: Entry = { dueAt, order: added++, fire, index: heap.length };
      heap.push(entry);
      siftUp(entry);
      return { cancel: () => remove(entry) };
    },
    nextDueAt: () => heap[0]?.dueAt ?? null,
    take(at) {
      const first = heap[0];
      if (first === undefined || first.dueAt > at) return null;
      remove(first);
      return first.fire;
    },
    size: () => heap.length,
  };
}
