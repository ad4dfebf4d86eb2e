import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchOptions, ShapeName } from "../options.ts";
import { readCheckout, type Checkout } from "./checkout.ts";
import { compare, type Figure, type Pair } from "./comparison.ts";
import { runSide } from "./side.ts";
import { comparisonText, slowerOf } from "./table.ts";

/**
 * `npm run bench -- --against DIR`: this build and another, each by its own bench, in turns. Each
 * pair runs every shape on both, and the builds take turns at being first.
 */
export type Against =
  /** With the exit code. */
  | { readonly kind: "compared"; readonly code: 0 | 1 }
  | { readonly kind: "refused"; readonly why: string };

const ownRoot = fileURLToPath(new URL("../../..", import.meta.url));

type SideName = "own" | "other";
type Builds = Readonly<Record<SideName, Checkout>>;

const titles = { own: "this build", other: "the other" } as const;

export async function benchAgainst(
  options: BenchOptions,
  dir: string,
  tell: (text: string) => void,
): Promise<Against> {
  const other = readCheckout(dir);
  if (other.kind === "refused") return other;
  const own = readCheckout(ownRoot);
  if (own.kind === "refused") return own;
  const builds = { own: own.checkout, other: other.checkout };
  const folder = await mkdtemp(join(tmpdir(), "sortline-against-"));
  try {
    return { kind: "compared", code: await measure({ options, builds, folder, tell }) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Plan {
  readonly options: BenchOptions;
  readonly builds: Builds;
  readonly folder: string;
  tell(text: string): void;
}

/** A run that does not finish ends the measurement; the pairs before it are told. */
async function measure(plan: Plan): Promise<0 | 1> {
  const { pairsTotal } = plan.options;
  const pairs: Pair[] = [];
  const broken: string[] = [];
  for (let index = 0; index < pairsTotal; index += 1) {
    const outcome = await measurePair(plan, index);
    broken.push(...outcome.broken);
    if (outcome.kind === "unfinished") break;
    pairs.push(outcome.pair);
  }
  return publish(plan, pairs, broken);
}

type PairOutcome =
  | { readonly kind: "finished"; readonly pair: Pair; readonly broken: readonly string[] }
  | { readonly kind: "unfinished"; readonly broken: readonly string[] };

async function measurePair(plan: Plan, index: number): Promise<PairOutcome> {
  const { options, builds } = plan;
  const pair: Record<SideName, Figure[]> = { own: [], other: [] };
  const broken: string[] = [];
  for (const shape of options.shapes) {
    for (const name of turnOf(index)) {
      const what = `pair ${index + 1} of ${options.pairsTotal}, ${shape}, ${titles[name]}`;
      plan.tell(what);
      const outcome = await runSide({
        checkout: builds[name],
        args: argsOf(options, shape),
        folder: join(plan.folder, "run"),
      });
      if (outcome.kind === "failed") {
        return { kind: "unfinished", broken: [...broken, `${what}: ${outcome.why}`] };
      }
      broken.push(...outcome.failedChecks.map((check) => `${what}: ${check}`));
      pair[name].push(...outcome.figures);
    }
  }
  return { kind: "finished", pair, broken };
}

/** The first and the second: who is first in one pair is second in the next. */
export const turnOf = (pairIndex: number): readonly [SideName, SideName] =>
  pairIndex % 2 === 0 ? ["other", "own"] : ["own", "other"];

function argsOf({ isQuick, measureS, seed }: BenchOptions, shape: ShapeName): string[] {
  return [
    "--shape",
    shape,
    "--seed",
    String(seed),
    ...(isQuick ? ["--quick"] : []),
    ...(measureS === null ? [] : ["--seconds", String(measureS)]),
  ];
}

async function publish(
  { options, builds }: Plan,
  pairs: readonly Pair[],
  broken: readonly string[],
): Promise<0 | 1> {
  const compared = compare(pairs);
  const own = builds.own.title;
  const other = builds.other.title;
  console.log(comparisonText(compared, { own, other, pairsTotal: pairs.length }));
  if (broken.length > 0) {
    console.log(`\nWhat went wrong:\n\n${broken.map((each) => `- ${each}`).join("\n")}`);
  }
  if (options.jsonFile !== null) {
    const content = { own, other, ...compared, pairs, broken };
    await writeFile(options.jsonFile, `${JSON.stringify(content, null, 2)}\n`);
  }
  return slowerOf(compared.comparisons).length + broken.length === 0 ? 0 : 1;
}
