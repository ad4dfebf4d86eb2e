import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bytesAParcel, type BytesAParcel } from "../../claims/reach.ts";
import type { GoneMeasured, StoreMeasured } from "./peer.ts";

/**
 * The document store with few and with many manifests, and in memory for comparison; and what a
 * parcel costs its line on a site of one line and of many.
 */
export interface StoreShapeRun {
  readonly small: StoreSize;
  readonly large: StoreSize;
  /** CPU of a manifest where nothing goes to a disk. */
  readonly memoryCpuMsPerManifest: number;
  readonly gone: GoneMeasured;
  readonly lines: LinesReach;
}

export interface LinesReach {
  readonly linesTotal: number;
  readonly one: BytesAParcel;
  readonly all: BytesAParcel;
}

export interface StoreSize extends StoreMeasured {
  readonly manifests: number;
}

interface StoreShapeOptions {
  readonly folder: string;
  readonly isQuick: boolean;
  readonly tell: (text: string) => void;
}

const sizes = { small: 10_000, large: 1_000_000, takenIn: 2_000, gone: 100_000 } as const;
const quickSizes = { small: 2_000, large: 20_000, takenIn: 500, gone: 10_000 } as const;

const peer = fileURLToPath(new URL("peer.ts", import.meta.url));
const runPeer = async (...args: readonly string[]): Promise<string> =>
  // With it memory is measured without what only waits to be collected.
  (await promisify(execFile)(process.execPath, ["--expose-gc", peer, ...args])).stdout;

export async function runStoreShape(options: StoreShapeOptions): Promise<StoreShapeRun> {
  const { small, large, takenIn, gone } = options.isQuick ? quickSizes : sizes;
  const memory = JSON.parse(await runPeer("memory", String(takenIn))) as StoreMeasured;
  return {
    small: await measureSize(options, small, takenIn),
    large: await measureSize(options, large, takenIn),
    memoryCpuMsPerManifest: memory.cpuMsPerManifest,
    gone: await measureGone(options, gone),
    lines: await measureLines(options),
  };
}

const linesTotal = 40;

async function measureLines({ tell }: StoreShapeOptions): Promise<LinesReach> {
  tell(`what a parcel costs its line on a site of one line and of ${linesTotal}`);
  return { linesTotal, one: await bytesAParcel(1), all: await bytesAParcel(linesTotal) };
}

async function measureGone(
  { folder, tell }: StoreShapeOptions,
  manifests: number,
): Promise<GoneMeasured> {
  const file = join(folder, "store-gone.db");
  tell(`document store, ${manifests} manifests come, are released and leave for the archive`);
  const output = await runPeer("gone", file, String(manifests));
  await rm(file);
  await rm(`${file}-archive`, { recursive: true });
  return JSON.parse(output) as GoneMeasured;
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
