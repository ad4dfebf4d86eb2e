import type { JournalRecord } from "../../protocols/link.ts";
import { breakBetween, emptyTail, type ChainTail } from "../journal/chain.ts";
import {
  cutOff,
  misstored,
  nameTamper,
  noneLeft,
  rewritten,
  type TamperFinding,
} from "./tamper.ts";

/** What an anchor says, once its signature has been checked. */
export interface AnchorPoint {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainReport {
  readonly chain: string;
  /** Records 1 to `lastSeq` continue one another; 0 for none. */
  readonly lastSeq: number;
  readonly lastHash: string;
  readonly anchorsMatched: number;
  /** The first thing that is wrong. Behind it nothing was looked at. */
  readonly finding: TamperFinding | null;
}

/**
 * Checks one chain record by record, so that a long journal need not be in memory. The hashes
 * alone show an edit, a removal, an insertion and a swap. A cut tail and a chain that was written
 * anew from some record on look perfect: only an anchor kept elsewhere shows them.
 */
export interface ChainVerifier {
  /**
   * Records in the order they are stored, with what is odd about how each is stored, if anything
   * is. False once something was found: stop reading.
   */
  push(record: JournalRecord, odd?: string | null): boolean;
  /** Called once, after the last record. */
  finish(): ChainReport;
}

interface Held {
  readonly record: JournalRecord;
  readonly odd: string | null;
}

export function createChainVerifier(
  chain: string,
  anchors: readonly AnchorPoint[] = [],
  /** Behind which record it begins, where earlier ones have left. */
  begins: ChainTail | null = null,
): ChainVerifier {
  const sorted = anchors.toSorted((a, b) => a.seq - b.seq);
  const points = sorted.filter(({ seq }) => seq > (begins?.seq ?? 0));
  let tail = begins ?? emptyTail(chain);
  let anchoredSeq = 0;
  let anchorsMatched = 0;
  let finding: TamperFinding | null = null;
  for (const { seq, hash } of begins === null ? [] : sorted) {
    if (seq !== tail.seq) continue;
    if (hash === tail.hash) anchorsMatched += 1;
    else finding = rewritten(1, seq);
    anchoredSeq = seq;
  }
  /** Judged only when its successor is known, because that tells what happened to it. */
  let held: Held | null = null;

  const judge = ({ record, odd }: Held, next: JournalRecord | null): void => {
    if (breakBetween(tail, record) !== null) {
      finding = nameTamper({ tail, record, next, isTailAnchored: anchoredSeq === tail.seq });
      return;
    }
    if (odd !== null) {
      finding = misstored(record.seq, odd);
      return;
    }
    tail = { chain, seq: record.seq, hash: record.hash };
    for (let point = points[0]; point?.seq === tail.seq && finding === null; point = points[0]) {
      points.shift();
      if (point.hash === tail.hash) anchorsMatched += 1;
      else finding = rewritten(anchoredSeq + 1, tail.seq);
      if (points[0]?.seq !== tail.seq) anchoredSeq = tail.seq;
    }
  };

  return {
    push(record, odd = null) {
      if (held !== null && finding === null) judge(held, record);
      held = { record, odd };
      return finding === null;
    },
    finish() {
      if (held !== null && finding === null) judge(held, null);
      // Its last record never leaves.
      if (held === null && begins !== null) finding ??= noneLeft(begins.seq);
      const furthest = points.at(-1);
      if (finding === null && furthest !== undefined) finding = cutOff(tail.seq + 1, furthest.seq);
      return { chain, lastSeq: tail.seq, lastHash: tail.hash, anchorsMatched, finding };
    },
  };
}

/** The same over records that are at hand. */
export function verifyChain(
  chain: string,
  records: Iterable<JournalRecord>,
  anchors: readonly AnchorPoint[] = [],
): ChainReport {
  const verifier = createChainVerifier(chain, anchors);
  for (const record of records) if (!verifier.push(record)) break;
  return verifier.finish();
}
