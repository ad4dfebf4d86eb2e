// Goal: whoever needs the page gets a whole one, also if others build it in the same place at the same
// moment. Method: two processes build into one empty folder.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = `
  const { buildPage } = await import(process.argv[1]);
  const { firstScriptGzipBytes } = await buildPage({ outDir: process.argv[2] });
  console.log(firstScriptGzipBytes);`;
const buildFile = new URL("../../control-ui/build.ts", import.meta.url).href;

test("a page that two processes build at once is whole for both", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sortline-page-"));
  const outDir = join(folder, "dist");
  const argv = ["--input-type=module", "-e", program, buildFile, outDir];
  const build = () => promisify(execFile)(process.execPath, argv);
  const [one, other] = await Promise.all([build(), build()]);
  expect(Number(one.stdout)).toBeGreaterThan(10_000);
  expect(other.stdout).toBe(one.stdout);
  expect(await readdir(folder)).toEqual(["dist"]);
  expect(await readdir(outDir)).toEqual(expect.arrayContaining(["assets", "index.html"]));
  await rm(folder, { recursive: true });
});
