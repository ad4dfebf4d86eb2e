import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { StoreMeasured } from "./peer.ts";

/** The document store with few and with many manifests, and in memory for comparison. */
export interface StoreShapeRun {
  readonly small: StoreSize;
  readonly large: StoreSize;
  /** CPU of a manifest where nothing goes to a disk. */
  readonly memoryCpuMsPerManifest: number;
}

export interface StoreSize extends StoreMeasured {
  readonly manifests: number;
}

interface StoreShapeOptions {
  readonly folder: string;
  readonly isQuick: boolean;
  readonly tell: (text: string) => void;
}

const sizes = { small: 10_000, large: 1_000_000, takenIn: 2_000 } as const;
const quickSizes = { small: 2_000, large: 20_000, takenIn: 500 } as const;

const peer = fileURLToPath(new URL("peer.ts", import.meta.url));
const runPeer = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [peer, ...args])).stdout;

export async function runStoreShape(options: StoreShapeOptions): Promise<StoreShapeRun> {
  const { small, large, takenIn } = options.isQuick ? quickSizes : sizes;
  const memory = JSON.parse(await runPeer("memory", String(takenIn))) as StoreMeasured;
  return {
    small: await measureSize(options, small, takenIn),
    large: await measureSize(options, large, takenIn),
    memoryCpuMsPerManifest: memory.cpuMsPerManifest,
  };
}

async function measureSize(
  { folder, tell }: StoreShapeOptions,
  manifests: number,
  takenIn: number,
): Promise<StoreSize> {
  const file = join(folder, `store-${manifests}.db`);
  tell(`document store, filling it with ${manifests} manifests`);
  await runPeer("fill", file, String(manifests));
  const output = await runPeer("measure", file, String(manifests), String(takenIn));
  await rm(file);
  return { manifests, ...(JSON.parse(output) as StoreMeasured) };
}
