import type { JournalRecord } from "../../../protocols/link.ts";
import type { ChainTail } from "../chain.ts";

/**
 * A stretch of a chain that has left its journal for a file of its own, and what the journal keeps of
 * it: with this nobody can put other records in its place, and what follows is still chained to it.
 */
export interface Segment {
  readonly chain: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** What its first record is chained to. */
  readonly prevHash: string;
  /** Of its last record, which the journal's own first one is chained to. */
  readonly lastHash: string;
  /** Of the file. */
  readonly bytes: number;
  readonly sha256: string;
  /** Its first record where that begins a generation: who began it, and behind what. */
  readonly begunBody: string | null;
  /** Calendar time, in milliseconds. */
  readonly notedAt: number;
  /** When the file was removed because it was old, or there were too many; null while it is kept. */
  readonly droppedAt: number | null;
}

/** Wide enough for every number that a double counts, so that names stand in the order of records. */
const digits = 16;
const hashCharsInName = 12;
export const segmentSuffix = ".jsonl.zst";
const namePattern = /^(\d{16})-(\d{16})\.([0-9a-f]{12})\.jsonl\.zst$/;

const numberOf = (seq: number): string => String(seq).padStart(digits, "0");

/**
 * The end's hash is in it: a backup that was put back writes other records under the same numbers, and
 * no history overwrites another.
 */
export const nameOfSegment = ({
  firstSeq,
  lastSeq,
  lastHash,
}: Pick<Segment, "firstSeq" | "lastSeq" | "lastHash">): string =>
  `${numberOf(firstSeq)}-${numberOf(lastSeq)}.${lastHash.slice(0, hashCharsInName)}${segmentSuffix}`;

export interface SegmentName {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** How its last record's hash begins. */
  readonly hashBegins: string;
}

/** Null for what is no segment's name. */
export function readSegmentName(name: string): SegmentName | null {
  const [, first, last, hashBegins] = namePattern.exec(name) ?? [];
  if (first === undefined || last === undefined || hashBegins === undefined) return null;
  return { firstSeq: Number(first), lastSeq: Number(last), hashBegins };
}

/** Where a chain's file begins: behind the last record that has left. Null: at its beginning. */
export function floorOf(segments: readonly Segment[]): ChainTail | null {
  const last = segments.at(-1);
  return last === undefined ? null : { chain: last.chain, seq: last.lastSeq, hash: last.lastHash };
}

/** The last record that is nowhere any more: 0 while every segment is kept. */
export const droppedSeqOf = (segments: readonly Segment[]): number =>
  segments.findLast(({ droppedAt }) => droppedAt !== null)?.lastSeq ?? 0;

/** Why the notes do not fit together, or null. */
export function whyUnfit(segments: readonly Segment[], first: ChainTail | null): string | null {
  let before = first;
  for (const [index, { firstSeq, lastSeq, prevHash, lastHash, chain }] of segments.entries()) {
    const expected = index === 0 ? 1 : (before?.seq ?? 0) + 1;
    if (firstSeq !== expected || lastSeq < firstSeq) {
      return `a segment of records ${firstSeq} to ${lastSeq} is noted where record ${expected} follows`;
    }
    if (before !== null && before.hash !== prevHash) {
      return `the segment of records ${firstSeq} to ${lastSeq} is chained to another record ${firstSeq - 1}`;
    }
    before = { chain, seq: lastSeq, hash: lastHash };
  }
  return null;
}

export interface EndsCheck {
  /** Records in order; those that are not read are not compared. */
  see(record: Pick<JournalRecord, "seq" | "hash">): void;
  /** The first noted end that is another record than was read, or null. */
  whyOther(): string | null;
}

/** Compares what is noted of the segments' ends with the records themselves. */
export function createEndsCheck(segments: readonly Segment[]): EndsCheck {
  const endAt = new Map(segments.map(({ lastSeq, lastHash }) => [lastSeq, lastHash] as const));
  let other: string | null = null;
  return {
    see: ({ seq, hash }) => {
      if ((endAt.get(seq) ?? hash) === hash) return;
      other ??= `another record ${seq} is noted as the end of a segment than is in it`;
    },
    whyOther: () => other,
  };
}
