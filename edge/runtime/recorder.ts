import type { JournalEntry } from "../journal/entries.ts";
import type { AppendOutcome, Journal, JournalFailure } from "../journal/journal.ts";

/**
 * The shell's way to the journal (law 5): entries are appended in the order in which things
 * happened, and whatever follows from an entry waits until that entry is durable.
 */
export interface Recorder {
  /** `then` is called once, later, with false when the entry could not be made durable. */
  record(entry: JournalEntry, then?: (isDurable: boolean) => void): void;
}

export interface RecorderOptions {
  readonly journal: Pick<Journal, "append">;
  /**
   * Called once, at the first entry that could not be made durable. From then on the session has a
   * hole and cannot be replayed: nothing may be released, and the agent has to begin a new one.
   */
  readonly onHole: (failure: JournalFailure) => void;
}

export function createRecorder({ journal, onHole }: RecorderOptions): Recorder {
  let hasHole = false;
  return {
    record: (entry, then) => {
      const onOutcome = (outcome: AppendOutcome): void => {
        if (outcome.kind === "failed" && !hasHole) {
          hasHole = true;
          onHole(outcome);
        }
        then?.(outcome.kind === "durable" && !hasHole);
      };
      journal.append([entry], onOutcome, then === undefined ? "inPassing" : "awaited");
    },
  };
}
