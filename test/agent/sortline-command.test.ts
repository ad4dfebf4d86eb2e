import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * Goal: `sortline` is every npm script as a command, on the Node that came with the packages
 * whatever Node starts it, and an installation says what it lacks. Method: the real command, and a
 * copy of bin beside a stand-in for that Node, which tells what it was asked to run.
 */
const manifest = JSON.parse(await readFile("package.json", "utf8")) as {
  readonly bin: { readonly sortline: string };
  readonly scripts: Readonly<Record<string, string>>;
};
const programs = Object.entries(manifest.scripts)
  .filter(([name]) => name !== "postinstall")
  .map(([name, line]) => [name, line.replace(/^node /, "")] as const);

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 30_000 };
    execFile(process.execPath, [file, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    );
  });
}

describe("sortline", () => {
  test("tells its commands, which are the npm scripts", async () => {
    const { code, out, err } = await run(manifest.bin.sortline, ["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const told = [...out.matchAll(/^ {2}(\S+) {2,}\S/gm)].map((match) => match[1]);
    expect(new Set(told)).toEqual(new Set(programs.map(([name]) => name)));
    expect(out).toMatch(/Exit codes: .*\b2 bad arguments/);
  });

  test.each([
    ["--storm", "--storm: there is no such option"],
    ["storm", "storm: there is no such command"],
    ["constructor", "constructor: there is no such command"],
    ["postinstall", "postinstall: there is no such command"],
  ])("refuses %s by name, with the usage", async (word, sentence) => {
    const help = await run(manifest.bin.sortline, ["-h"]);
    expect(await run(manifest.bin.sortline, [word])).toEqual({
      code: 2,
      out: "",
      err: `sortline: ${sentence}\n\n${help.out}`,
    });
  });

  test("wants a command, and hands a refusal of the program on", async () => {
    expect(await run(manifest.bin.sortline, [])).toMatchObject({ code: 2, out: "" });
    const { code, err } = await run(manifest.bin.sortline, ["agent", "--storm"]);
    expect(code).toBe(2);
    expect(err).toMatch(/^agent: --storm: there is no such option\n/);
  });

  test("is a file that a shell can start", () => {
    expect(execFileSync(manifest.bin.sortline, ["--help"], { encoding: "utf8" })).toMatch(
      /^Sortline: /,
    );
  });
});

describe("beside a stand-in for the packaged Node", () => {
  let root = "";
  const standIn = async (script: string): Promise<void> => {
    const file = join(root, "node_modules/.bin/node");
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  };
  const started = (...args: string[]): Promise<Ended> => run(join(root, "bin/sortline.js"), args);
  const installed = (npm = ""): Promise<Ended> =>
    run(join(root, "bin/installed.js"), [], { npm_config_user_agent: npm });

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "sortline-bin-"));
    await cp("bin", join(root, "bin"), { recursive: true });
    await writeFile(join(root, "package.json"), JSON.stringify({ type: "module" }));
    await mkdir(join(root, "node_modules/.bin"), { recursive: true });
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  test.each(programs)("%s runs %s on it, with the words given", async (name, program) => {
    await standIn('echo "$@"; exit 7');
    const out = `${join(root, program)} --one two\n`;
    expect(await started(name, "--one", "two")).toEqual({ code: 7, out, err: "" });
  });

  test("a signal to the command reaches the program, whose end is its own", async () => {
    // Were it not told, it would end with its folder: what outlives a test holds up the whole run.
    const wait = 'while [ -e "$0" ]; do sleep 0.05; done; exit 1';
    await standIn(`trap "echo told; exit 0" TERM; echo ready; ${wait}`);
    const child = spawn(process.execPath, [join(root, "bin/sortline.js"), "start"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += String(chunk);
      if (printed === "ready\n") child.kill("SIGTERM");
    });
    expect(await once(child, "close")).toEqual([0, null]);
    expect(printed).toBe("ready\ntold\n");
  });

  test("an installation says what runs, and what npm's own Node matters", async () => {
    await standIn("echo v24.21.0");
    const { code, out } = await installed("npm/11.19.1 node/v20.20.2 linux x64");
    expect(code).toBe(0);
    expect(out).toMatch(/^Sortline is ready: .*Node v24\.21\.0.*npm's own v20\.20\.2.*\n$/);
    const same = await installed("npm/11.19.1 node/v24.21.0 linux x64");
    expect(same.out).not.toContain("npm's own");
  });

  test("an installation names what cannot be loaded, and what compiling takes", async () => {
    await standIn("printf 'v24.21.0\\nsqlite3\\nnode-pty\\n'");
    const { code, out, err } = await installed();
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^Sortline cannot run yet: sqlite3, node-pty cannot .*compiler.*\n$/);
  });

  test("a Node that does not run, or is not there, is said in a sentence", async () => {
    await standIn("exit 126");
    expect(await installed()).toMatchObject({ code: 1, out: "" });
    await rm(join(root, "node_modules/.bin/node"));
    const { code, err } = await started("start");
    expect(code).toBe(1);
    expect(err).toMatch(/^sortline: .* is missing: npm ci brings it.*\n$/);
    expect(await installed()).toMatchObject({ code: 1 });
  });
});
