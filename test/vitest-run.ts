import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";

/** What vitest says at its end, as far as we look at it. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly TestResult[];
  }[];
}

export interface TestResult {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages?: readonly string[] | null;
  /** What a suite says of its tests. */
  readonly meta?: { readonly cell?: string; readonly suite?: string };
}

export interface VitestRun {
  /** One of vitest's projects, with those that it has aside: `wire-alone` is of `wire`. */
  readonly layer: string;
  /** Parts of the names of the files to run; all of the layer where there are none. */
  readonly files?: readonly string[];
  /** How many files at a time each core takes; null: as vitest has it, which spares a core. */
  readonly filesACore: number | null;
  /** In a folder of its own. */
  readonly outputFile: string;
}

/** Runs it before everybody's eyes; the report is null where it has not come to its end. */
export async function runVitest(
  run: VitestRun,
): Promise<{ readonly code: number | null; readonly report: VitestReport | null }> {
  const { layer, files = [], filesACore, outputFile } = run;
  const projects = [layer, `${layer}-*`].map((name) => `--project=${name}`);
  const args = ["run", ...projects, "--reporter=default", "--reporter=json"];
  if (filesACore !== null) args.push(`--maxWorkers=${filesACore * availableParallelism()}`);
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("vitest", [...args, `--outputFile.json=${outputFile}`, ...files], {
      stdio: "inherit",
      env: {
        ...process.env,
        FORCE_COLOR: "0",
        // Labs, agents and commands are started again and again: only the first reads all our files.
        NODE_COMPILE_CACHE: join(dirname(outputFile), "compiled"),
      },
    });
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const report = await readFile(outputFile, "utf8").then(
    (text) => JSON.parse(text) as VitestReport,
    () => null,
  );
  return { code, report };
}

/** Each failed test, and each file that failed without one, with the first line of why. */
export function failuresIn({ testResults }: VitestReport): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`${file}: ${firstLineOf(message)}`] : [];
    return failed.map(
      ({ fullName, failureMessages }) =>
        `${file}: ${fullName}: ${firstLineOf(failureMessages?.[0] ?? "")}`,
    );
  });
}

function firstLineOf(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
