import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { parseJson } from "../../protocols/json-message.ts";

/**
 * One process of the lab: started, listened to until it says that it is ready, started anew when it
 * dies, and stopped by its own id.
 */
export interface LabChild {
  readonly name: string;
  /** What the process said when it was ready last; a new object each time. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: () => number | undefined;
  /**
   * For the first time, or after `hold`. Resolves when it is ready; rejects when it ends, or says
   * nothing for a minute, before.
   */
  start(): Promise<void>;
  /** Kills it as a power cut would, and keeps it down. Resolves when it has ended. */
  hold(): Promise<void>;
  /** From now on nobody starts it anew when it ends. */
  retire(): void;
  stop(): Promise<void>;
}

export interface LabChildOptions {
  readonly name: string;
  /** Node's arguments: the file and its own. */
  readonly args: readonly string[];
  readonly onLine: (name: string, text: string) => void;
}

const restartAfterMs = 1_000;
const stopMsMax = 8_000;
const readyMsMax = 60_000;

/** Loaded before the program, so that it ends together with the lab; `leash.ts` says how. */
const leash = new URL("./leash.ts", import.meta.url).href;

export function createChild(options: LabChildOptions): LabChild {
  let current: ChildProcess | null = null;
  let ready: Readonly<Record<string, unknown>> = {};
  let isWanted = false;
  let restart: NodeJS.Timeout | null = null;

  const sayWhy = (error: unknown): void =>
    options.onLine(options.name, error instanceof Error ? error.message : String(error));

  const launch = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--import", leash, ...options.args], {
        stdio: ["ignore", "pipe", "pipe"],
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
        resolve();
      });
      createInterface({ input: child.stderr }).on("line", (text) => {
        options.onLine(options.name, text);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        clearTimeout(timeout);
        reject(new Error(`${options.name} ended (${signal ?? `code ${code}`})`));
        if (!isWanted) return;
        options.onLine(options.name, `ended (${signal ?? `code ${code}`}); starting anew`);
        restart = setTimeout(() => void launch().catch(sayWhy), restartAfterMs);
      });
    });

  const retire = (): void => {
    isWanted = false;
    if (restart !== null) clearTimeout(restart);
  };

  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    retire();
    const child = current;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const insist = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
      child.once("exit", () => {
        clearTimeout(insist);
        resolve();
      });
      child.kill(signal);
    });
  };

  return {
    name: options.name,
    get ready() {
      return ready;
    },
    pid: () => current?.pid,
    async start() {
      await launch();
      isWanted = true;
    },
    retire,
    hold: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

const zReady = z.looseObject({ kind: z.literal("ready") });

function readyOf(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith("{")) return null;
  const parsed = parseJson(text);
  const said = parsed.kind === "ok" ? zReady.safeParse(parsed.value) : null;
  return said?.success === true ? said.data : null;
}
