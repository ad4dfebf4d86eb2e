import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

/**
 * One process of a measurement. It says in JSON lines what happens; unlike the lab's, one that dies
 * is not started anew, because then there is nothing left to measure.
 */
export interface BenchChild {
  readonly name: string;
  readonly pid: number;
  /** From spawning to its ready line. */
  readonly startMs: number;
  readonly ready: BenchLine;
  /** The first line of this kind, said already or to come. Rejects when the process ends before. */
  said(kind: string): Promise<BenchLine>;
  /** Writes one line to its standard input. */
  tell(word: string): void;
  stop(): Promise<void>;
  /** At once, as a crash does it; resolves when it is gone. */
  kill(): Promise<void>;
  /** Rejects when the process ends without having been told to. */
  readonly died: Promise<never>;
}

export type BenchLine = Readonly<Record<string, unknown>>;

export interface BenchChildOptions {
  readonly name: string;
  /** Path from the repository's root, and the program's own arguments. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const stopMsMax = 20_000;
const askEveryMs = 20;

export function startNode(options: BenchChildOptions): Promise<BenchChild> {
  const { name, program, args = [], nodeArgs = [] } = options;
  const command = [process.execPath, ...nodeArgs, `${root}${program}`, ...args] as const;
  return startProcess({ name, command });
}

/** The work's outcome, or what ended the first of the processes that it needs. */
export const whileAlive = <T>(children: readonly BenchChild[], work: Promise<T>): Promise<T> =>
  Promise.race([work, ...children.map(({ died }) => died)]);

interface ProcessOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Asked again and again, of a program that does not say by itself when it is ready. */
  readonly isReady?: () => Promise<boolean>;
}

export async function startProcess(options: ProcessOptions): Promise<BenchChild> {
  const [file, ...args] = options.command;
  const startedAt = performance.now();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  const lines = collectLines(child, options.name);
  let isStopping = false;
  const died = new Promise<never>((_resolve, reject) => {
    child.once("exit", (code, signal) => {
      if (!isStopping) reject(new Error(`${options.name} ended (${signal ?? code})`));
    });
  });
  // Whoever measures looks at it; until then nobody need.
  died.catch(() => undefined);
  if (options.isReady !== undefined) {
    while (!(await options.isReady())) await Promise.race([lines.said("ready"), pause(askEveryMs)]);
    lines.hear({ kind: "ready" });
  }
  const ready = await lines.said("ready");
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name} has no process id`);
  return {
    name: options.name,
    pid,
    startMs: performance.now() - startedAt,
    ready,
    said: lines.said,
    tell: (word) => child.stdin.write(`${word}\n`),
    stop: () => {
      isStopping = true;
      return stop(child);
    },
    kill: () => {
      isStopping = true;
      return endBy(child, "SIGKILL");
    },
    died,
  };
}

interface Waiter {
  readonly kind: string;
  resolve(line: BenchLine): void;
  reject(error: Error): void;
}

function collectLines(child: ChildProcess, name: string) {
  const heard = new Map<string, BenchLine>();
  const waiting: Waiter[] = [];
  let ended: Error | null = null;

  const hear = (line: BenchLine): void => {
    const kind = String(line["kind"]);
    if (!heard.has(kind)) heard.set(kind, line);
    for (const waiter of waiting.filter((each) => each.kind === kind)) waiter.resolve(line);
  };
  const end = (error: Error): void => {
    ended = error;
    for (const waiter of waiting) waiter.reject(error);
  };
  const take = (text: string): void => {
    const line = text.startsWith("{") ? jsonOf(text) : null;
    if (line === null) console.error(`[${name}] ${text}`);
    else hear(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", take);
  }
  child.once("error", end);
  child.once("exit", (code, signal) => end(new Error(`${name} ended (${signal ?? code})`)));

  return {
    hear,
    said: (kind: string): Promise<BenchLine> =>
      new Promise((resolve, reject) => {
        const line = heard.get(kind);
        if (line !== undefined) resolve(line);
        else if (ended !== null) reject(ended);
        else waiting.push({ kind, resolve, reject });
      }),
  };
}

function jsonOf(text: string): BenchLine | null {
  try {
    return JSON.parse(text) as BenchLine;
  } catch {
    return null;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function stop(child: ChildProcess): Promise<void> {
  const insist = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
  await endBy(child, "SIGTERM");
  clearTimeout(insist);
}

async function endBy(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
