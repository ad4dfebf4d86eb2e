import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.ts";
import { isMutant, mutants, type Mutant } from "./mutants.ts";
import { drawRun, quietRun, type RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";
import { faultsOf } from "./verdict.ts";

const help = `The swarm: whole lines in virtual time, with faults, judged by an oracle that knows the truth.

  npm run swarm -- [--seeds N | --seed N] [--parcels N] [--quiet] [--mutant NAME] [--threads N]

  --seeds     so many runs, from seed 1; every fifth one has no faults            (default 20)
  --seed      this one run alone, and everything about it
  --parcels   parcels a run                                                     (default 2000)
  --quiet     with --seed: without faults
  --shuffled  with --seed: other names for the true parcels; the trace must stay the same
  --mutant    put a fault into the agent: ${Object.keys(mutants).join(", ")}
  --threads   runs at a time                                                       (default 2)

A run fails when a parcel is in green without evidence, unless machines did it, an alarm told so and
the belt was asked to stop; when parcels are not conserved; or, without faults, when less than
99.9 % of releasable parcels go green or of licence parcels red.
Exit codes: 0 all in order, 1 a run failed, 2 bad arguments. With --mutant, 0 means it was caught.`;

interface Options {
  readonly runs: readonly RunOptions[];
  readonly isSingle: boolean;
  readonly mutant: Mutant | null;
  readonly threads: number;
}

function readOptions(): Options | "help" | null {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: "string", default: "20" },
        seed: { type: "string" },
        parcels: { type: "string", default: "2000" },
        quiet: { type: "boolean", default: false },
        shuffled: { type: "boolean", default: false },
        mutant: { type: "string" },
        threads: { type: "string", default: "2" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return "help";
    const parcels = integer("parcels", values.parcels, 1_000_000);
    if (values.mutant !== undefined && !isMutant(values.mutant)) {
      throw new Error(`--mutant: there is no ${values.mutant}`);
    }
    const draw = (seed: number): RunOptions =>
      values.quiet || (values.seed === undefined && seed % 5 === 0)
        ? quietRun(seed, parcels)
        : drawRun(seed, parcels);
    const seeds =
      values.seed === undefined
        ? Array.from({ length: integer("seeds", values.seeds, 100_000) }, (_, index) => index + 1)
        : [integer("seed", values.seed, 0x7fff_ffff)];
    return {
      runs: seeds
        .map(draw)
        .map((run) => (values.shuffled ? { ...run, truthPrefix: "shuffled" } : run)),
      isSingle: values.seed !== undefined,
      mutant: values.mutant ?? null,
      threads: integer("threads", values.threads, 64),
    };
  } catch (error) {
    console.error(`swarm: ${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return null;
  }
}

function integer(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name}: ${text} is not a whole number from 1 to ${max}`);
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? "-" : `${((100 * part) / whole).toFixed(2)} %`;

function lineOf(result: RunResult, options: RunOptions, wrong: readonly string[]): string {
  const { exits } = result;
  const faults = Object.keys(options.faultPlan).length;
  return [
    `seed ${String(result.seed).padStart(4)}`,
    `${String(result.parcels).padStart(6)} parcels`,
    `green ${exits["green"]} red ${exits["red"]} inspection ${exits["inspection"]}`,
    faults === 0 ? "quiet" : `${faults} kinds of fault`,
    wrong.length === 0 ? "ok" : "FAILED",
  ].join("  ");
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  if (options === "help") {
    console.log(help);
    return 0;
  }
  const startedAt = performance.now();
  const failed: number[] = [];
  const sum = { parcels: 0, green: 0, releasable: 0, licence: 0, red: 0, alarmed: 0 };
  await runCampaign(options.runs, {
    threads: Math.min(options.threads, options.runs.length),
    mutant: options.mutant,
    onAnswer: (answer, run) => {
      if (answer.kind === "crashed") {
        failed.push(answer.seed);
        console.log(`seed ${answer.seed} crashed: ${answer.why}`);
        return;
      }
      const { result } = answer;
      const wrong = faultsOf(result, run);
      console.log(lineOf(result, run, wrong));
      for (const each of wrong.slice(0, 10)) console.log(`    ${each}`);
      for (const [cause, count] of Object.entries(result.alarmedGreens)) {
        console.log(`    ${count} in green by a machine's fault, alarmed and stopped: ${cause}`);
      }
      if (options.isSingle) console.log(JSON.stringify({ options: run, result }, null, 2));
      sum.parcels += result.parcels;
      sum.green += result.exits["green"] ?? 0;
      sum.alarmed += Object.values(result.alarmedGreens).reduce((all, count) => all + count, 0);
      if (Object.keys(run.faultPlan).length === 0) {
        sum.releasable += result.releasable.total;
        sum.licence += result.licence.total;
        sum.red += result.licence.red;
      }
      if (wrong.length === 0) return;
      failed.push(result.seed);
      const quiet = Object.keys(run.faultPlan).length === 0 ? " --quiet" : "";
      const planted = options.mutant === null ? "" : ` --mutant ${options.mutant}`;
      console.log(
        `    again: npm run swarm -- --seed ${result.seed} --parcels ${run.parcels}${quiet}${planted}   (commit ${commit()})`,
      );
    },
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `${options.runs.length} runs, ${sum.parcels} parcels in ${seconds.toFixed(1)} s; ${sum.green} green, ${sum.alarmed} of them by a machine's fault and alarmed; without faults ${percent(sum.red, sum.licence)} of ${sum.licence} licence parcels red; ${failed.length} runs failed`,
  );
  if (options.mutant === null) return failed.length === 0 ? 0 : 1;
  const isCaught = failed.length > 0;
  console.log(`mutant ${options.mutant}: ${isCaught ? "caught" : "NOT CAUGHT"}`);
  return isCaught ? 0 : 1;
}

process.exit(await main());
