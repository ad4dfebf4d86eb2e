/**
 * What two builds' figures say about each other. Each pair of runs gives a ratio of its own: what
 * else the machine did meets both halves of a pair about alike, so ratios scatter less than figures.
 * Of every figure less is better.
 */
export interface Figure {
  /** Tells the figure among all shapes; the same on both sides. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** The same program on both sides: its ratio shows what the machine does, and is not judged. */
  readonly isControl: boolean;
  /**
   * The agent had no time left, so that what waited for it decides this figure. It is not judged where
   * both builds came that far; one that alone did is slower.
   */
  readonly isOverloaded: boolean;
}

/** One turn of both builds. */
export interface Pair {
  readonly own: readonly Figure[];
  readonly other: readonly Figure[];
}

export type Judgement =
  /** Every pair says so. */
  | { readonly kind: "faster" | "slower" }
  /** Every pair says slower, but the medians are within the limit. */
  | { readonly kind: "withinLimit" }
  /** Some pairs say faster, some slower; the medians may be over the limit nevertheless. */
  | { readonly kind: "withinNoise"; readonly isOverLimit: boolean }
  | { readonly kind: "tooFewPairs" }
  | { readonly kind: "control" }
  /** In most runs of both builds. */
  | { readonly kind: "overloaded" };

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  /** Medians over all pairs. */
  readonly own: number;
  readonly other: number;
  /** Of the medians, this build's by the other's: above 1 this build is slower, or takes more. */
  readonly ownToOther: number;
  readonly otherToOwn: number;
  /** Of each pair, this build's by the other's. */
  readonly pairs: readonly number[];
  readonly pairMin: number;
  readonly pairMax: number;
  readonly judgement: Judgement;
}

/** What this build may be slower by. */
export const ratioMax = 1.05;
/** Fewer show no scatter worth the name. */
export const pairsMin = 3;

export interface Compared {
  readonly comparisons: readonly Comparison[];
  /** Figures that not every run of both builds has, so that nothing can be said of them. */
  readonly incomparable: readonly string[];
}

export function compare(pairs: readonly Pair[]): Compared {
  const names = new Set(pairs.flatMap(({ own, other }) => [...own, ...other].map(nameOf)));
  const comparisons: Comparison[] = [];
  const incomparable: string[] = [];
  for (const name of names) {
    const own = pairs.flatMap((pair) => pair.own.filter((each) => each.name === name));
    const other = pairs.flatMap((pair) => pair.other.filter((each) => each.name === name));
    const [figure] = own;
    if (figure === undefined || own.length < pairs.length || other.length < pairs.length) {
      incomparable.push(name);
    } else {
      const isOverloaded = [own, other].every(
        (side) => side.filter((each) => each.isOverloaded).length * 2 > side.length,
      );
      const told = { ...figure, isOverloaded };
      comparisons.push(comparisonOf(told, own.map(valueOf), other.map(valueOf)));
    }
  }
  return { comparisons, incomparable };
}

const nameOf = ({ name }: Figure): string => name;
const valueOf = ({ value }: Figure): number => value;

function comparisonOf(
  { name, unit, isControl, isOverloaded }: Figure,
  own: readonly number[],
  other: readonly number[],
): Comparison {
  const pairs = own.map((value, index) => ratioOf(value, other[index] ?? Number.NaN));
  const ownToOther = ratioOf(medianOf(own), medianOf(other));
  const spread = { pairMin: Math.min(...pairs), pairMax: Math.max(...pairs) };
  return {
    name,
    unit,
    own: medianOf(own),
    other: medianOf(other),
    ownToOther,
    otherToOwn: ratioOf(medianOf(other), medianOf(own)),
    pairs,
    ...spread,
    judgement: isControl
      ? { kind: "control" }
      : isOverloaded
        ? { kind: "overloaded" }
        : judge(ownToOther, pairs),
  };
}

/** Nothing by nothing is alike. */
const ratioOf = (value: number, by: number): number => (value === by ? 1 : value / by);

/** Of an even number, the mean of the middle two. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? 0) + upper) / 2;
}

export function judge(ownToOther: number, pairs: readonly number[]): Judgement {
  if (pairs.length < pairsMin) return { kind: "tooFewPairs" };
  const isOverLimit = ownToOther > ratioMax;
  if (pairs.every((ratio) => ratio > 1)) return { kind: isOverLimit ? "slower" : "withinLimit" };
  if (pairs.every((ratio) => ratio < 1)) return { kind: "faster" };
  return { kind: "withinNoise", isOverLimit };
}
