import { execFileSync, type StdioOptions } from "node:child_process";
import type { SwarmArguments } from "./arguments.ts";
import { isFaultName, oneRun, type RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";
import { alarmedOf, hasNoFaults, isQuiet } from "./verdict.ts";

/** One run in one line. */
export function lineOf(result: RunResult, run: RunOptions, wrong: readonly string[]): string {
  const { exits } = result;
  return [
    `seed ${String(result.seed).padStart(4)}`,
    `${String(result.parcels).padStart(6)} parcels`,
    `green ${exits["green"]} red ${exits["red"]} inspection ${exits["inspection"]}`,
    hasNoFaults(run) ? "quiet" : `${Object.keys(run.faultPlan).length} kinds of fault`,
    `${run.binding}${run.hasScale ? "" : ", no scale"}${run.readerLag === null ? "" : `, ${run.readerLag}`}`,
    wrong.length === 0 ? "ok" : "FAILED",
  ].join("  ");
}

type Given = Pick<SwarmArguments, "mutant" | "isShuffled" | "faults">;

/** The one command that shows it once more, and on which sources. */
export const againText = (run: RunOptions, given: Given): string =>
  `again: ${commandOf(run, given)}   (commit ${commit()})`;

export function commandOf(run: RunOptions, { mutant, isShuffled, faults }: Given): string {
  const words = ["npm run swarm --", `--seed ${run.seed}`, `--parcels ${run.parcels}`];
  if (hasNoFaults(run)) words.push("--quiet");
  if (faults !== null) words.push(`--faults ${faults}`);
  const names = faults?.split(",").filter(isFaultName) ?? [];
  const own = oneRun(run.seed, run.parcels, hasNoFaults(run) ? "quiet" : names);
  if (run.binding !== own.binding) words.push(`--binding ${run.binding}`);
  if (run.readerLag !== null) words.push(`--lag ${run.readerLag}`);
  if (!run.hasScale) words.push("--no-scale");
  if (run.sorterSpeech !== "json") words.push(`--sorter ${run.sorterSpeech}`);
  if (isShuffled) words.push("--shuffled");
  if (mutant !== null) words.push(`--mutant ${mutant}`);
  return words.join(" ");
}

function commit(): string {
  try {
    const words = ["rev-parse", "--short", "HEAD"];
    const stdio: StdioOptions = ["ignore", "pipe", "ignore"];
    return execFileSync("git", words, { encoding: "utf8", stdio }).trim();
  } catch {
    return "unknown";
  }
}

/** A campaign's sums, for its last lines. */
export interface Summary {
  add(result: RunResult, run: RunOptions): void;
  addFailure(seed: number): void;
  failures(): readonly number[];
  text(seconds: number): string;
}

export function createSummary(): Summary {
  const failed: number[] = [];
  const sum = { runs: 0, parcels: 0, faulty: 0, green: 0, commands: 0, empty: 0, alarmed: 0 };
  const quiet = { releasable: 0, green: 0, licence: 0, red: 0 };
  return {
    add(result, run) {
      sum.runs += 1;
      sum.parcels += result.parcels;
      sum.green += result.exits["green"] ?? 0;
      sum.commands += result.greenCommands;
      sum.empty += result.emptyCommands;
      sum.alarmed += alarmedOf(result);
      if (!isQuiet(run) || run.binding === "none") {
        sum.faulty += result.parcels;
        return;
      }
      quiet.releasable += result.releasable.total;
      quiet.green += result.releasable.green;
      quiet.licence += result.licence.total;
      quiet.red += result.licence.red;
    },
    addFailure: (seed) => void failed.push(seed),
    failures: () => failed,
    text: (seconds) =>
      [
        `${sum.runs} runs, ${sum.parcels} parcels (${sum.faulty} with faults) in ${seconds.toFixed(1)} s`,
        `${sum.green} in green, ${sum.commands} commanded there (${sum.empty} for a parcel that was gone); ${sum.alarmed} by a machine's fault, each alarmed and stopped`,
        ...(sum.parcels === sum.faulty
          ? []
          : [
              `without faults: ${share(quiet.green, quiet.releasable)} releasable parcels green, ${share(quiet.red, quiet.licence)} licence parcels red`,
            ]),
        failed.length === 0
          ? "all in order"
          : `${failed.length} runs failed: seeds ${failed.join(", ")}`,
      ].join("\n"),
  };
}

const share = (part: number, whole: number): string =>
  whole === 0 ? "no" : `${((100 * part) / whole).toFixed(2)} % of ${whole}`;
