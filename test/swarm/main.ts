import { answer } from "../../protocols/command-line.ts";
import { runCampaign, swarmWorker, type CampaignAnswer } from "./campaign.ts";
import { closingOf, storyOf } from "./one-seed.ts";
import { againText, commandOf, createSummary, lineOf, type Summary } from "./report.ts";
import { readArguments, type SwarmArguments } from "./arguments.ts";
import { faultsOf } from "./verdict.ts";
import type { RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";

/** `npm run swarm`. Exit codes are in the help text. */
async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2));
  if (options.kind === "help" || options.kind === "refused") return answer(options, console);
  const startedAt = performance.now();
  const summary = createSummary();
  const traces = new Map<string, string>();
  await runCampaign(options.runs, {
    threads: Math.min(options.threads, options.runs.length),
    mutant: options.mutant,
    worker: swarmWorker,
    onAnswer: (answer: CampaignAnswer, run) => {
      if (answer.kind === "crashed") {
        summary.addFailure(answer.seed);
        console.log(`seed ${answer.seed} crashed: ${answer.why}\n    ${againText(run, options)}`);
        return "goOn";
      }
      const { result } = answer;
      const wrong = faultsOf(result, run);
      const sameRun = JSON.stringify({ ...run, truthNames: null });
      const other = traces.get(sameRun);
      traces.set(sameRun, result.trace);
      if (other !== undefined && other !== result.trace) {
        wrong.push("the agent's trace depends on what bodies are called (law 15)");
      }
      tell(result, run, { wrong, summary, options });
      return wrong.length > 0 && options.mutant !== null ? "enough" : "goOn";
    },
  });
  const failedTotal = summary.failures().length;
  const hasFailed = failedTotal > 0;
  const took = (performance.now() - startedAt) / 1_000;
  const [only] = options.runs;
  if (!options.isJson) {
    const isOne = options.isSingle && only !== undefined;
    console.log(
      isOne ? closingOf(failedTotal, commandOf(only, options), took) : summary.text(took),
    );
  }
  if (options.mutant === null) return hasFailed ? 1 : 0;
  if (!options.isJson)
    console.log(`mutant ${options.mutant}: ${hasFailed ? "caught" : "NOT CAUGHT"}`);
  return hasFailed ? 0 : 1;
}

function tell(
  result: RunResult,
  run: RunOptions,
  context: {
    readonly wrong: readonly string[];
    readonly summary: Summary;
    readonly options: SwarmArguments;
  },
): void {
  const { wrong, summary, options } = context;
  summary.add(result, run);
  if (wrong.length > 0) summary.addFailure(result.seed);
  if (options.isJson) {
    console.log(JSON.stringify({ options: run, result, wrong }));
    return;
  }
  console.log(lineOf(result, run, wrong));
  for (const each of wrong.slice(0, 10)) console.log(`    ${each}`);
  for (const [cause, count] of Object.entries(result.alarmedGreens)) {
    console.log(`    ${count} in green by ${cause}; alarmed, and the belt was asked to stop`);
  }
  if (options.isSingle) console.log(storyOf(result, run));
  if (wrong.length > 0) console.log(`    ${againText(run, options)}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  // Not a run's failure but the swarm's own: above all a mutant that no longer fits the sources.
  console.error(`swarm: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
