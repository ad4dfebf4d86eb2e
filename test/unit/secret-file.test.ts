/**
 * Goal: a password or key is taken only from a file that nobody but its owner may use, and is never
 * told. Method: files of each kind.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { readCertificateFile } from "../../edge/devices/certificate-file.ts";
import { WireRefusal } from "../../edge/devices/network-reason.ts";
import { readPasswordFile } from "../../edge/devices/secret-file.ts";
import { temporaryFolder } from "../contract/device-rig.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());

function file(name: string, text: string, mode = 0o600): string {
  const path = folder.path(name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function refusal(path: string): Promise<string> {
  const error: unknown = await readPasswordFile(path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WireRefusal)) throw new Error("it was taken");
  expect(error.reason).toMatchObject({ code: "secretFile", params: { address: path } });
  expect(JSON.stringify(error.reason)).not.toContain("hunter2");
  return error.reason.detail ?? "";
}

test("a password is the file without what ends its line", async () => {
  expect(await readPasswordFile(file("a", "hunter2\n"))).toBe("hunter2");
  expect(await readPasswordFile(file("b", " hunter2 \r\n"))).toBe(" hunter2 ");
  expect(await readPasswordFile(file("c", "密码\n\n", 0o400))).toBe("密码\n");
});

test.each([0o640, 0o604, 0o620, 0o601, 0o777])("mode %i is refused", async (mode) => {
  expect(await refusal(file(`mode-${mode}`, "hunter2", mode))).toBe(
    `others may use it (mode ${mode.toString(8)}); chmod 600 makes it its owner's alone`,
  );
});

test("what is not there, no file, too long or empty is refused by name", async () => {
  expect(await refusal(folder.path("nothing"))).toBe("there is no such file or folder");
  mkdirSync(folder.path("folder"), { mode: 0o700 });
  expect(await refusal(folder.path("folder"))).toBe("it is no ordinary file");
  expect(await refusal(file("long", "hunter2".repeat(10_000)))).toBe(
    "it is longer than 65536 bytes",
  );
  expect(await refusal(file("empty", "\n"))).toBe("it is empty");
});

test("a pipe that nobody writes to keeps no wire from being closed: it is refused at once", async () => {
  const pipe = folder.path("pipe");
  execFileSync("mkfifo", ["-m", "600", pipe]);
  expect(await refusal(pipe)).toBe("it is no ordinary file");
  await expect(readCertificateFile(pipe)).rejects.toThrow(WireRefusal);
});
