import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { answer } from "../../protocols/command-line.ts";
import { createSystemClock } from "../clock/system-clock.ts";
import { reachBelt } from "./belt-link.ts";
import { startDeviceAlone } from "./device-alone.ts";
import { readAloneOptions, type AloneOptions } from "./options.ts";
import { startSorterAlone } from "./sorter-alone.ts";

const log = (event: Readonly<Record<string, unknown>>): void => {
  console.log(JSON.stringify(event));
};

interface Started {
  readonly at: string;
  stop(): Promise<void>;
}

async function startAlone(options: AloneOptions): Promise<Started> {
  const clock = createSystemClock();
  const certificatesFolder = options.certificatesFolder ?? folderOfThisStart();
  if (options.device === "sorter" || options.device === "plc-map") {
    const run = options.run ?? 1 + (Math.floor(clock.wall() / 60_000) % 1_000_000);
    const { speed } = options;
    const worldClock = speed === 1 ? clock : createSystemClock({ speed });
    return startSorterAlone(options, { clock, worldClock, run, certificatesFolder, log });
  }
  let tellBelt: (message: { kind: "decoded"; isGood: boolean }) => void = () => {};
  const device = await startDeviceAlone(options, {
    clock,
    tellBelt: (message) => tellBelt(message),
    certificatesFolder,
    log,
  });
  if (options.isTyped) {
    const lines = createInterface({ input: process.stdin });
    lines.on("line", (line) => {
      if (!device.takeTyped(line)) log({ kind: "notUnderstood", line });
    });
    return device;
  }
  const belt = reachBelt(options.beltPort, {
    onMessage: (message) => device.take(message),
    onReached: () => log({ kind: "beltReached" }),
    onLost: (why) => log({ kind: "beltLost", why }),
  });
  tellBelt = (message) => belt.tell(message);
  return {
    at: device.at,
    async stop() {
      belt.close();
      await device.stop();
    },
  };
}

function folderOfThisStart(): string {
  const folder = mkdtempSync(join(tmpdir(), "sortline-simulate-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function main(): Promise<void> {
  const read = readAloneOptions(process.argv.slice(2));
  if (read.kind !== "options") {
    process.exitCode = answer(read, console);
    return;
  }
  const { options } = read;
  const started = await startAlone(options);
  log({ kind: "ready", device: options.device, at: started.at });
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      started.stop().then(() => process.exit(0), fail);
    });
  }
}

function fail(error: unknown): void {
  console.error(`simulate: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

await main().catch(fail);
