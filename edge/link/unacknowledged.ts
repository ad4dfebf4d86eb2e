/**
 * How long the oldest record has waited that somebody knows of and that the other side does not hold
 * yet. Both ends count it, each by its own clock: the agent from when it wrote, the centre from when
 * it was told of the record.
 */
export interface Unacknowledged {
  /** Oldest first: at `at` the journal was known to reach as far as `seq`. */
  marks: readonly Mark[];
  /** What the other side has said last that it holds. */
  heldSeq: number;
}

interface Mark {
  readonly seq: number;
  readonly at: number;
}

/** A record that waits longer than this is one that nobody hears of: no claim and no lease then. */
export const unacknowledgedMsMax = 10_000;
/** More than are made within that time. Beyond, the newest stands for what comes later. */
const marksMax = 64;

export const nothingUnacknowledged = (): Unacknowledged => ({ marks: [], heldSeq: 0 });

/** The journal reaches as far as `seq`. */
export function noteWritten(state: Unacknowledged, seq: number, at: number): void {
  const newest = state.marks.at(-1);
  if (seq <= (newest?.seq ?? state.heldSeq)) return;
  const isFull = state.marks.length >= marksMax;
  // The older time is kept, because that can only make a record look later than it is.
  const mark = isFull && newest !== undefined ? { seq, at: newest.at } : { seq, at };
  state.marks = [...(isFull ? state.marks.slice(0, -1) : state.marks), mark];
}

/** The other side holds everything up to `seq`. */
export function noteHeld(state: Unacknowledged, seq: number): void {
  state.heldSeq = seq;
  if ((state.marks[0]?.seq ?? Number.POSITIVE_INFINITY) > seq) return;
  state.marks = state.marks.filter((mark) => mark.seq > seq);
}

/** The journal ends at `seq`: what lay behind is gone and is waited for no longer. */
export function noteEnd(state: Unacknowledged, seq: number): void {
  state.marks = state.marks.filter((mark) => mark.seq <= seq);
}

export function isLate({ marks: [oldest] }: Unacknowledged, at: number): boolean {
  return oldest !== undefined && at - oldest.at >= unacknowledgedMsMax;
}
