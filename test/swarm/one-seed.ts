import type { RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";
import { isQuiet } from "./verdict.ts";

/** What befell the one run that was asked for, beneath its line: a screenful for a person. */
export function storyOf(result: RunResult, run: RunOptions): string {
  const { exits, releasable, licence, recovery } = result;
  const rows: [string, string][] = [
    [
      "papers",
      `${releasable.green} of ${releasable.total} releasable parcels went green, ${licence.red} of ${licence.total} licence parcels red`,
    ],
    ["commands", `${result.greenCommands} to green, for ${exits["green"]} parcels that went there`],
  ];
  const unseen = ["removedByHand", "stillOnBelt"].filter((name) => (exits[name] ?? 0) > 0);
  if (unseen.length > 0) {
    rows.push(["elsewhere", unseen.map((name) => `${name} ${exits[name]}`).join(", ")]);
  }
  rows.push(
    ["faults", isQuiet(run) ? "none, this run is quiet" : counts(result.faults)],
    ["oddities", counts(result.scenes)],
    ["alarms", counts(result.alarms)],
    [
      "recovery",
      `back after ${secondsOf(recovery.returnedMs)}, empty after ${secondsOf(recovery.emptiedMs)} more`,
    ],
    ["trace", `${result.trace.slice(0, 16)}, ${Math.round(result.virtualS)} s of the line's time`],
  );
  return rows.map(([name, text]) => `    ${name.padEnd(10)}${text}`).join("\n");
}

/** The last lines: whether it holds, and how to see more. */
export function closingOf(failedTotal: number, command: string, seconds: number): string {
  const verdict =
    failedTotal === 0
      ? "every check held: no green without evidence, nothing lost or doubled, the line recovered"
      : "a check failed, see above";
  return `${verdict} (${seconds.toFixed(1)} s)\nall of it: ${command} --json`;
}

const secondsOf = (ms: number | null): string => (ms === null ? "never" : `${ms / 1_000} s`);

const wordsPerRow = 6;
const indent = `\n${" ".repeat(14)}`;

/** The most frequent first. */
function counts(of: Readonly<Record<string, number>>): string {
  const words = Object.entries(of)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`);
  if (words.length === 0) return "none";
  const rows: string[] = [];
  for (let at = 0; at < words.length; at += wordsPerRow) {
    rows.push(words.slice(at, at + wordsPerRow).join(", "));
  }
  return rows.join(`,${indent}`);
}
