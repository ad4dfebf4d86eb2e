import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bytesAParcel, type BytesAParcel } from "../../claims/reach.ts";
import type { Broker } from "../broker.ts";
import { percentile } from "../samples.ts";
import {
  beginCentre,
  loadCentre,
  restartMsOf,
  type CentreLoad,
  type CentreLoaded,
} from "./centre.ts";
import { writeCentreFile } from "./centre-file.ts";
import type { GoneMeasured, StoreMeasured } from "./peer.ts";

/**
 * A whole centre with few and with many manifests, its document store by itself, and one in memory for
 * comparison; and what a parcel costs its line on a site of one line and of many.
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

export interface StoreSize {
  readonly manifests: number;
  readonly centre: CentreMeasured;
  readonly store: StoreMeasured;
}

interface CentreMeasured extends Omit<CentreLoaded, "lastWaybill"> {
  /** From spawning the process to its answer about a parcel: the median, and the longest. */
  readonly restartMs: number;
  readonly restartMsMax: number;
  readonly restartsTotal: number;
}

interface StoreShapeOptions {
  readonly broker: Broker;
  readonly folder: string;
  readonly isQuick: boolean;
  readonly tell: (text: string) => void;
}

interface Sizes {
  readonly small: number;
  readonly large: number;
  readonly load: Omit<CentreLoad, "held">;
  readonly restarts: number;
  readonly gone: { readonly count: number; readonly warmUp: number };
}

const sizes: Sizes = {
  small: 10_000,
  large: 1_000_000,
  // Few enough that no restore point is made before the kill: a start finds nearly as many as it ever may.
  load: { looks: 10_000, takenIn: 1_800 },
  restarts: 7,
  gone: { count: 100_000, warmUp: 10_000 },
};
const quickSizes: Sizes = {
  small: 2_000,
  large: 20_000,
  load: { looks: 1_000, takenIn: 500 },
  restarts: 3,
  gone: { count: 2_000, warmUp: 1_000 },
};

const peer = fileURLToPath(new URL("peer.ts", import.meta.url));
const runPeer = async (...args: readonly string[]): Promise<string> =>
  // With it memory is measured without what only waits to be collected.
  (await promisify(execFile)(process.execPath, ["--expose-gc", peer, ...args])).stdout;

export async function runStoreShape(options: StoreShapeOptions): Promise<StoreShapeRun> {
  const plan = options.isQuick ? quickSizes : sizes;
  const { takenIn } = plan.load;
  const memory = JSON.parse(await runPeer("memory", String(takenIn))) as StoreMeasured;
  const small = await fillCentre(options, plan.small, plan);
  const large = await fillCentre(options, plan.large, plan);
  const restarts = await restartInTurns([small, large], plan.restarts);
  const sizeOf = async (filled: FilledCentre): Promise<StoreSize> => {
    const { manifests, file, residentMiB, inputsBehind } = filled;
    const centre = { residentMiB, inputsBehind, ...restartsIn(restarts.get(filled) ?? []) };
    options.tell(`  ${manifests}: there again after ${Math.round(centre.restartMs)} ms`);
    const output = await runPeer("measure", file, String(manifests), String(takenIn));
    await rm(filled.folder, { recursive: true });
    return { manifests, centre, store: JSON.parse(output) as StoreMeasured };
  };
  return {
    small: await sizeOf(small),
    large: await sizeOf(large),
    memoryCpuMsPerManifest: memory.cpuMsPerManifest,
    gone: await measureGone(options, plan.gone),
    lines: await measureLines(options),
  };
}

interface FilledCentre extends CentreLoaded {
  readonly manifests: number;
  readonly folder: string;
  /** Its configuration. */
  readonly file: string;
}

async function fillCentre(
  { broker, folder: parent, tell }: StoreShapeOptions,
  manifests: number,
  { load }: Sizes,
): Promise<FilledCentre> {
  const folder = join(parent, `centre-${manifests}`);
  await mkdir(folder);
  const file = await writeCentreFile(folder, broker.url);
  tell(`centre, filling it with ${manifests} manifests`);
  await beginCentre(file);
  await runPeer("fill", file, String(manifests));
  tell("  it is asked and told, and killed");
  const loaded = await loadCentre(file, { held: manifests, ...load });
  tell(`  ${Math.round(loaded.residentMiB)} MiB`);
  return { manifests, folder, file, ...loaded };
}

/** One after the other, again and again, so that what else the machine does meets all alike. */
async function restartInTurns(
  centres: readonly FilledCentre[],
  restarts: number,
): Promise<ReadonlyMap<FilledCentre, readonly number[]>> {
  const times = new Map(centres.map((centre) => [centre, [] as number[]]));
  for (let count = 0; count < restarts; count += 1) {
    for (const [{ file, lastWaybill }, own] of times)
      own.push(await restartMsOf(file, lastWaybill));
  }
  return times;
}

function restartsIn(times: readonly number[]): Omit<CentreMeasured, keyof CentreLoaded> {
  const sorted = times.toSorted((one, other) => one - other);
  return {
    restartMs: percentile(sorted, 0.5),
    restartMsMax: percentile(sorted, 1),
    restartsTotal: times.length,
  };
}

const linesTotal = 40;

async function measureLines({ tell }: StoreShapeOptions): Promise<LinesReach> {
  tell(`what a parcel costs its line on a site of one line and of ${linesTotal}`);
  return { linesTotal, one: await bytesAParcel(1), all: await bytesAParcel(linesTotal) };
}

async function measureGone(
  { folder, tell }: StoreShapeOptions,
  { count, warmUp }: Sizes["gone"],
): Promise<GoneMeasured> {
  const file = join(folder, "store-gone.db");
  tell(`document store, ${count} manifests come, are released and leave for the archive`);
  const output = await runPeer("gone", file, String(count), String(warmUp));
  await rm(file);
  await rm(`${file}-archive`, { recursive: true });
  return JSON.parse(output) as GoneMeasured;
}
