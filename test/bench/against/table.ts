import {
  pairsMin,
  ratioMax,
  type Compared,
  type Comparison,
  type Judgement,
} from "./comparison.ts";

/** The comparison as a Markdown table, a verdict on each line, and what it comes to. */
export interface ComparisonTitles {
  readonly own: string;
  readonly other: string;
  readonly pairsTotal: number;
}

const columns =
  "| less is better | unit | this | other | this/other | each pair's this/other | other/this | verdict |";

export function comparisonText(compared: Compared, titles: ComparisonTitles): string {
  const { comparisons, incomparable } = compared;
  const parts = [
    `This build (${titles.own}) and the other (${titles.other}), pairs of runs in turns: ` +
      `${titles.pairsTotal}. Medians, and ratios of medians; this/other above 1: this build is slower.`,
    [columns, columns.replaceAll(/[^|]+/g, " --- "), ...comparisons.map(rowOf)].join("\n"),
  ];
  if (incomparable.length > 0) {
    parts.push(`Not in every run of both builds: ${incomparable.join("; ")}.`);
  }
  parts.push(summaryOf(comparisons, titles.pairsTotal));
  return parts.join("\n\n");
}

function rowOf(row: Comparison): string {
  const range = `${ratio(row.pairMin)} to ${ratio(row.pairMax)}`;
  return `| ${[
    row.name,
    row.unit,
    amount(row.own),
    amount(row.other),
    ratio(row.ownToOther),
    range,
    ratio(row.otherToOwn),
    wordsOf(row.judgement),
  ].join(" | ")} |`;
}

const ratio = (value: number): string => value.toFixed(3);
const amount = (value: number): string =>
  value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0).replace(/\B(?=(\d{3})+$)/, ",");

export function wordsOf(judgement: Judgement): string {
  switch (judgement.kind) {
    case "faster":
      return "faster in every pair";
    case "slower":
      return `SLOWER in every pair, beyond ${ratioMax}`;
    case "withinLimit":
      return `slower in every pair, within ${ratioMax}`;
    case "withinNoise":
      return judgement.isOverLimit
        ? `within noise, but beyond ${ratioMax}: measure with more pairs`
        : "within noise";
    case "tooFewPairs":
      return "too few pairs to tell";
    case "control":
      return "control: the machine's own scatter";
    case "overloaded":
      return "not judged: the agent had no time left, so this tells of its queue";
  }
}

function summaryOf(comparisons: readonly Comparison[], pairsTotal: number): string {
  if (pairsTotal < pairsMin) {
    return `Fewer than ${pairsMin} pairs do not tell what is slower.`;
  }
  const slower = slowerOf(comparisons);
  const unclear = comparisons.filter(
    ({ judgement }) => judgement.kind === "withinNoise" && judgement.isOverLimit,
  );
  const sentences = [
    slower.length === 0
      ? `Nothing is slower than ${ratioMax} beyond noise.`
      : `Slower than ${ratioMax} beyond noise: ${namesOf(slower)}.`,
    ...(unclear.length === 0 ? [] : [`Open, because of noise: ${namesOf(unclear)}.`]),
  ];
  return sentences.join(" ");
}

const namesOf = (comparisons: readonly Comparison[]): string =>
  comparisons.map(({ name }) => name).join("; ");

export const slowerOf = (comparisons: readonly Comparison[]): Comparison[] =>
  comparisons.filter(({ judgement }) => judgement.kind === "slower");
