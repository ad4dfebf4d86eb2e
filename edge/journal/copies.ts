import type { JournalRecord } from "../../protocols/link.ts";
import type { ChainTail } from "./chain.ts";
import type { JournalFailure } from "./journal.ts";

/**
 * The centre's copies of the agents' journals. A chain is only ever continued: what arrives again
 * is compared, and a record that differs from the one held, or leaves a gap, is refused by name.
 */
export interface JournalCopies {
  /**
   * Takes consecutive records of one chain, as the link brings them. What continues the chain is
   * synced before the promise resolves, even if a later record of the same call is refused. Calls
   * are worked through in order. Never rejects.
   */
  take(records: readonly JournalRecord[]): Promise<TakeOutcome>;
  /** The end of what is held and synced: `journalAck`, `journalWanted`, and what anchors sign. */
  held(chain: string): ChainTail;
  chains(): readonly string[];
  /** At most `recordsMax` records behind `afterSeq`. Rejects when the disk fails. */
  readAfter(chain: string, afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  readPragmaSynchronous(): Promise<number>;
  close(): Promise<void>;
}

export type TakeOutcome = {
  /** Everything up to here is held and synced, whatever else is said. */
  readonly heldSeq: number;
  readonly added: number;
  /** Were held already. */
  readonly repeated: number;
} & (
  | { readonly kind: "taken" }
  | ({ readonly kind: "refused" } & CopyRefusal)
  | ({ readonly kind: "failed" } & JournalFailure)
);

export interface CopyRefusal {
  readonly code: CopyRefusalCode;
  /** The first record that was refused. */
  readonly seq: number;
  readonly why: string;
}

export type CopyRefusalCode =
  /** Records between the held ones and this one are missing: ask for them. */
  | "gap"
  /** Another record with this number, or another predecessor, is held: one history is false. */
  | "fork"
  /** It was held once, has left and was dropped: nobody can say whether this is the same. */
  | "gone"
  /** Its hash does not fit its content. */
  | "hashWrong"
  /** One call carried two chains. */
  | "mixedChains";
