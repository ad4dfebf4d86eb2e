import type { JournalRecord } from "../../protocols/link.ts";
import { isIntact, recordHash, type ChainTail } from "../journal/chain.ts";

/** What was done to a chain, and to which of its records. */
export interface TamperFinding {
  readonly kind: TamperKind;
  readonly seq: number;
  readonly lastSeq: number;
  /** One sentence for people. */
  readonly why: string;
}

type TamperKind =
  /** Record `seq`: its content, its hash or its link was changed. */
  | "edited"
  /** Records `seq` to `lastSeq` are missing; later ones are there. */
  | "removed"
  /** Records `seq` to `lastSeq` were put in. */
  | "inserted"
  /** Records `seq` and `lastSeq` changed places. */
  | "swapped"
  /** Records `seq` to `lastSeq`, at least, are missing at the end. */
  | "cutOff"
  /** Somewhere from `seq` to `lastSeq` the chain was written anew. */
  | "rewritten"
  /** The notes of records that have left for segments were changed. */
  | "segments"
  /** The file is damaged: record `seq`, if it is there, cannot be read. */
  | "unreadable";

export const cutOff = (seq: number, lastSeq: number): TamperFinding => ({
  kind: "cutOff",
  seq,
  lastSeq,
  why: `the chain ends at ${seq - 1}, but record ${lastSeq} was anchored`,
});

/** Its oldest records have left for segments, and there is no other. */
export const noneLeft = (seq: number): TamperFinding => ({
  kind: "cutOff",
  seq: seq + 1,
  lastSeq: seq + 1,
  why: `there is no record behind ${seq}, where its last segment ends, and the last never leaves`,
});

/** What is noted of the records that have left does not fit together. */
export const notesUnfit = (why: string): TamperFinding => ({
  kind: "segments",
  seq: 1,
  lastSeq: 1,
  why,
});

export const rewritten = (seq: number, lastSeq: number): TamperFinding => ({
  kind: "rewritten",
  seq,
  lastSeq,
  why: `record ${lastSeq} has another hash than was anchored: the chain was written anew from record ${seq} or later`,
});

export const unreadable = (seq: number, why: string): TamperFinding => ({
  kind: "unreadable",
  seq,
  lastSeq: seq,
  why: `the file is damaged behind record ${seq - 1}: ${why}`,
});

/**
 * A record that continues the chain, although its bytes in the file are not stored as they were
 * written.
 */
export const misstored = (seq: number, how: string): TamperFinding =>
  found("edited", seq, seq, `its ${how}`);

export interface BrokenPlace {
  /** The last record that is in order. */
  readonly tail: ChainTail;
  /** The record behind the tail, which does not continue the tail's chain. */
  readonly record: JournalRecord;
  /** The record behind `record`, where there is one. */
  readonly next: JournalRecord | null;
  /** An anchor vouches for the tail itself. */
  readonly isTailAnchored: boolean;
}

/** A record that was moved is recognised within this many places of where it belongs. */
export const movedByMax = 5_000;
/**
 * At most this many bytes are hashed to find a moved record, because a body that somebody has blown
 * up to gigabytes would otherwise cost hours.
 */
const hashedBytesMax = 64 * 1024 * 1024;

export function nameTamper(place: BrokenPlace): TamperFinding {
  const { tail, record } = place;
  const seq = tail.seq + 1;
  if (record.seq < 1) return nameBelowFirst(place);
  if (record.chain !== tail.chain) {
    return isIntact({ ...record, chain: tail.chain })
      ? found("edited", seq, seq, "its chain was renamed")
      : found("inserted", seq, seq, `it belongs to chain ${record.chain}`);
  }
  if (record.seq !== seq && isIntact({ ...record, seq })) {
    return found("edited", seq, seq, `its number was changed to ${record.seq}`);
  }
  if (record.seq > seq) return nameLeap(place, seq);
  if (record.seq < seq) {
    return found("inserted", record.seq, record.seq, `there are two records ${record.seq}`);
  }
  return isIntact(record) ? nameUnlinked(place, seq) : nameBroken(place, seq);
}

/**
 * No record has a number below 1, so this one was put in; unless it is record 1 itself that bears
 * the number, and is then missing in its own place.
 */
function nameBelowFirst({ tail, record, next }: BrokenPlace): TamperFinding {
  const first = { ...record, chain: tail.chain, seq: 1 };
  if (tail.seq === 0 && next?.seq !== 1 && isIntact(first)) {
    return found("edited", 1, 1, `its number was changed to ${record.seq}`);
  }
  return found("inserted", record.seq, record.seq, "numbers begin at 1");
}

/**
 * The numbers leap ahead. If records were swapped, the expected number or the one after it comes
 * later.
 */
function nameLeap({ record, next }: BrokenPlace, seq: number): TamperFinding {
  if (next !== null && (next.seq === seq || next.seq === seq + 1)) {
    return found("swapped", seq, record.seq, `record ${record.seq} stands in its place`);
  }
  return found("removed", seq, record.seq - 1, `the next record there is ${record.seq}`);
}

/** The record is whole, but chained to another predecessor than the one before it. */
function nameUnlinked({ tail, isTailAnchored }: BrokenPlace, seq: number): TamperFinding {
  if (tail.seq === 0) return found("edited", seq, seq, "it does not begin this chain");
  if (isTailAnchored) {
    return found("edited", seq, seq, `it is not chained to record ${tail.seq}, which is anchored`);
  }
  return found(
    "edited",
    tail.seq,
    tail.seq,
    `record ${seq} was chained to another record ${tail.seq}`,
  );
}

/**
 * The number is right and the hash is not: the record was changed where it stands, or moved here
 * and given this number.
 */
function nameBroken({ tail, record, next }: BrokenPlace, seq: number): TamperFinding {
  const origin = originalSeq(record);
  const nextOrigin = next === null || isIntact(next) ? null : originalSeq(next);
  if (origin !== null && origin < seq) {
    return found("inserted", origin, seq - 1, `record ${seq} was written as record ${origin}`);
  }
  if (origin !== null && (next === null || nextOrigin === origin + 1)) {
    return found("removed", seq, origin - 1, `record ${seq} was written as record ${origin}`);
  }
  if (origin !== null) {
    return found("swapped", seq, origin, `record ${seq} was written as record ${origin}`);
  }
  if (next !== null && nextOrigin === seq && next.prevHash === tail.hash) {
    return found("inserted", seq, seq, `record ${next.seq} was written as record ${seq}`);
  }
  if (next !== null && haveSwappedBodies(record, next)) {
    return found("swapped", seq, next.seq, "each has the other's content");
  }
  const isHashChanged = next !== null && next.prevHash === recordHash(record);
  return found(
    "edited",
    seq,
    seq,
    isHashChanged ? "its hash was changed" : "its content does not fit its hash",
  );
}

/** The number under which the record's hash is right; null if there is none near. */
function originalSeq(record: JournalRecord): number | null {
  const triesMax = hashedBytesMax / Math.max(1, record.body.length) / 2;
  for (let distance = 1; distance <= Math.min(movedByMax, triesMax); distance += 1) {
    for (const seq of [record.seq - distance, record.seq + distance]) {
      if (seq >= 1 && isIntact({ ...record, seq })) return seq;
    }
  }
  return null;
}

const haveSwappedBodies = (one: JournalRecord, other: JournalRecord): boolean =>
  isIntact({ ...one, body: other.body }) && isIntact({ ...other, body: one.body });

function found(kind: TamperKind, seq: number, lastSeq: number, detail: string): TamperFinding {
  return { kind, seq, lastSeq, why: `${wordsOf(kind, seq, lastSeq)}: ${detail}` };
}

function wordsOf(kind: TamperKind, seq: number, lastSeq: number): string {
  if (kind === "swapped") return `records ${seq} and ${lastSeq} were swapped`;
  const what = seq === lastSeq ? `record ${seq} was` : `records ${seq} to ${lastSeq} were`;
  return `${what} ${kind}`;
}
