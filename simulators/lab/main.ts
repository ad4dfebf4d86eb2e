import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  answer,
  createCommandLine,
  numberOption,
  seedOption,
  textOption,
  wholeOption,
} from "../../protocols/command-line.ts";
import { makeDataFolder } from "./data-folder.ts";
import { lockFolder, type FolderLock } from "./folder-lock.ts";
import { createLab, type Lab } from "./lab.ts";
import { onParentGone } from "./parent-watch.ts";
import { explainPort } from "./ports.ts";
import { keepWhatIsSaid } from "./said.ts";
import { countRun } from "./run-number.ts";
import { untilParcelsRun } from "./until-parcels-run.ts";

/**
 * `npm start`: a lab site. World, broker, centre and line agents run as processes of their own and
 * meet only on the wires that a real site would have.
 */
const help = `Sortline lab: lines, officers and a page to watch them, with no hardware.

  npm start [-- --port N] [--data DIR] [--seed N] [--speed X] [--lines N] [--officers N] [--rate N]

  --port      HTTP port of the page on 127.0.0.1; 0 takes any free one    (default 8080)
  --data      where journals and images go; kept, so a further start on it is a
              further run, with parcels of its own           (default a fresh folder)
  --seed      one integer that reproduces the parcels of a folder's runs   (default 1)
  --speed     0.25 to 4 times real time                                     (default 1)
  --lines     1 to 8 lines                                                  (default 2)
  --officers  lab officers at work beside you                               (default 2)
  --rate      parcels an hour on each line, 60 to 4000                      (default 1200)
  --help      this text

Prints the page's address when parcels can run. What each process says is kept in the data
folder's logs; warnings and errors are printed, too. Stop it with Ctrl-C.
Exit codes: 0 stopped, 1 could not start (as when the port is in use or the folder cannot be
written), 2 bad arguments.`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const nodeMajorMin = 24;

const commandLine = createCommandLine({
  name: "lab",
  usage: help,
  options: {
    port: wholeOption(0, 65_535),
    data: textOption("a folder"),
    seed: seedOption,
    speed: numberOption(0.25, 4),
    lines: wholeOption(1, 8),
    officers: wholeOption(0, 50),
    rate: wholeOption(60, 4_000),
  },
});

async function main(): Promise<void> {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < nodeMajorMin) {
    console.error(
      `sortline needs Node ${nodeMajorMin}, this is ${process.versions.node}: run npm ci, then npm start`,
    );
    process.exit(1);
  }
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") {
    process.exitCode = answer(read, console);
    return;
  }
  const { data, port = 8080, seed = 1, speed = 1 } = read.values;
  const { lines = 2, officers = 2, rate = 1_200 } = read.values;
  // This is asked before anything is started that would only have to be stopped again.
  const whyNot = await explainPort(port);
  if (whyNot !== null) {
    console.error(`lab: --port: ${whyNot}`);
    process.exit(1);
  }
  const dataDir = data === undefined ? await mkdtemp(join(tmpdir(), "sortline-")) : resolve(data);
  let lock: FolderLock | null = null;
  let isStopping = false;

  const prepare = async (): Promise<{ readonly lab: Lab; readonly run: number }> => {
    await makeDataFolder(dataDir);
    lock = lockFolder(dataDir);
    console.log("building the page");
    const pageDir = join(root, "control-ui", "dist");
    const { buildPage } = await import("../../control-ui/build.ts");
    await buildPage({ outDir: pageDir });
    const run = countRun(dataDir);
    const said = keepWhatIsSaid({
      folder: join(dataDir, "logs"),
      // That processes miss each other while all of them end is nothing to look at.
      print: (line) => {
        if (!isStopping) console.error(line);
      },
    });
    const chosen = { port, seed, run, speed, lines, officers, rate };
    return { lab: await createLab({ ...chosen, dataDir, pageDir, onLine: said.take }), run };
  };

  const prepared = prepare();
  const stop = async (code: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    // Whatever is being prepared is finished first, because removing a folder while it is written
    // would fail.
    const made = await prepared.catch(() => null);
    await made?.lab.stop();
    lock?.release();
    if (data === undefined) await rm(dataDir, { recursive: true, force: true });
    // Printed on a line of its own, below the ^C that a terminal shows.
    if (code === 0) console.log("\nstopped");
    process.exit(code);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(0));
  // npm does not pass on the signal that ends it, so what it started would stay behind.
  if (process.env["npm_lifecycle_event"] !== undefined) onParentGone(() => void stop(0));
  try {
    const { lab, run } = await prepared;
    if (isStopping) return;
    const url = await lab.start((text) => console.log(text));
    console.log("waiting until parcels can run");
    await untilParcelsRun(url);
    if (isStopping) return;
    console.log(`\nSortline lab: ${url}   (seed ${seed}, run ${run} in ${dataDir})`);
  } catch (error) {
    // A lab that is stopped in the middle of its start has not failed.
    if (isStopping) return;
    console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
    await stop(1);
  }
}

await main();
