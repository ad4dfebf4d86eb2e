// Goal: an image is stored whole and as its hash says, or it is not there; every store is bounded.
// Method: one suite over the store in a folder and the one in memory; then a real folder, damaged,
// filled and taken away by hand.
import { hash } from "node:crypto";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  imagesBeingPutMax,
  openImageFolder,
  stillBytesBeingPutMax,
  stillsBeingPutMax,
} from "../../edge/images/image-folder.ts";
import { silentLog } from "../../protocols/log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { imageReserveOf, type DiskRoom } from "../../protocols/storage.ts";
import type { ImageBounds, ImageStore, PutImage } from "../../edge/images/port.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sortline-images-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const roomy: ImageBounds = { imagesMax: 1_000, bytesMax: 1e9 };
const open = (bounds: Partial<ImageBounds> = {}) =>
  openImageFolder({ folder, log: silentLog, clock: createVirtualClock(), ...roomy, ...bounds });

const image = (n: number, size = 1_000): Uint8Array => new Uint8Array(size).fill(n);
/** Begins as a JPEG does. */
const still = (n: number, size = 1_000): Uint8Array => {
  const bytes = image(n, size);
  bytes.set([0xff, 0xd8, 0xff]);
  return bytes;
};
const nameOf = (bytes: Uint8Array): string => hash("sha256", bytes, "hex");
const put = (store: ImageStore, bytes: Uint8Array, name = nameOf(bytes)): Promise<PutImage> =>
  new Promise((resolve) => store.put(name, bytes, resolve));
const stored = { kind: "stored" };

describe.each([
  { name: "in a folder", make: open },
  {
    name: "in memory",
    make: (bounds?: Partial<ImageBounds>) =>
      Promise.resolve(createMemoryImages({ ...roomy, ...bounds })),
  },
])("the image store $name (law 9)", ({ make }) => {
  test("gives back what was put, and takes it again without keeping it twice", async () => {
    const store = await make();
    expect(await put(store, image(1))).toEqual(stored);
    expect(await put(store, image(1))).toEqual(stored);
    expect(store.counters()).toMatchObject({ images: 1, bytes: 1_000, storedTotal: 1 });
    expect(store.has(nameOf(image(1)))).toBe(true);
    expect(new Uint8Array((await store.read(nameOf(image(1))))!)).toEqual(image(1));
  });

  test("refuses bytes that are not what their hash says", async () => {
    const store = await make();
    const outcome = await put(store, image(2), nameOf(image(1)));
    expect(outcome).toEqual({ kind: "refused", code: "hashWrong" });
    expect(store.has(nameOf(image(1)))).toBe(false);
    expect(await store.read(nameOf(image(1)))).toBeNull();
    expect(store.counters()).toMatchObject({ images: 0, bytes: 0, refusedTotal: 1 });
  });

  test("refuses a name that is no hash, and reads none", async () => {
    const store = await make();
    const outcome = await put(store, image(1), "../../escaped");
    expect(outcome).toEqual({ kind: "refused", code: "hashWrong" });
    expect(await store.read("../../escaped")).toBeNull();
  });

  test("takes exactly its bytes, and lets the oldest go for one more", async () => {
    const store = await make({ bytesMax: 3_000 });
    for (const n of [0, 1, 2]) await put(store, image(n));
    expect(store.counters()).toMatchObject({ images: 3, bytes: 3_000, evictedTotal: 0 });
    await put(store, image(3, 1));
    expect([0, 1, 2].map((n) => store.has(nameOf(image(n))))).toEqual([false, true, true]);
    expect(store.counters()).toMatchObject({ images: 3, bytes: 2_001, evictedTotal: 1 });
    expect(await store.read(nameOf(image(0)))).toBeNull();
  });

  test("takes exactly its number of images, and lets the oldest go for one more", async () => {
    const store = await make({ imagesMax: 2 });
    for (const n of [0, 1, 2]) await put(store, image(n));
    expect([0, 1, 2].map((n) => store.has(nameOf(image(n))))).toEqual([false, true, true]);
    expect(store.counters()).toMatchObject({ images: 2, evictedTotal: 1 });
  });

  test("refuses an image that is larger than all of it, and lets none go for it", async () => {
    const store = await make({ bytesMax: 3_000 });
    await put(store, image(1));
    expect(await put(store, image(2, 3_000))).toEqual(stored);
    const outcome = await put(store, image(3, 3_001));
    expect(outcome).toEqual({ kind: "refused", code: "tooBig" });
    expect(store.has(nameOf(image(2, 3_000)))).toBe(true);
  });

  test("however many stills come, no X-ray image leaves for one, and they have their own bounds", async () => {
    const store = await make({ imagesMax: 3, bytesMax: 24_000 });
    for (const n of [0, 1, 2]) await put(store, image(n, 8_000));
    for (const n of [3, 4, 5, 6]) expect(await put(store, still(n))).toEqual(stored);
    expect([0, 1, 2].map((n) => store.kindOf(nameOf(image(n, 8_000))))).toEqual(
      Array.from({ length: 3 }, () => "xray"),
    );
    expect([3, 4, 5, 6].map((n) => store.kindOf(nameOf(still(n))))).toEqual([
      null,
      "still",
      "still",
      "still",
    ]);
    expect(new Uint8Array((await store.read(nameOf(still(4))))!)).toEqual(still(4));
    expect(store.counters()).toMatchObject({
      images: 3,
      bytes: 24_000,
      evictedTotal: 0,
      stills: 3,
      stillBytes: 3_000,
      stillsEvictedTotal: 1,
    });
    expect(await put(store, still(7, 3_001))).toEqual({ kind: "refused", code: "tooBig" });
    expect(store.counters()).toMatchObject({ refusedTotal: 0, stillsRefusedTotal: 1 });
  });
});

describe("the image folder", () => {
  test("has after a restart what it had, whole files only, and leaves what is not an image alone", async () => {
    await put(await open(), image(1));
    await writeFile(join(folder, `${nameOf(image(2))}.x.part`), "half");
    await writeFile(join(folder, "README"), "mine");
    const next = await open();
    expect(new Uint8Array((await next.read(nameOf(image(1))))!)).toEqual(image(1));
    expect(next.counters()).toMatchObject({ images: 1, bytes: 1_000 });
    expect((await readdir(folder)).toSorted()).toEqual([nameOf(image(1)), "README"].toSorted());
  });

  test("that is found larger than it may be is made smaller at once", async () => {
    const store = await open();
    for (const n of [0, 1, 2]) await put(store, image(n));
    const next = await open({ imagesMax: 2 });
    expect(next.counters()).toMatchObject({ images: 2, evictedTotal: 1 });
    expect(await readdir(folder)).toHaveLength(2);
  });

  test("keeps an image that comes back while it and many others are let go (law 9)", async () => {
    const small = Array.from({ length: 300 }, (_, n) => image(n % 256, 1_000 + n));
    for (const bytes of small) await writeFile(join(folder, nameOf(bytes)), bytes);
    const last = small.at(-1)!;
    // There is room for the newest beside the large one, so it must not be that.
    await utimes(join(folder, nameOf(last)), 1, 1);
    const store = await open({ bytesMax: 400_000 });
    const large = put(store, image(7, 398_000));
    await vi.waitUntil(() => !store.has(nameOf(last)), { interval: 0, timeout: 20_000 });
    expect(await put(store, last)).toEqual(stored);
    expect(await large).toEqual(stored);
    expect(new Uint8Array((await store.read(nameOf(last)))!)).toEqual(last);
    expect(store.counters()).toMatchObject({ images: 2, evictedTotal: 300, failedTotal: 0 });
  });

  test("shows a damaged file to nobody, and takes its image again", async () => {
    const store = await open();
    const name = nameOf(image(1));
    await put(store, image(1));
    await writeFile(join(folder, name), image(2));
    expect(await store.read(name)).toBeNull();
    expect(store.counters()).toMatchObject({ damagedTotal: 1, images: 0, bytes: 0 });
    expect(await put(store, image(1))).toEqual(stored);
    expect(await store.read(name)).not.toBeNull();
  });

  test("checks images of many slices as a whole", async () => {
    const store = await open();
    const large = image(1, 5 * 1024 * 1024 + 1);
    expect(await put(store, large)).toEqual(stored);
    expect((await store.read(nameOf(large)))?.byteLength).toBe(large.byteLength);
    const other = large.with(large.length - 1, 2);
    expect(await put(store, other, nameOf(image(9)))).toMatchObject({ code: "hashWrong" });
  });

  test("does not have a file that was taken away", async () => {
    const store = await open();
    await put(store, image(1));
    await rm(join(folder, nameOf(image(1))));
    expect(await store.read(nameOf(image(1)))).toBeNull();
    expect(store.has(nameOf(image(1)))).toBe(false);
  });

  test("says why when the disk takes nothing, and never throws", async () => {
    const store = await open();
    await rm(folder, { recursive: true, force: true });
    const outcome = await put(store, image(1));
    expect(outcome).toEqual({ kind: "failed", why: "there is no such file or folder" });
    expect(store.counters()).toMatchObject({ failedTotal: 1, images: 0 });
  });

  test("bounds what it does at once; one image put twice at once is one write", async () => {
    const store = await open();
    const twice = await Promise.all([put(store, image(1)), put(store, image(1))]);
    expect(twice).toEqual([stored, stored]);
    expect(store.counters().storedTotal).toBe(1);
    const many = Array.from({ length: imagesBeingPutMax + 10 }, (_, n) => image(n + 2, 2_000 + n));
    const outcomes = await Promise.all(many.map((bytes) => put(store, bytes)));
    const busy = outcomes.filter(({ kind }) => kind === "refused");
    expect(busy).toEqual(Array.from({ length: 10 }, () => ({ kind: "refused", code: "busy" })));
  });

  describe("on a slow disk", () => {
    const openSlow = async () => {
      const written: string[] = [];
      const waiting: (() => void)[] = [];
      let isSlow = true;
      const store = await openImageFolder({
        folder,
        log: silentLog,
        clock: createVirtualClock(),
        ...roomy,
        readRoom: () =>
          new Promise((resolve) => {
            if (isSlow) waiting.push(() => resolve(null));
            else resolve(null);
          }),
      });
      const putOf = (kind: string, bytes: Uint8Array): Promise<PutImage> =>
        put(store, bytes).then((outcome) => {
          if (outcome.kind === "stored") written.push(kind);
          return outcome;
        });
      const recover = (): void => {
        isSlow = false;
        for (const go of waiting.splice(0)) go();
      };
      return { store, written, waiting, putOf, recover };
    };
    const times = <Result>(n: number, make: (at: number) => Result): Result[] =>
      Array.from({ length: n }, (_, at) => make(at));

    test("an X-ray image is never refused because of stills, and waits behind no more than the one being written", async () => {
      const { store, written, waiting, putOf, recover } = await openSlow();
      const stills = times(100, (at) => putOf("still", still(at, 2_000)));
      await vi.waitUntil(() => waiting.length > 0);
      const images = times(imagesBeingPutMax, (at) => putOf("xray", image(at, 3_000)));
      await vi.waitUntil(() => waiting.length === imagesBeingPutMax + 1);
      recover();
      const ofImages = await Promise.all(images);
      expect(new Set(ofImages.map(({ kind }) => kind))).toEqual(new Set(["stored"]));
      const refused = (await Promise.all(stills)).filter(({ kind }) => kind === "refused");
      expect(refused).toHaveLength(100 - stillsBeingPutMax);
      expect(written.lastIndexOf("xray")).toBeLessThanOrEqual(imagesBeingPutMax);
      expect(store.counters()).toMatchObject({ refusedTotal: 0, stillsRefusedTotal: 84 });
    });

    test("stills that wait are bounded in bytes as well", async () => {
      const { waiting, putOf, recover } = await openSlow();
      const size = stillBytesBeingPutMax / 4;
      const stills = times(5, (at) => putOf("still", still(at, size)));
      await vi.waitUntil(() => waiting.length > 0);
      recover();
      const kinds = (await Promise.all(stills)).map(({ kind }) => kind);
      expect(kinds).toEqual(["stored", "stored", "stored", "stored", "refused"]);
    });
  });

  test("knows after a restart which of its files are stills", async () => {
    const store = await open();
    await put(store, still(1));
    await put(store, image(1));
    const next = await open();
    expect(next.kindOf(nameOf(still(1)))).toBe("still");
    expect(next.kindOf(nameOf(image(1)))).toBe("xray");
    expect(new Uint8Array((await next.read(nameOf(still(1))))!)).toEqual(still(1));
  });

  test("wrong bytes under way do not spoil the right ones of the same name", async () => {
    const store = await open();
    const name = nameOf(image(1));
    const outcomes = await Promise.all([put(store, image(2), name), put(store, image(1), name)]);
    expect(outcomes).toEqual([{ kind: "refused", code: "hashWrong" }, stored]);
  });

  describe("on a disk that is nearly full (case disk-full)", () => {
    const disk: DiskRoom = { freeBytes: 0, totalBytes: 1e9, freeFiles: null };
    const imageReserveBytes = imageReserveOf(disk);
    /** As much is free as the test says beyond what is the journals', and what leaves is free again. */
    const onDisk = async (
      spare: number,
    ): Promise<{ store: ImageStore; spare: (n: number) => void }> => {
      const size = async (): Promise<number> => (await readdir(folder)).length * 1_000;
      const free = { bytes: spare };
      const store = await openImageFolder({
        folder,
        log: silentLog,
        clock: createVirtualClock(),
        ...roomy,
        readRoom: async () => ({
          ...disk,
          freeBytes: imageReserveBytes + free.bytes - (await size()),
        }),
      });
      return { store, spare: (bytes) => (free.bytes = bytes) };
    };

    test("takes what leaves the journals theirs, and lets the oldest go for one more", async () => {
      const { store } = await onDisk(2_000);
      for (const n of [0, 1, 2]) expect(await put(store, image(n))).toEqual(stored);
      expect([0, 1, 2].map((n) => store.has(nameOf(image(n))))).toEqual([false, true, true]);
      expect(store.counters()).toMatchObject({ images: 2, evictedTotal: 1, failedTotal: 0 });
    });

    test("says that there is no room when nothing is left to go, and takes images again by itself", async () => {
      const { store, spare } = await onDisk(999);
      const why = "the disk has no room for images";
      expect(await put(store, image(1))).toEqual({ kind: "failed", why });
      expect(await readdir(folder)).toEqual([]);
      spare(1_000);
      expect(await put(store, image(1))).toEqual(stored);
    });

    test("stills leave before the first X-ray image does, and no X-ray image for a still", async () => {
      const { store } = await onDisk(3_000);
      await put(store, image(0));
      await put(store, still(1));
      await put(store, still(2));
      expect(await put(store, image(3))).toEqual(stored);
      expect(await put(store, image(4))).toEqual(stored);
      expect([image(0), still(1), still(2), image(3)].map((one) => store.has(nameOf(one)))).toEqual(
        [true, false, false, true],
      );
      expect(await put(store, still(5))).toMatchObject({ kind: "failed" });
      expect(store.counters()).toMatchObject({ images: 3, evictedTotal: 0, stillsEvictedTotal: 2 });
    });

    test("gives its room to the journals when somebody else fills the disk", async () => {
      const { store, spare } = await onDisk(10_000);
      for (const n of [0, 1, 2]) await put(store, image(n));
      spare(1_500);
      store.makeRoom();
      await vi.waitUntil(() => store.counters().images === 1);
      expect(store.has(nameOf(image(2)))).toBe(true);
    });
  });
});
