import { createFactLog } from "./fact-log.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./time.ts";
import type { EpochMs } from "./units.ts";

/**
 * A fault in our own code: something that cannot be, has been. Expected trouble is a value with a
 * reason; this is thrown, told with its stack, and ends what it must not go on with.
 */
export class Bug extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "Bug";
  }
}

/** Says in code what always holds, and stops whoever would go on where it does not. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Bug(message);
}

/** Whatever was thrown, as a bug that keeps it as its cause. */
export const asBug = (thrown: unknown, where: string): Bug =>
  thrown instanceof Bug
    ? thrown
    : new Bug(`${where}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
        cause: thrown,
      });

/** Our bugs since the program began, for its log and for whoever asks how it fares. */
export interface BugRecord {
  /** `where` names what was being done. One that comes again and again fills no log. */
  report(thrown: unknown, where: string): void;
  summary(): BugSummary;
}

export interface BugSummary {
  readonly total: number;
  readonly last: { readonly message: string; readonly at: EpochMs } | null;
}

const messageCharsMax = 200;

/** `withoutSecrets`: the summary is for everybody, and a message may quote an address or a document. */
export function createBugRecord(
  log: Log,
  clock: Clock,
  withoutSecrets: (text: string) => string,
): BugRecord {
  const facts = createFactLog({ log, clock });
  let summary: BugSummary = { total: 0, last: null };
  return {
    report(thrown, where) {
      const bug = asBug(thrown, where);
      const message = withoutSecrets(bug.message).slice(0, messageCharsMax);
      const last = { message, at: clock.wall() };
      summary = { total: summary.total + 1, last };
      facts.tell({
        subject: where,
        is: message,
        level: "error",
        message: "a bug of ours",
        fields: { where, error: bug },
      });
    },
    summary: () => summary,
  };
}
