import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { JournalEntry } from "../journal/entries.ts";
import type { AppendOutcome, Journal, JournalFailure } from "../journal/journal.ts";

/**
 * The shell's way to the journal (law 5): entries are appended in the order in which things
 * happened, and whatever follows from an entry waits until that entry is durable. What nothing
 * follows from waits a moment for the next entry that something does: both are one commit then, and
 * no commit that nobody needs is under way when one is wanted at once.
 */
export interface Recorder {
  /**
   * `then` is called once, later, with false when the entry could not be made durable. The entry is
   * not changed by anybody afterwards.
   */
  record(entry: JournalEntry, then?: (isDurable: boolean) => void): void;
}

/** One that whoever closes the journal must empty before. */
export interface JournalRecorder extends Recorder {
  flush(): void;
}

export interface RecorderOptions {
  readonly clock: Clock;
  readonly journal: Pick<Journal, "append">;
  /**
   * Called once, at the first entry that could not be made durable. From then on the session has a
   * hole and cannot be replayed: nothing may be released, and the agent has to begin a new one.
   */
  readonly onHole: (failure: JournalFailure) => void;
}

/** What nothing follows from is appended after so long at the latest. */
export const gatherMsMax = 5;
/** More than a few events of forty lines; they wait for no timer then. */
const gatheredMax = 64;

export function createRecorder({ clock, journal, onHole }: RecorderOptions): JournalRecorder {
  let gathered: JournalEntry[] = [];
  let timer: Timer | null = null;
  let hasHole = false;

  const append = (then?: (isDurable: boolean) => void): void => {
    timer?.cancel();
    timer = null;
    const entries = gathered;
    gathered = [];
    journal.append(entries, (outcome) => settle(outcome, then));
  };

  const settle = (outcome: AppendOutcome, then?: (isDurable: boolean) => void): void => {
    if (outcome.kind === "failed" && !hasHole) {
      hasHole = true;
      onHole(outcome);
    }
    then?.(outcome.kind === "durable" && !hasHole);
  };

  const flush = (): void => {
    if (gathered.length > 0) append();
  };

  return {
    record: (entry, then) => {
      gathered.push(entry);
      if (then !== undefined) return append(then);
      if (gathered.length >= gatheredMax) return flush();
      timer ??= clock.schedule(monotonicMs(clock.monotonic() + gatherMsMax), flush);
    },
    flush,
  };
}
