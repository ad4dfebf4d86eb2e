import {
  answer,
  createCommandLine,
  flagOption,
  seedOption,
  wordsOption,
} from "../../protocols/command-line.ts";
import { agentKill } from "./agent-kill.ts";
import { centreKill } from "./centre-kill.ts";
import { deviceOuts } from "./device-out.ts";
import type { Drill } from "./drill.ts";
import { journalLosses } from "./journal-loss.ts";
import { agentStopped, calendarJump } from "./lost-time.ts";
import { journalTamper } from "./journal-tamper.ts";
import { createFindings, seconds } from "./report.ts";
import { keepFolders, stopSites } from "./site.ts";

/**
 * `npm run drills`: a real lab on real wires and disks, broken on purpose, and judged from outside
 * by its journals, by what the world truly saw and by what the page says.
 */
const drills: readonly Drill[] = [
  agentKill,
  centreKill,
  ...deviceOuts,
  journalTamper,
  ...journalLosses,
  agentStopped,
  calendarJump,
];

const help = `Breaks a real lab on purpose and judges what it does.

  npm run drills [-- --only NAME ...] [--seed N] [--keep]

${drills.map(({ name, summary }) => `  ${name.padEnd(16)}${summary}`).join("\n")}

  --only   this drill, or these; default: all, about half an hour
  --seed   one integer that reproduces the parcels and the moments of a run  (default 1)
  --keep   leaves the labs' folders, and says where they are
  --help   this text

Each drill starts a lab of its own on free ports in a temporary folder. Progress goes to standard
error, findings to standard output, one a line.
Exit codes: 0 every claim holds, 1 one does not, 2 bad arguments.`;

interface Options {
  readonly wanted: readonly Drill[];
  readonly seed: number;
}

const commandLine = createCommandLine({
  name: "drills",
  usage: help,
  options: {
    only: wordsOption(drills.map(({ name }) => name)),
    seed: seedOption,
    keep: flagOption,
  },
});

async function main(): Promise<number> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const { only, seed = 1, keep } = read.values;
  if (keep) keepFolders();
  const wanted = drills.filter(({ name }) => only.length === 0 || only.includes(name));
  return runDrills({ wanted, seed });
}

async function runDrills({ wanted, seed }: Options): Promise<number> {
  const failed: string[] = [];
  for (const drill of wanted) {
    console.log(`${drill.name}: ${drill.summary}`);
    const startedAt = performance.now();
    const say = (text: string): void => {
      const at = seconds(performance.now() - startedAt).padStart(8);
      console.error(`${at}  ${drill.name}: ${text}`);
    };
    const findings = createFindings((line) => console.log(`  ${line}`));
    try {
      await drill.run({ seed, findings, say });
    } catch (error) {
      findings.check("the drill came to its end", false, messageOf(error));
    }
    const isClean = findings.failed.length === 0;
    if (!isClean) failed.push(drill.name);
    const took = seconds(performance.now() - startedAt);
    console.log(`${drill.name}: ${isClean ? "passed" : "FAILED"} in ${took}, seed ${seed}\n`);
  }
  const passed = wanted.length - failed.length;
  const names = failed.length === 0 ? "" : `; FAILED: ${failed.join(", ")}`;
  console.log(`${passed} of ${wanted.length} drills passed${names}`);
  return failed.length === 0 ? 0 : 1;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void stopSites().finally(() => process.exit(1)));
}
process.exitCode = await main();
