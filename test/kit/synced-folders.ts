import { readdirSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";

/** Folders that were to be synced during `work`, which is not done: which one, and what it held. */
export async function syncedFolders(
  work: () => Promise<unknown>,
): Promise<readonly (readonly [inode: number, names: readonly string[]])[]> {
  const own = await mkdtemp(join(tmpdir(), "sortline-synced-"));
  const handle = await open(own, "r");
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  const synced: (readonly [number, readonly string[]])[] = [];
  const spy = vi.spyOn(prototype, "sync").mockImplementation(async function sync(
    this: typeof handle,
  ) {
    const at = await this.stat();
    if (at.isDirectory()) synced.push([at.ino, readdirSync(`/proc/self/fd/${this.fd}`)]);
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
    await handle.close();
    await rm(own, { recursive: true });
  }
  return synced;
}
