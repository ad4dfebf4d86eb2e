import { spawn, type ChildProcess } from "node:child_process";
import { pathOfProgram } from "../kit/programs.ts";

/** Foreign programs that the layer `peers` tries ours against, by the Debian package they are in. */
export const peers = [
  { program: "mosquitto", debianPackage: "mosquitto" },
  { program: "mosquitto_pub", debianPackage: "mosquitto-clients" },
  { program: "mosquitto_sub", debianPackage: "mosquitto-clients" },
  { program: "socat", debianPackage: "socat" },
  { program: "curl", debianPackage: "curl" },
  { program: "dump2dcm", debianPackage: "dcmtk" },
] as const;
type Program = (typeof peers)[number]["program"];

const startMsMax = 10_000;
const askEveryMs = 10;

/** A foreign program that runs; `stop` is asked for politely and resolves once it has ended. */
export interface RunningPeer {
  stop(): Promise<void>;
}

export interface PeerStart {
  readonly program: Program;
  readonly args: readonly string[];
  /** Asked again and again: such programs do not say by themselves when they are ready. */
  readonly isReady: () => boolean | Promise<boolean>;
}

export async function startPeer({ program, args, isReady }: PeerStart): Promise<RunningPeer> {
  const path = pathOfProgram(program);
  if (path === undefined) throw new Error(whyMissing([program]));
  const child = spawn(path, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const endsAt = performance.now() + startMsMax;
  while (!(await isReady())) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > endsAt) {
      child.kill("SIGKILL");
      throw new Error(`${program} ${hasEnded ? "ended" : "is not ready in time"}: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  return { stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

export function whyMissing(programs: readonly string[]): string {
  const packages = peers
    .filter(({ program }) => programs.includes(program))
    .map(({ debianPackage }) => debianPackage);
  const wanted = [...new Set(packages)].join(" ");
  return `not installed: ${programs.join(", ")}. On Debian: apt-get install ${wanted}`;
}
