import type { DownMessage, JournalRefusal } from "../../protocols/link.ts";
import type { JournalOutbox } from "./journal-outbox.ts";

/**
 * Why an agent holds its own journal to be one that nobody hears: what it sees for itself, or is told
 * by the centre. It relies on no grant and no lease then, whoever sends one.
 */
export interface JournalDoubt {
  readonly code: JournalRefusal;
  /** For people and the log. */
  readonly why: string;
}

type Refused = Extract<DownMessage, { kind: "journalRefused" }>;

export interface JournalDoubts {
  /** What the centre says. */
  refused(message: Refused): void;
  /** The centre has acknowledged records of this very journal. */
  acknowledged(): void;
  now(): JournalDoubt | null;
}

export function createJournalDoubts(
  outbox: Pick<JournalOutbox, "disagreement" | "isLate" | "isOpen">,
  isCentreHeard: () => boolean,
): JournalDoubts {
  let told: JournalDoubt | null = null;
  return {
    refused: ({ code, why }) => {
      told = { code, why };
    },
    acknowledged: () => {
      // A generation that is being ended is taken to its last record, and ended all the same.
      if (outbox.isOpen() && told?.code !== "journalClosed") told = null;
    },
    now: () => {
      const seen = outbox.disagreement();
      if (seen !== null) {
        const { kind, heldSeq, lastSeq } = seen;
        if (kind === "gone") {
          const why = `gone: ${heldSeq} records are held, and what follows was dropped here`;
          return { code: "journalFork", why };
        }
        const code = kind === "other" ? "journalFork" : "journalShortened";
        return { code, why: `${kind}: it ends at ${lastSeq}, ${heldSeq} are held` };
      }
      if (told !== null) return told;
      const why = "its records are not acknowledged";
      // A centre that says nothing at all is another trouble, and its leases end by themselves.
      return outbox.isLate() && isCentreHeard() ? { code: "journalLate", why } : null;
    },
  };
}
