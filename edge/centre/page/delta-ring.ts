import type { MonotonicMs } from "../../../protocols/units.ts";

/**
 * The last deltas as text, so that a page that was away for a moment is brought up to date by what
 * it missed (W1). Bounded in age and in bytes; beyond either a page needs a snapshot.
 */
export interface DeltaRing {
  push(entry: DeltaEntry): void;
  /** Everything behind `seq` up to the newest, or null when some of it is no longer held. */
  after(seq: number): readonly DeltaEntry[] | null;
  /** Forgets everything; `seq` is the newest delta, told to nobody. */
  skipTo(seq: number): void;
  bytes(): number;
}

interface DeltaEntry {
  readonly seq: number;
  readonly at: MonotonicMs;
  readonly text: string;
}

export const ringMs = 60_000;
export const ringBytesMax = 64 * 1024 * 1024;

/** `startSeq`: the place in the numbering before the first delta. */
export function createDeltaRing(startSeq: number): DeltaRing {
  let entries: DeltaEntry[] = [];
  let head = 0;
  let bytes = 0;
  let lastSeq = startSeq;

  const trim = (now: MonotonicMs): void => {
    for (let entry = entries[head]; entry !== undefined; entry = entries[head]) {
      const isOld = now - entry.at > ringMs && head < entries.length - 1;
      if (!isOld && bytes <= ringBytesMax) break;
      bytes -= entry.text.length;
      head += 1;
    }
    if (head > 1_024) {
      entries = entries.slice(head);
      head = 0;
    }
  };

  return {
    push: (entry) => {
      entries.push(entry);
      bytes += entry.text.length;
      lastSeq = entry.seq;
      trim(entry.at);
    },
    after: (seq) => {
      if (seq === lastSeq) return [];
      const first = entries[head];
      if (first === undefined || seq > lastSeq || seq < first.seq - 1) return null;
      return entries.slice(head + (seq - first.seq + 1));
    },
    skipTo: (seq) => {
      lastSeq = seq;
      entries = [];
      head = 0;
      bytes = 0;
    },
    bytes: () => bytes,
  };
}
