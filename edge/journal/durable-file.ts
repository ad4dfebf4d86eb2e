import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

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

/** Makes durable which names the folder holds. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
