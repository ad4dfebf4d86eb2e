import type { JournalRecord } from "../../protocols/link.ts";

/**
 * The end of a journal, kept in memory: the link reads every record soon after it was written, and
 * asking the disk for it again would compete with the next commit. Bounded in records and
 * characters; whoever is further behind reads the file.
 */
export interface RecentRecords {
  /** These records must follow the ones that were added before. */
  add(records: readonly JournalRecord[]): void;
  /** Null when what follows `afterSeq` is not, or no longer, held. */
  readAfter(afterSeq: number, recordsMax: number): readonly JournalRecord[] | null;
  clear(): void;
}

export const recentRecordsMax = 2_048;
export const recentCharsMax = 4 * 1024 * 1024;

export function createRecentRecords(): RecentRecords {
  let held: JournalRecord[] = [];
  let chars = 0;

  return {
    add(records) {
      for (const record of records) {
        held.push(record);
        chars += record.body.length;
      }
      // Half of them are dropped at once, so that the cost of moving the rest is small for each
      // record.
      if (held.length <= recentRecordsMax && chars <= recentCharsMax) return;
      while (held.length > recentRecordsMax / 2 || chars > recentCharsMax / 2) {
        const half = held.slice(0, (held.length + 1) >> 1);
        held = held.slice(half.length);
        for (const { body } of half) chars -= body.length;
      }
    },
    readAfter(afterSeq, recordsMax) {
      const first = held[0];
      if (first === undefined || afterSeq + 1 < first.seq) return null;
      const from = afterSeq + 1 - first.seq;
      return held.slice(from, from + recordsMax);
    },
    clear() {
      held = [];
      chars = 0;
    },
  };
}
