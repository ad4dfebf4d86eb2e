/**
 * Something that happens when the belt has travelled to `dueMm`. The queue keeps its place inside
 * the waiting thing itself, so that a body moves from gate to gate without a new object each time.
 */
export interface Waiting {
  dueMm: number;
  /** When it was put to wait, milliseconds: what is overdue then happens then, not before. */
  putAtMs: number;
  /** Among those due at the same travel the lower rank happens first, then the older. */
  readonly rank: number;
  order: number;
  /** Place in the heap; -1 while it does not wait. */
  slot: number;
  happen(): void;
}

export const createWaiting = (rank: number, happen: () => void): Waiting => ({
  dueMm: 0,
  putAtMs: 0,
  rank,
  order: 0,
  slot: -1,
  happen,
});

/** Ranks: what acts on bodies comes before the bodies, and the infeed comes last. */
export const ranks = { alarm: 0, diverter: 1, body: 2, infeed: 3 } as const;

export interface TravelQueue {
  /** Puts it in, or moves it if it waits already. */
  put(waiting: Waiting, dueMm: number): void;
  remove(waiting: Waiting): void;
  first(): Waiting | undefined;
}

function isBefore(a: Waiting, b: Waiting): boolean {
  if (a.dueMm !== b.dueMm) return a.dueMm < b.dueMm;
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
}

/** A binary heap by travel. */
export function createTravelQueue(): TravelQueue {
  const heap: Waiting[] = [];
  let putCount = 0;

  const siftUp = (waiting: Waiting): void => {
    let slot = waiting.slot;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1;
      const parent = heap[parentSlot];
      if (parent === undefined || !isBefore(waiting, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = parentSlot;
    }
    heap[slot] = waiting;
    waiting.slot = slot;
  };

  const siftDown = (waiting: Waiting): void => {
    let slot = waiting.slot;
    for (;;) {
      const left = heap[2 * slot + 1];
      if (left === undefined) break;
      const right = heap[2 * slot + 2];
      const smaller = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(smaller, waiting)) break;
      const smallerSlot = smaller.slot;
      heap[slot] = smaller;
      smaller.slot = slot;
      slot = smallerSlot;
    }
    heap[slot] = waiting;
    waiting.slot = slot;
  };

  const remove = (waiting: Waiting): void => {
    if (waiting.slot < 0) return;
    const slot = waiting.slot;
    waiting.slot = -1;
    const last = heap.pop();
    if (last === undefined || last === waiting) return;
    heap[slot] = last;
    last.slot = slot;
    siftUp(last);
    siftDown(last);
  };

  return {
    put(waiting, dueMm) {
      waiting.dueMm = dueMm;
      waiting.order = putCount++;
      if (waiting.slot < 0) {
        waiting.slot = heap.length;
        heap.push(waiting);
        siftUp(waiting);
      } else {
        siftUp(waiting);
        siftDown(waiting);
      }
    },
    remove,
    first: () => heap[0],
  };
}
