import { mkdir, readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { halfSuffix, writeDurably } from "./durable-file.ts";

/**
 * Where a line agent keeps the images it was sent until the centre has them, and a while longer.
 * An image counts only after `store` has said that it is kept (law 9).
 */
export interface ImageSpool {
  /** `then` gets false when the image could not be kept; it then counts as missing. */
  store(sha256: string, bytes: Uint8Array, then: (isStored: boolean) => void): void;
  /** Null when it is not kept any more. */
  read(sha256: string): Promise<Uint8Array | null>;
}

export const spoolImagesMax = 2_000;

/** Files named by their hash, durable before they count; the oldest go first. */
export async function openImageSpool(directory: string): Promise<ImageSpool> {
  await mkdir(directory, { recursive: true });
  const found = await readdir(directory);
  // What an interrupted write left behind.
  const halves = found.filter((name) => name.endsWith(halfSuffix));
  await Promise.all(halves.map((name) => rm(join(directory, name), { force: true })));
  const names = found.filter((name) => /^[0-9a-f]{64}$/.test(name));
  const ages = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  const kept = ages.toSorted((one, other) => one.at - other.at).map(({ name }) => name);
  const held = new Set(kept);

  const keep = async (sha256: string, bytes: Uint8Array): Promise<boolean> => {
    if (held.has(sha256)) return true;
    try {
      await writeDurably(join(directory, sha256), bytes);
    } catch {
      return false;
    }
    held.add(sha256);
    kept.push(sha256);
    const oldest = kept.length > spoolImagesMax ? kept.shift() : undefined;
    if (oldest !== undefined) {
      held.delete(oldest);
      await rm(join(directory, oldest), { force: true }).catch(() => undefined);
    }
    return true;
  };

  return {
    store: (sha256, bytes, then) => void keep(sha256, bytes).then(then),
    read: async (sha256) => {
      try {
        return await readFile(join(directory, sha256));
      } catch {
        return null;
      }
    },
  };
}

/** For virtual time: nothing outlives the run. */
export function createMemoryImageSpool(imagesMax = spoolImagesMax): ImageSpool {
  const images = new Map<string, Uint8Array>();
  return {
    store: (sha256, bytes, then) => {
      images.set(sha256, bytes);
      const oldest = images.size > imagesMax ? images.keys().next().value : undefined;
      if (oldest !== undefined) images.delete(oldest);
      then(true);
    },
    read: async (sha256) => images.get(sha256) ?? null,
  };
}
