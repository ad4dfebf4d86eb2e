import type { JournalRecord } from "../../../protocols/link.ts";
import { wallAtOf } from "../entries.ts";

/** At most so many stored records of one chain behind a number. */
type ReadStored = (afterSeq: number, recordsMax: number) => Promise<readonly JournalRecord[]>;

export interface AgedRecord {
  readonly seq: number;
  /** The chain's last. */
  readonly tailSeq: number;
  /** How far behind it to look first for a younger one. */
  readonly strideRecords: number;
}

/** How far to look for a record that tells when it was made. */
const datedWithinMax = 50;

/**
 * Whether a record was made before then, by the calendar of whoever wrote it: it was where any behind
 * it was, so that one of a calendar that was ahead for a while keeps nothing for ever. One that tells
 * no time is as old as the one before it.
 */
export async function isMadeBefore(
  read: ReadStored,
  { seq, tailSeq, strideRecords }: AgedRecord,
  madeBefore: number,
): Promise<boolean> {
  const own = await madeAt(read, seq);
  if (own === null || own <= madeBefore) return true;
  for (let ahead = strideRecords; seq + ahead <= tailSeq; ahead *= 2) {
    const later = await madeAt(read, seq + ahead);
    if (later !== null && later <= madeBefore) return true;
  }
  return false;
}

async function madeAt(read: ReadStored, seq: number): Promise<number | null> {
  for (const recordsMax of [1, datedWithinMax]) {
    const records = await read(Math.max(0, seq - recordsMax), recordsMax);
    for (const { body } of records.toReversed()) {
      const wallAt = wallAtOf(body);
      if (wallAt !== null) return wallAt;
    }
  }
  return null;
}
