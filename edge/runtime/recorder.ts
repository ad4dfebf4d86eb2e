import type { JournalEntry } from "../journal/entries.ts";

/**
 * The shell's way to the journal (DESIGN law 5): entries are appended in the order in which things
 * happened, and whatever follows from an entry waits until that entry is durable.
 */
export interface Recorder {
  /** `then` is called once, with false when the entry could not be made durable. */
  record(entry: JournalEntry, then?: (isDurable: boolean) => void): void;
}

export interface AppendPort {
  /** Durable, in order; the promise never rejects. */
  append(entries: readonly JournalEntry[]): Promise<{ readonly ok: boolean }>;
}

export interface RecorderOptions {
  readonly journal: AppendPort;
  /** Called when writing begins to fail, and when it works again. */
  readonly onWritable: (isWritable: boolean) => void;
}

/** Gathers what happens in one turn of the event loop into one append. */
export function createRecorder({ journal, onWritable }: RecorderOptions): Recorder {
  let entries: JournalEntry[] = [];
  let waiting: ((isDurable: boolean) => void)[] = [];
  let isScheduled = false;
  let isWritable = true;

  const flush = async (): Promise<void> => {
    isScheduled = false;
    const batch = entries;
    const followers = waiting;
    entries = [];
    waiting = [];
    const { ok } = await journal.append(batch);
    if (ok !== isWritable) {
      isWritable = ok;
      onWritable(ok);
    }
    for (const follow of followers) follow(ok);
  };

  return {
    record: (entry, then) => {
      entries.push(entry);
      if (then !== undefined) waiting.push(then);
      if (isScheduled) return;
      isScheduled = true;
      queueMicrotask(() => void flush());
    },
  };
}
