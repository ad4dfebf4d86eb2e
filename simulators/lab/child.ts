import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * One process of the lab: started, listened to until it says that it is ready, started anew when it
 * dies, and stopped by its own id.
 */
export interface LabChild {
  readonly name: string;
  /** What the process said when it was ready last. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
}

export interface LabChildOptions {
  readonly name: string;
  /** Node's arguments: the file and its own. */
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine: (name: string, text: string) => void;
}

const restartAfterMs = 1_000;
const stopMsMax = 8_000;
const readyMsMax = 60_000;

/** Rejects when the process ends, or says nothing for a minute, before it was ready once. */
export async function startChild(options: LabChildOptions): Promise<LabChild> {
  let current: ChildProcess | null = null;
  let ready: Readonly<Record<string, unknown>> = {};
  let isStopping = false;
  let restart: NodeJS.Timeout | null = null;

  const launch = (): Promise<Readonly<Record<string, unknown>>> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...options.args], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...options.env },
      });
      current = child;
      const timeout = setTimeout(() => {
        reject(new Error(`${options.name}: not ready after ${readyMsMax} ms`));
      }, readyMsMax);
      createInterface({ input: child.stdout }).on("line", (text) => {
        const said = readyOf(text);
        if (said === null) return options.onLine(options.name, text);
        clearTimeout(timeout);
        ready = said;
        resolve(said);
      });
      createInterface({ input: child.stderr }).on("line", (text) => {
        options.onLine(options.name, text);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        clearTimeout(timeout);
        reject(new Error(`${options.name} ended (${signal ?? `code ${code}`})`));
        if (isStopping) return;
        options.onLine(options.name, `ended (${signal ?? `code ${code}`}); starting anew`);
        restart = setTimeout(() => void launch().catch(() => undefined), restartAfterMs);
      });
    });

  const stop = async (): Promise<void> => {
    isStopping = true;
    if (restart !== null) clearTimeout(restart);
    const child = current;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const insist = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
      child.once("exit", () => {
        clearTimeout(insist);
        resolve();
      });
      child.kill("SIGTERM");
    });
  };

  try {
    await launch();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: options.name,
    get ready() {
      return ready;
    },
    pid: () => current?.pid,
    stop,
  };
}

function readyOf(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith("{")) return null;
  try {
    const said: unknown = JSON.parse(text);
    const isReady =
      typeof said === "object" && said !== null && "kind" in said && said.kind === "ready";
    return isReady ? (said as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
