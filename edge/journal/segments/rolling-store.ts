import type { JournalRecord } from "../../../protocols/link.ts";
import type { ChainTail } from "../chain.ts";
import type { JournalFailure } from "../journal.ts";
import type { Segment } from "./segment.ts";

/**
 * A file of records whose oldest may leave for segments: a journal, or the centre's copies. What may
 * leave is not its business; what has left it notes, and only what is noted it removes.
 *
 * - None of these waits for more than a commit or two, or keeps a commit waiting for longer than one.
 * - `note` refuses a segment that does not follow the one before, whose end is not the record that is
 *   stored, and one that would take the last record, to which the next is chained.
 * - Reading records that are noted is reading their segment from then on, whoever asks.
 */
export interface RollingStore {
  chains(): readonly string[];
  /** The last durable record. */
  tailOf(chain: string): ChainTail;
  /** What has left, in order; those that were dropped as well. */
  segmentsOf(chain: string): readonly Segment[];
  /** Records that are in the file itself. Rejects when the disk fails. */
  readStored(
    chain: string,
    afterSeq: number,
    recordsMax: number,
  ): Promise<readonly JournalRecord[]>;
  /** How many bytes the bodies of as many records have, in order. Rejects when the disk fails. */
  readSizes(chain: string, afterSeq: number, recordsMax: number): Promise<readonly number[]>;
  note(segment: Segment): Promise<JournalFailure | null>;
  /** Removes the first of what is noted and still there. */
  removeNoted(chain: string, recordsMax: number): Promise<RemovedRecords>;
  /** From now on nobody looks for its file. */
  noteDropped(segment: Segment, droppedAt: number): Promise<JournalFailure | null>;
}

export type RemovedRecords =
  | { readonly kind: "removed"; readonly isMore: boolean }
  | ({ readonly kind: "failed" } & JournalFailure);
