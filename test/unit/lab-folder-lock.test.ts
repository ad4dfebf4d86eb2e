import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "../../simulators/lab/folder-lock.ts";

/**
 * One lab a data folder: a second one would write its own ports into the files of the first. Tried
 * with this process's parent as the one that is alive, and with an id that nobody has.
 */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder that a living lab holds is refused, by its process id", () => {
  writeFileSync(join(folder, "lab.pid"), `${process.ppid}\n`);
  expect(() => lockFolder(folder)).toThrow(`process id ${process.ppid}`);
});

test("what a dead lab left is taken over, and a released folder is free", () => {
  writeFileSync(join(folder, "lab.pid"), "999999999\n");
  lockFolder(folder).release();
  expect(() => lockFolder(folder)).not.toThrow();
});
