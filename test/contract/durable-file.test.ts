import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeHalves, writeDurably } from "../../edge/journal/durable-file.ts";
import { syncedFolders } from "../kit/synced-folders.ts";

/** Goal: a kept file is whole or not there. Method: files are written where they can and cannot go. */
describe("a durable file", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sortline-durable-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const bytes = Uint8Array.of(1, 2, 3);

  test("takes the place of what was there, and leaves nothing beside it", async () => {
    const file = join(folder, "image");
    await writeDurably(file, Uint8Array.of(9));
    await writeDurably(file, bytes);
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(["image"]);
  });

  test("is readable by whom it was said for, and its folder is synced behind its new name", async () => {
    const file = join(folder, "secret");
    const synced = await syncedFolders(() => writeDurably(file, "text", 0o600));
    expect(await readFile(file, "utf8")).toBe("text");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(synced).toEqual([[(await stat(folder)).ino, ["secret"]]]);
  });

  test("written twice at once is one of the two, whole", async () => {
    const file = join(folder, "image");
    await Promise.all([writeDurably(file, bytes), writeDurably(file, bytes)]);
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(["image"]);
  });

  test("what interrupted writes of it left beside it is removed, and nothing else", async () => {
    const others = ["key", "key.json", "keys.1.part", "other.1.part"];
    for (const name of ["key.1.part", "key.2.part", ...others]) {
      await writeFile(join(folder, name), name);
    }
    await removeHalves(join(folder, "key"));
    expect((await readdir(folder)).toSorted()).toEqual(others);
  });

  test("that cannot take its place is refused, and leaves nothing behind", async () => {
    await mkdir(join(folder, "image", "in the way"), { recursive: true });
    await expect(writeDurably(join(folder, "image"), bytes)).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(await readdir(folder)).toEqual(["image"]);
    await expect(writeDurably(join(folder, "none", "image"), bytes)).rejects.toThrow(/ENOENT/);
  });
});
