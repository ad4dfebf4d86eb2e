import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";

/**
 * For a file that tries real OPC UA servers, called at its top: a folder of its own for certificates,
 * and what each test has begun ends behind it, the last first.
 */
export function useOpcuaStand(prefix: string) {
  let folder = "";
  const atEnd: (() => Promise<void> | void)[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), prefix));
  });
  afterEach(async () => {
    for (const end of atEnd.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return { path: (name: string): string => join(folder, name), atEnd };
}
