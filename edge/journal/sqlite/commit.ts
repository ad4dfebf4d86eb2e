import type { JournalRecord } from "../../../protocols/link.ts";
import type { Batch } from "../append-queue.ts";
import { chainOn, type ChainTail } from "../chain.ts";
import type { RowWrite } from "../kept-rows.ts";
import type { Insertion } from "./journal-file.ts";

/** Everything that goes into one transaction. */
export interface Commit extends Insertion {
  /** Where the chain ends with it. */
  readonly tail: ChainTail;
}

/** Numbers and chains what batches bring. */
export function commitOf(batches: readonly Batch[], after: ChainTail): Commit {
  const records: JournalRecord[] = [];
  const rows: RowWrite[] = [];
  let appliedSeq: number | null = null;
  let tail = after;
  for (const batch of batches) {
    for (const body of batch.bodies) {
      const record = chainOn(tail, body);
      records.push(record);
      tail = record;
    }
    if (batch.rows === null) continue;
    for (const row of batch.rows.rows) rows.push(row);
    // One that brings nothing only waits for what is before it.
    const isEmpty = batch.bodies.length + batch.rows.rows.length === 0;
    appliedSeq = batch.rows.appliedSeq ?? (isEmpty ? appliedSeq : tail.seq);
  }
  return { records, tail, rows: appliedSeq === null ? null : { rows, appliedSeq } };
}
