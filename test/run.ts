import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, createCommandLine, wordsOption } from "../protocols/command-line.ts";
import { checks, runChecks } from "./check.ts";
import { outcomesOf, tableOf, troubleIn } from "./matrix/verdict.ts";
import { failuresIn, runVitest, type VitestReport } from "./vitest-run.ts";

/**
 * `npm test`: every layer, one after the other, and one line that adds them up. Layers that need
 * the machine's whole attention (a browser, the lab) run alone, so that their timing means something.
 */
const layers = ["core", "wire", "e2e"] as const;
/** `npm run test:peers`: only where somebody asks, because it needs programs that npm does not bring. */
const furtherLayers = ["peers"] as const;
type Layer = (typeof layers | typeof furtherLayers)[number];
/** How many files at a time each core takes: one that computes alone, two that mostly wait. */
const filesACore: Readonly<Record<Layer, number | null>> = {
  core: 1,
  wire: 2,
  e2e: 1,
  peers: null,
};

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, a sentence each, so that the end of a long log says it. */
  readonly failures: string[];
}

const usage = `Usage: npm test [-- --layer check|core|wire|e2e|peers ...]

  check  format, types, lint, dead code
  core   units, properties, architecture, swarm in virtual time
  wire   drivers, journal, centre and agents on real wires and disks
  e2e    the lab in a real browser
  peers  drivers and link against mosquitto and socat, and the devices' page typed as it stands; its
         programs have to be installed; not run unless it is named

The last line counts: N passed, N failed, N skipped.
Exit codes: 0 all passed, 1 something failed, 2 bad arguments.`;

const usual = ["check", ...layers] as const;
const known = [...usual, ...furtherLayers] as const;
const commandLine = createCommandLine({
  name: "test",
  usage,
  options: { layer: wordsOption(known) },
});

const read = commandLine.read(process.argv.slice(2));
if (read.kind === "read") {
  const { layer } = read.values;
  process.exitCode = await runAll(layer.length === 0 ? usual : layer);
} else {
  process.exitCode = answer(read, console);
}

async function runAll(wanted: readonly string[]): Promise<number> {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };
  if (wanted.includes("check")) {
    const failed = runChecks();
    totals.passed += checks.length - failed.length;
    totals.failed += failed.length;
    totals.failures.push(...failed.map((name) => `check: ${name}`));
  }
  const directory = await mkdtemp(join(tmpdir(), "sortline-test-"));
  try {
    for (const layer of [...layers, ...furtherLayers]) {
      if (wanted.includes(layer)) await runLayer(layer, join(directory, `${layer}.json`), totals);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const { passed, failed, skipped, failures } = totals;
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

async function runLayer(layer: Layer, outputFile: string, totals: Totals): Promise<void> {
  const { code, report } = await runVitest({ layer, filesACore: filesACore[layer], outputFile });
  if (report === null) {
    totals.failed += 1;
    totals.failures.push(`${layer}: it ended with ${code} and no report`);
    return;
  }
  totals.passed += report.numPassedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  totals.failed += report.numFailedTests;
  const failures = failuresIn(report);
  totals.failures.push(...failures);
  // A file that could not even be loaded fails no test of its own.
  if (code !== 0 && report.numFailedTests === 0) {
    totals.failed += 1;
    if (failures.length === 0) totals.failures.push(`${layer}: it ended with ${code}`);
  }
  if (layer === "wire") addMatrix(report, totals);
}

/** The table of the devices' cells, which this layer has just run. */
function addMatrix({ testResults }: VitestReport, totals: Totals): void {
  const outcomes = outcomesOf(testResults.flatMap(({ assertionResults }) => assertionResults));
  console.log(tableOf(outcomes));
  // What failed is counted by its tests.
  const trouble = troubleIn(outcomes.filter(({ kind }) => kind !== "failed"));
  totals.failed += trouble.length;
  totals.failures.push(...trouble);
}
