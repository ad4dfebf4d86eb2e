/** What happens when: a binary heap by time. Things due at the same time happen in any order. */
export interface Calendar {
  /** `act` gets the time it was due at, not the time it is. */
  add(at: number, act: (at: number) => void): void;
  /** Runs whatever is due at `now`, earliest first, also what is added meanwhile. */
  run(now: number): void;
}

interface Entry {
  readonly at: number;
  readonly act: (at: number) => void;
}

export function createCalendar(): Calendar {
  const heap: Entry[] = [];
  const atOf = (index: number): number => heap[index]?.at ?? Number.POSITIVE_INFINITY;

  const siftDown = (entry: Entry): void => {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = atOf(left + 1) < atOf(left) ? left + 1 : left;
      const child = heap[smaller];
      if (child === undefined || child.at >= entry.at) break;
      heap[index] = child;
      index = smaller;
    }
    heap[index] = entry;
  };

  return {
    add(at, act) {
      let index = heap.length;
      const entry = { at, act };
      heap.push(entry);
      while (index > 0) {
        const parentIndex = (index - 1) >> 1;
        const parent = heap[parentIndex];
        if (parent === undefined || parent.at <= at) break;
        heap[index] = parent;
        index = parentIndex;
      }
      heap[index] = entry;
    },
    run(now) {
      for (let first = heap[0]; first !== undefined && first.at <= now; first = heap[0]) {
        const last = heap.pop();
        if (last !== undefined && heap.length > 0) siftDown(last);
        first.act(first.at);
      }
    },
  };
}
