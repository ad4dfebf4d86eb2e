import { spawn } from "node:child_process";
import { mkdir, readFile, realpath, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { decodeJson } from "../../../protocols/json-message.ts";
import type { Checkout } from "./checkout.ts";
import type { Figure } from "./comparison.ts";
import { figuresOf, zBenchOutput } from "./figures.ts";
import { watchJournals } from "./journal-watch.ts";

/** One run of a build's own bench: its code, its configuration, its load, its checks. */
export interface SideRun {
  readonly checkout: Checkout;
  /** For its bench, as on a command line. */
  readonly args: readonly string[];
  /** Made for this run, and gone after it. */
  readonly folder: string;
}

export type SideOutcome =
  | {
      readonly kind: "measured";
      readonly figures: readonly Figure[];
      /** Sentences of its own report about what did not hold, such as parcels by a wrong exit. */
      readonly failedChecks: readonly string[];
    }
  | { readonly kind: "failed"; readonly why: string };

const outputBytesMax = 2 ** 26;
/** Of what it said last. */
const tailCharsMax = 2_000;

export async function runSide({ checkout, args, folder }: SideRun): Promise<SideOutcome> {
  await mkdir(folder, { recursive: true });
  const own = await realpath(folder);
  const file = join(own, "bench.json");
  const watch = watchJournals(own);
  try {
    const { code, out, err } = await runBench(checkout, [...args, "--json", file], own);
    const journals = watch.stop();
    const said = await readFile(file).catch(() => null);
    if (said === null) {
      return { kind: "failed", why: `ended with ${code}: ${err.slice(-tailCharsMax).trim()}` };
    }
    const decoded = decodeJson(zBenchOutput, said, outputBytesMax);
    if (decoded.kind === "invalid") {
      return { kind: "failed", why: `what its bench wrote cannot be read: ${decoded.why}` };
    }
    const failedChecks = code === 0 ? [] : failedChecksIn(out);
    return { kind: "measured", figures: figuresOf(decoded.value, journals), failedChecks };
  } finally {
    watch.stop();
    await rm(own, { recursive: true, force: true });
  }
}

interface Ended {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

function runBench(
  { root, runtime }: Checkout,
  args: readonly string[],
  folder: string,
): Promise<Ended> {
  const path = [join(root, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);
  const child = spawn(runtime, [join(root, "test/bench/main.ts"), ...args], {
    cwd: root,
    env: { ...process.env, PATH: path, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err = (err + text).slice(-2 * tailCharsMax);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? signal ?? "nothing", out, err }));
  });
}

/** The report's list of checks comes before that of its aims, which decide nothing. */
export function failedChecksIn(report: string): string[] {
  const [checked = ""] = report.split(/^Aimed at:$/m);
  const failed = [...checked.matchAll(/^- NO: (.*)$/gm)].map((match) => match[1] ?? "");
  return failed.length > 0 ? failed : ["a check failed"];
}
