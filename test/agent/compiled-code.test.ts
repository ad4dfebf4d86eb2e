import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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

  test("that was left half written is removed when it is old, and no sooner", async () => {
    const path = join(folder, "left");
    await run(program(path, "compiled.keep();"));
    const [version = ""] = await readdir(path);
    const left = {
      old: join(path, version, "0a1b2c3d.Fk1s2s"),
      new: join(path, version, "0a1b2c3e.x9Y8z7"),
    };
    for (const file of Object.values(left)) await writeFile(file, "half");
    const before = new Date(Date.now() - 3_601_000);
    await utimes(left.old, before, before);
    await run(program(path, "compiled.keep();"));
    const names = await readdir(join(path, version));
    expect(names).not.toContain(basename(left.old));
    expect(names).toContain(basename(left.new));
    expect(names.length).toBeGreaterThan(10);
  });

  test("is done without where it cannot be kept", async () => {
    // A file stands where the folder would, which keeps out a superuser as well.
    const inTheWay = join(import.meta.filename, "kept");
    const ended = await run(program(inTheWay, "compiled.keep();"));
    expect(ended).toEqual({ out: "loaded\n", signal: "SIGKILL" });
  });
});
