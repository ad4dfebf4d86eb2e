// Goal: an image is stored whole and as its hash says, or it is not there; the store is bounded.
// Method: a real folder, damaged and filled by hand.
import { hash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imagesBeingWrittenMax, openImageStore } from "../../edge/images/image-store.ts";
import { removeFolder, temporaryFolder } from "./kit/site.ts";

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => removeFolder(folder));

const image = (n: number, size = 1_000): Uint8Array => new Uint8Array(size).fill(n);
const nameOf = (bytes: Uint8Array): string => hash("sha256", bytes, "hex");
const open = (storedBytesMax = 1_000_000) => openImageStore({ folder, storedBytesMax });

test("what is put can be read, also by the next run", async () => {
  const store = await open();
  expect(await store.put(nameOf(image(1)), image(1))).toBe("stored");
  expect(await store.put(nameOf(image(1)), image(1))).toBe("stored");
  expect(store.counters()).toMatchObject({ images: 1, bytes: 1_000, storedTotal: 1 });
  const next = await open();
  expect(next.has(nameOf(image(1)))).toBe(true);
  expect(new Uint8Array((await next.read(nameOf(image(1))))!)).toEqual(image(1));
});

test("bytes that are not what their hash says are refused", async () => {
  const store = await open();
  expect(await store.put(nameOf(image(1)), image(2))).toBe("hashWrong");
  expect(await store.read(nameOf(image(1)))).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test("a damaged file is not shown to anybody, and may be stored again", async () => {
  const store = await open();
  const name = nameOf(image(1));
  await store.put(name, image(1));
  await writeFile(join(folder, name), image(2));
  expect(await store.read(name)).toBeNull();
  expect(store.counters()).toMatchObject({ damagedTotal: 1, images: 0, bytes: 0 });
  expect(await store.put(name, image(1))).toBe("stored");
  expect(await store.read(name)).not.toBeNull();
});

test("a file that was taken away is not there", async () => {
  const store = await open();
  await store.put(nameOf(image(1)), image(1));
  await removeFolder(join(folder, nameOf(image(1))));
  expect(await store.read(nameOf(image(1)))).toBeNull();
  expect(store.has(nameOf(image(1)))).toBe(false);
});

test("when it is full the oldest go first", async () => {
  const store = await open(3_500);
  for (let n = 0; n < 6; n += 1) await store.put(nameOf(image(n)), image(n));
  expect([0, 1, 2, 3, 4, 5].map((n) => store.has(nameOf(image(n))))).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(store.counters()).toMatchObject({ bytes: 3_000, evictedTotal: 3 });
  expect(await readdir(folder)).toHaveLength(3);
  expect(await store.put(nameOf(image(9, 4_000)), image(9, 4_000))).toBe("tooBig");
});

test("what an interrupted write left behind is removed, what is not an image is left alone", async () => {
  await writeFile(join(folder, `${nameOf(image(1))}.x.part`), "half");
  await writeFile(join(folder, "README"), "mine");
  const store = await open();
  expect(store.counters().images).toBe(0);
  expect(await readdir(folder)).toEqual(["README"]);
});

test("writes at once are bounded; one image sent twice at once is one write", async () => {
  const store = await open(1e9);
  const twice = await Promise.all([1, 1].map((n) => store.put(nameOf(image(n)), image(n))));
  expect(twice).toEqual(["stored", "stored"]);
  expect(store.counters().storedTotal).toBe(1);
  const many = Array.from({ length: imagesBeingWrittenMax + 10 }, (_, n) =>
    image(n + 2, 2_000 + n),
  );
  const outcomes = await Promise.all(many.map((bytes) => store.put(nameOf(bytes), bytes)));
  expect(outcomes.filter((outcome) => outcome === "busy")).toHaveLength(10);
});
