import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/**
 * Programs of ours that say on their standard output, in a line of JSON, that they are ready. What a
 * test has started ends with it.
 */
export interface Program {
  readonly child: ChildProcess;
  /** The line that says that it is ready. */
  readonly ready: Readonly<Record<string, unknown>>;
}

/** Resolves once it says that it is ready. */
export async function startProgram(program: string, args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => end(child));
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2_000);
  });
  const ready = new Promise<Program["ready"]>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line) as Program["ready"];
      if (said["kind"] === "ready") resolve(said);
    });
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${errors}`)));
  });
  return { child, ready: await ready };
}

export const killProgram = ({ child }: Program): Promise<void> => end(child);

/** Also of one that has ended already. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
