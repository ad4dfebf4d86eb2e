import {
  answer,
  createCommandLine,
  flagOption,
  seedOption,
  textOption,
  wholeOption,
  wordsOption,
} from "../../protocols/command-line.ts";
import { agentKill } from "./agent-kill.ts";
import { centreKill } from "./centre-kill.ts";
import { deviceOuts } from "./device-out.ts";
import { diskFull } from "./disk-full.ts";
import type { Drill, DrillContext } from "./drill.ts";
import { emergencyStop } from "./emergency-stop.ts";
import { foreignLine } from "./foreign-line.ts";
import { journalLosses } from "./journal-loss.ts";
import { journalTamper } from "./journal-tamper.ts";
import { agentStopped, calendarJump, suspend } from "./lost-time.ts";
import { openPictures, type Pictures } from "./pictures.ts";
import { neighbours } from "./neighbours.ts";
import { createFindings, seconds } from "./report.ts";
import { keepFolders, servePage, stopSites } from "./site.ts";
import { smallPackets } from "./small-packets.ts";

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
  suspend,
  calendarJump,
  emergencyStop,
  smallPackets,
  neighbours,
  foreignLine,
  diskFull,
];

/** A restart reads none of them anew, so more of them cost only the time to send them. */
const manifestsUsual = 1_000;
const minutesUsual = 1;

const help = `Breaks a real lab on purpose and judges what it does.

  npm run drills [-- --only NAME ...] [--seed N] [--manifests N] [--minutes N] [--keep]
                  [--pictures DIR]

${drills.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}`).join("\n")}

  --only      this drill, or these; default: all, about three quarters of an hour
  --seed      one integer that reproduces the parcels and the moments of a run  (default 1)
  --manifests sent to the centre before centre-kill kills it  (default ${manifestsUsual})
  --minutes   that neighbours and foreign-plc are watched  (default ${minutesUsual})
  --keep      leaves the labs' folders, and says where they are
  --pictures  keeps there what the page shows while each fault lasts, in both languages
  --help      this text

Each drill starts a lab of its own on free ports in a temporary folder. Progress goes to standard
error, findings to standard output, one a line.
Exit codes: 0 every claim holds, 1 one does not, 2 bad arguments.`;

interface Options {
  readonly wanted: readonly Drill[];
  readonly seed: number;
  readonly manifests: number;
  readonly minutes: number;
  readonly pictures: Pictures | null;
}

const commandLine = createCommandLine({
  name: "drills",
  usage: help,
  options: {
    only: wordsOption(drills.map(({ name }) => name)),
    seed: seedOption,
    manifests: wholeOption(0, 1_000_000),
    minutes: wholeOption(1, 1_440),
    keep: flagOption,
    pictures: textOption("a folder"),
  },
});

async function main(): Promise<number> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const { only, seed = 1, keep, pictures: folder } = read.values;
  const { manifests = manifestsUsual, minutes = minutesUsual } = read.values;
  if (keep) keepFolders();
  const wanted = drills.filter(({ name }) => only.length === 0 || only.includes(name));
  const run = { wanted, seed, manifests, minutes };
  if (folder === undefined) return runDrills({ ...run, pictures: null });
  const pictures = await openPictures(folder);
  servePage(pictures.pageDir);
  try {
    return await runDrills({ ...run, pictures });
  } finally {
    await pictures.close();
  }
}

async function runDrills({ wanted, pictures, ...given }: Options): Promise<number> {
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
      await drill.run({ ...given, findings, say, ...picturesOf(drill, pictures) });
    } catch (error) {
      findings.check("the drill came to its end", false, messageOf(error));
    }
    const isClean = findings.failed.length === 0;
    if (!isClean) failed.push(drill.name);
    const took = seconds(performance.now() - startedAt);
    console.log(`${drill.name}: ${isClean ? "passed" : "FAILED"} in ${took}, seed ${given.seed}\n`);
  }
  const passed = wanted.length - failed.length;
  const names = failed.length === 0 ? "" : `; FAILED: ${failed.join(", ")}`;
  console.log(`${passed} of ${wanted.length} drills passed${names}`);
  return failed.length === 0 ? 0 : 1;
}

const picturesOf = (
  drill: Drill,
  pictures: Pictures | null,
): Pick<DrillContext, "picture" | "watch"> => ({
  picture: async (site, name) => pictures?.take(site.url, `${drill.name}-${name}`),
  async watch(site) {
    const opened = await pictures?.open(site.url);
    return {
      picture: async (name) => opened?.take(`${drill.name}-${name}`),
      close: async () => opened?.close(),
    };
  },
});

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void stopSites().finally(() => process.exit(1)));
}
process.exitCode = await main();
