import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file whose name ends so is what an interrupted write has left behind. */
export const halfSuffix = ".part";

/**
 * Puts a file in its place whole or not at all, durable when it resolves: written aside, synced,
 * renamed, and its folder synced, because a new name is only as durable as the folder. Rejects with
 * what the disk says, and leaves nothing behind. `mode` says who may read it, as far as the process
 * may say so.
 */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  const aside = `${path}.${randomUUID()}${halfSuffix}`;
  try {
    const file = await open(aside, "wx", mode);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    // The first error is the one to tell; what cannot be removed now is never read.
    await rm(aside, { force: true }).catch(() => "left");
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Removes what interrupted writes of this file have left beside it. For its only writer, while it is
 * not being written. Whoever keeps a whole folder of such files sees to it when he lists the folder.
 */
export async function removeHalves(path: string): Promise<void> {
  const folder = dirname(path);
  const nameOfHalf = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const isHalf = name.startsWith(nameOfHalf) && name.endsWith(halfSuffix);
    if (isHalf) await rm(join(folder, name), { force: true });
  }
}

/** Makes durable which names the folder holds. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
