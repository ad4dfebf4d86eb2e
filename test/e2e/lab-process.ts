import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The lab as `npm start` runs it, in a folder of its own that goes with it. */
export interface RunningLab {
  readonly url: string;
  /** What it printed, for a test that fails. */
  readonly printed: readonly string[];
  stop(): Promise<number | null>;
}

const startMsMax = 120_000;

export async function startLab(args: readonly string[]): Promise<RunningLab> {
  const folder = await mkdtemp(join(tmpdir(), "sortline-e2e-"));
  const child = spawn(
    process.execPath,
    ["simulators/lab/main.ts", "--port", "0", "--data", folder, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const printed: string[] = [];
  const url = await addressOf(child, printed);
  return {
    url,
    printed,
    stop: async () => {
      const code = await new Promise<number | null>((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}

function addressOf(child: ChildProcess, printed: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      child.kill("SIGTERM");
      reject(new Error(`the lab printed no address:\n${printed.join("\n")}`));
    }, startMsMax);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (text) => {
        printed.push(text);
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
        if (url === undefined) return;
        clearTimeout(timeout);
        resolve(url);
      });
    }
    child.once("exit", (code) => {
      clearTimeout(timeout);
      reject(new Error(`the lab ended with ${code}:\n${printed.join("\n")}`));
    });
  });
}

/** Asks again and again until there is an answer; the test's own limit ends it. */
export async function until<T>(ask: () => Promise<T | null>, msMax: number): Promise<T> {
  const giveUpAt = performance.now() + msMax;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > giveUpAt) throw new Error(`no answer within ${msMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
