import type { JournalRecord } from "../../protocols/link.ts";

/** The end of a journal: of the one that is written here, or of what the centre holds of it. */
export interface JournalEnd {
  readonly seq: number;
  readonly hash: string;
}

/** What the centre holds is not what was written here. */
export interface JournalDisagreement {
  /**
   * `empty` and `shorter`: the centre holds more than there is here. `other`: another record. `gone`:
   * so little that what it lacks has left here and was dropped.
   */
  readonly kind: "empty" | "shorter" | "other" | "gone";
  readonly heldSeq: number;
  readonly lastSeq: number;
}

export interface JournalComparison {
  /** Null where the two agree. */
  readonly found: JournalDisagreement | null;
  /** Our record where the centre holds another, if its hello could not tell of it. */
  readonly shown: JournalRecord | null;
}

const agreed: JournalComparison = { found: null, shown: null };

/** Null when our journal cannot be read now: `read` answers so, with records behind a number else. */
export async function compareJournals(
  held: JournalEnd,
  end: JournalEnd,
  read: (afterSeq: number, recordsMax: number) => Promise<readonly JournalRecord[] | null>,
): Promise<JournalComparison | null> {
  const both = { heldSeq: held.seq, lastSeq: end.seq };
  if (held.seq > end.seq) {
    return { found: { kind: end.seq === 0 ? "empty" : "shorter", ...both }, shown: null };
  }
  if (held.seq === 0) return agreed;
  const other = { kind: "other", ...both } as const;
  if (held.seq === end.seq) return held.hash === end.hash ? agreed : { found: other, shown: null };
  const records = await read(held.seq - 1, 1);
  if (records === null) return null;
  const [own = null] = records;
  if (own !== null && own.seq > held.seq) return { found: { kind: "gone", ...both }, shown: null };
  return own?.hash === held.hash ? agreed : { found: other, shown: own };
}
