import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * Goal: a program that was killed finds at its next start what it was compiled to, and one that may not
 * keep it runs all the same. Method: programs of their own that load a file of ours, keep what came of it
 * in a folder of the test, and are killed from outside: to itself a program would not do it at once.
 */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sortline-compiled-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = (kept: string, keep: string): string => `
  import { useCompiledCode } from "./edge/runtime/compiled-code.ts";
  const compiled = useCompiledCode(${JSON.stringify(kept)});
  await import("./protocols/facts.ts");
  ${keep}
  setInterval(() => {}, 1_000);
  console.log("loaded");
`;

/** Killed when it has said that all is loaded; what it printed, and by what it ended. */
async function run(code: string): Promise<{ readonly out: string; readonly signal: unknown }> {
  const { NODE_COMPILE_CACHE: _theTests, ...env } = process.env;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [out] = await Promise.race([once(child.stdout, "data"), ended]);
  child.kill("SIGKILL");
  const [, signal] = await ended;
  return { out: String(out), signal };
}

const keptIn = async (path: string): Promise<number> =>
  (await readdir(path, { recursive: true }).catch(() => [])).length;

describe("compiled code", () => {
  test("outlives a program that is killed, once it was kept", async () => {
    const path = join(folder, "kept");
    expect(await run(program(path, ""))).toEqual({ out: "loaded\n", signal: "SIGKILL" });
    const before = await keptIn(path);
    expect(await run(program(path, "compiled.keep();"))).toEqual({
      out: "loaded\n",
      signal: "SIGKILL",
    });
    expect(await keptIn(path)).toBeGreaterThan(before + 10);
  });

  test("is done without where it cannot be kept", async () => {
    // A file stands where the folder would, which keeps out a superuser as well.
    const inTheWay = join(import.meta.filename, "kept");
    const ended = await run(program(inTheWay, "compiled.keep();"));
    expect(ended).toEqual({ out: "loaded\n", signal: "SIGKILL" });
  });
});
