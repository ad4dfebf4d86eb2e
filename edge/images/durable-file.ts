import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** A file whose name ends so is what an interrupted write has left behind. */
export const halfSuffix = ".part";

/**
 * Puts a file in its place whole or not at all, durable when it resolves: written aside, synced,
 * renamed, and its folder synced, because a new name is only as durable as the folder. Rejects with
 * what the disk says, and leaves nothing behind. Called by whoever keeps images.
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}${halfSuffix}`;
  try {
    const file = await open(aside, "wx");
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    // The first error is the one to tell; what cannot be removed now, the next run removes.
    await rm(aside, { force: true }).catch(() => "left");
    throw error;
  }
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
