import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, createCommandLine } from "../../protocols/command-line.ts";
import { allCells } from "../contract/cells.ts";
import { failuresIn, runVitest } from "../vitest-run.ts";
import { outcomesOf, tableOf, troubleIn } from "./verdict.ts";

/** `npm run matrix`: the suites of devices by themselves, and what became of each cell. */
const usage = `Usage: npm run matrix

Runs the contract and fault suites of every machine, in each form that it may speak, over real sockets
and pseudo-terminals, and prints them as a table. npm test prints the same table of its own run.

Exit codes: 0 all passed, 1 something failed, was skipped or is missing, 2 bad arguments.`;

const read = createCommandLine({ name: "matrix", usage, options: {} }).read(process.argv.slice(2));
process.exitCode = read.kind === "read" ? await runMatrix() : answer(read, console);

async function runMatrix(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "sortline-matrix-"));
  try {
    const { code, report } = await runVitest({
      layer: "wire",
      // The files are named after the machines.
      files: [...new Set(allCells.map(({ machine }) => `test/contract/${machine}`))],
      filesACore: 2,
      outputFile: join(directory, "wire.json"),
    });
    const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
    const outcomes = outcomesOf(results);
    const trouble = troubleIn(outcomes);
    for (const failure of report === null ? [] : failuresIn(report)) {
      console.log(`failed: ${failure}`);
    }
    for (const each of trouble) console.log(`failed: ${each}`);
    console.log(tableOf(outcomes));
    return code === 0 && trouble.length === 0 ? 0 : 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
