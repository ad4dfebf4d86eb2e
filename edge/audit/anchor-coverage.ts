import type { EpochMs } from "../../protocols/units.ts";
import type { Anchor } from "../journal/anchors/anchor.ts";

/**
 * How far the anchors of one chain reach. Nobody can forge an anchor, but somebody can cut the end
 * off the anchor file, and what remains still verifies. What shows it is the number of records
 * behind the last anchor.
 */
export interface Coverage {
  /** The last anchor; null when the chain has records and no anchor. */
  readonly last: Pick<Anchor, "seq" | "wallAt"> | null;
  readonly recordsBehind: number;
  /** From the last anchor to the last record; null where either has no time. */
  readonly msBehind: number | null;
  /** The usual time from one anchor to the next; null for fewer than two anchors. */
  readonly everyMs: number | null;
}

/**
 * While anchors are made regularly, the tail behind the last one is no longer than this many of the
 * usual intervals.
 */
const intervalsBehindMax = 3;

export function coverageOf(
  anchors: readonly Anchor[],
  end: { readonly seq: number; readonly wallAt: EpochMs | null },
): Coverage {
  const last = anchors.toSorted((a, b) => a.seq - b.seq).at(-1) ?? null;
  return {
    last: last === null ? null : { seq: last.seq, wallAt: last.wallAt },
    recordsBehind: Math.max(0, end.seq - (last?.seq ?? 0)),
    msBehind: last === null || end.wallAt === null ? null : Math.max(0, end.wallAt - last.wallAt),
    everyMs: usualGapMs(anchors),
  };
}

/**
 * The median gap. An average would mislead: an idle chain is not anchored again, and a centre that
 * stops makes one more anchor early.
 */
function usualGapMs(anchors: readonly Anchor[]): number | null {
  const times = anchors.map(({ wallAt }) => wallAt).sort((a, b) => a - b);
  const gaps = times
    .slice(1)
    .map((wallAt, index) => wallAt - (times[index] ?? wallAt))
    .filter((gap) => gap > 0);
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? null;
}

/** The tail is longer than it can be if anchors were made as usual. */
export const isTailLong = ({ recordsBehind, msBehind, everyMs }: Coverage): boolean =>
  recordsBehind > 0 &&
  msBehind !== null &&
  everyMs !== null &&
  msBehind > intervalsBehindMax * everyMs;

/** "5 records after the last anchor (record 45, 2026-…), over 95 s, stand on the chain alone". */
export function behindOf({ last, recordsBehind, msBehind }: Coverage): string {
  const anchor = last === null ? "" : ` (record ${last.seq}, ${timeText(last.wallAt)})`;
  const span = msBehind === null ? "" : `, over ${durationText(msBehind)},`;
  return `${recordsBehind} records after the last anchor${anchor}${span} stand on the chain alone`;
}

/** For a tail that `isTailLong`. */
export const longTailOf = ({ msBehind, everyMs }: Coverage): string =>
  `an anchor came about every ${durationText(everyMs ?? 0)}, but none for the last ` +
  `${durationText(msBehind ?? 0)}: the centre did not anchor, or its anchors file was cut short`;

const timeText = (wallAt: EpochMs): string => new Date(wallAt).toISOString();

const durationUnits = [
  ["days", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

/** Written in the greatest unit of which there are at least two. */
function durationText(ms: number): string {
  for (const [name, unitMs] of durationUnits) {
    if (ms >= 2 * unitMs) return `${Math.floor(ms / unitMs)} ${name}`;
  }
  return `${Math.floor(ms / 1_000)} s`;
}
