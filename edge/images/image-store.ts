import { hash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { halfSuffix, writeDurably } from "./durable-file.ts";
import { zSha256 } from "../../protocols/sorting.ts";

/**
 * Images by their SHA-256, one file each. A file appears whole or not at all and is checked when it
 * is read. When the store is full the oldest go first: the journals keep every hash, the store only
 * what officers and stories still look at.
 *
 * Nothing rejects: a disk that fails is counted, and the image is not there.
 */
export interface ImageStore {
  /** Stored, or there already. `hashWrong`: the bytes are not what the sender says. */
  put(sha256: string, bytes: Uint8Array): Promise<PutImage>;
  /** Null when it is not there, or is not what it was; then it is removed. */
  read(sha256: string): Promise<Uint8Array | null>;
  has(sha256: string): boolean;
  counters(): ImageStoreCounters;
}

type PutImage = "stored" | "hashWrong" | "tooBig" | "busy" | "failed";

interface ImageStoreCounters {
  readonly images: number;
  readonly bytes: number;
  readonly storedTotal: number;
  readonly evictedTotal: number;
  readonly refusedTotal: number;
  readonly failedTotal: number;
  readonly damagedTotal: number;
}

export interface ImageStoreOptions {
  /** Made if it is not there. */
  readonly folder: string;
  readonly storedBytesMax: number;
}

/** Images being written at once; more are refused, and asked for again later. */
export const imagesBeingWrittenMax = 64;

export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  await mkdir(options.folder, { recursive: true });
  return createStore(options, await readFolder(options.folder));
}

/** Names and sizes, oldest first; what an interrupted write left behind is removed. */
async function readFolder(folder: string): Promise<Map<string, number>> {
  const found: { name: string; bytes: number; writtenAtMs: number }[] = [];
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (name.endsWith(halfSuffix)) await rm(file, { force: true });
    if (!zSha256.safeParse(name).success) continue;
    const { size, mtimeMs } = await stat(file);
    found.push({ name, bytes: size, writtenAtMs: mtimeMs });
  }
  found.sort((a, b) => a.writtenAtMs - b.writtenAtMs);
  return new Map(found.map(({ name, bytes }) => [name, bytes]));
}

function createStore(options: ImageStoreOptions, held: Map<string, number>): ImageStore {
  const { folder, storedBytesMax } = options;
  const writing = new Map<string, Promise<PutImage>>();
  const totals = {
    storedTotal: 0,
    evictedTotal: 0,
    refusedTotal: 0,
    failedTotal: 0,
    damagedTotal: 0,
  };
  let bytes = [...held.values()].reduce((sum, size) => sum + size, 0);

  const drop = async (sha256: string): Promise<void> => {
    bytes -= held.get(sha256) ?? 0;
    held.delete(sha256);
    await rm(join(folder, sha256), { force: true });
  };

  const evict = async (): Promise<void> => {
    for (const oldest of held.keys()) {
      if (bytes <= storedBytesMax) return;
      totals.evictedTotal += 1;
      await drop(oldest);
    }
  };

  const write = async (sha256: string, content: Uint8Array): Promise<PutImage> => {
    try {
      await writeDurably(join(folder, sha256), content);
      held.set(sha256, content.byteLength);
      bytes += content.byteLength;
      totals.storedTotal += 1;
      await evict();
      return "stored";
    } catch {
      totals.failedTotal += 1;
      return "failed";
    }
  };

  const refuse = (why: "hashWrong" | "tooBig" | "busy"): Promise<PutImage> => {
    totals.refusedTotal += 1;
    return Promise.resolve(why);
  };

  const put = (sha256: string, content: Uint8Array): Promise<PutImage> => {
    if (held.has(sha256)) return Promise.resolve("stored");
    const underWay = writing.get(sha256);
    if (underWay !== undefined) return underWay;
    if (content.byteLength > storedBytesMax) return refuse("tooBig");
    if (hash("sha256", content, "hex") !== sha256) return refuse("hashWrong");
    if (writing.size >= imagesBeingWrittenMax) return refuse("busy");
    const outcome = write(sha256, content).finally(() => writing.delete(sha256));
    writing.set(sha256, outcome);
    return outcome;
  };

  const read = async (sha256: string): Promise<Uint8Array | null> => {
    if (!held.has(sha256)) return null;
    try {
      const content = await readFile(join(folder, sha256));
      if (hash("sha256", content, "hex") === sha256) return content;
      totals.damagedTotal += 1;
      await drop(sha256);
    } catch {
      totals.failedTotal += 1;
      bytes -= held.get(sha256) ?? 0;
      held.delete(sha256);
    }
    return null;
  };

  return {
    put,
    read,
    has: (sha256) => held.has(sha256),
    counters: () => ({ images: held.size, bytes, ...totals }),
  };
}
