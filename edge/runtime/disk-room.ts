import { statfs } from "node:fs/promises";
import type { DiskRoom } from "../../protocols/storage.ts";

/**
 * What the system says of the disk that holds `folder`; null when it says nothing. What only its
 * administrator may still use is not counted.
 */
export async function readDiskRoom(folder: string): Promise<DiskRoom | null> {
  try {
    const { bsize, bavail, blocks, files, ffree } = await statfs(folder);
    return {
      freeBytes: bavail * bsize,
      totalBytes: blocks * bsize,
      // Some file systems make such entries as they need them, and count none.
      freeFiles: files === 0 ? null : ffree,
    };
  } catch {
    return null;
  }
}
