import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LineEventBody } from "../../edge/line/events.ts";
import { createMemoryImageSpool, openImageSpool } from "../../edge/images/image-spool.ts";
import { createXrayInlet, inletBytesMax, inletEventsMax } from "../../edge/runtime/xray-inlet.ts";

/**
 * Law 9: an image is stored before it counts, and what a machine says stays in its order while the
 * disk takes its time. The spool is tried on a real folder and in memory.
 */
const hash = (digit: string): string => digit.repeat(64);
const bytes = new Uint8Array([1, 2, 3]);

describe("the X-ray inlet", () => {
  it("holds a verdict back until the image before it is stored", () => {
    const received: LineEventBody[] = [];
    const stored: ((isStored: boolean) => void)[] = [];
    const inlet = createXrayInlet({
      spool: { store: (_hash, _bytes, then) => void stored.push(then), read: async () => null },
      receive: (body) => void received.push(body),
      onStored: () => undefined,
    });
    inlet.take({
      kind: "image",
      passId: "p",
      itemSequence: 1,
      imageHash: hash("a"),
      pictureHash: hash("p"),
      bytes,
    });
    inlet.take({
      kind: "verdict",
      passId: "p",
      itemSequence: 1,
      imageHash: hash("a"),
      verdict: "clear",
      boxes: [],
      algorithm: "x",
    });
    expect(received).toEqual([]);
    stored[0]?.(true);
    expect(received.map(({ kind }) => kind)).toEqual(["xrayImage", "xrayVerdict"]);
  });

  it("PF-04: an image that could not be kept never reaches the core", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      spool: { store: (_hash, _bytes, then) => then(false), read: async () => null },
      receive: (body) => void received.push(body),
      onStored: () => {
        throw new Error("nothing was stored");
      },
    });
    inlet.take({
      kind: "image",
      passId: "p",
      itemSequence: 1,
      imageHash: hash("a"),
      pictureHash: hash("p"),
      bytes,
    });
    inlet.take({ kind: "ready", isReady: true, reason: null });
    expect(received).toEqual([{ kind: "xrayReady", isReady: true, reason: null }]);
    expect(inlet.counters()).toEqual({ inletDropped: 0, imagesNotKept: 1 });
  });

  it("behind a stuck disk: bounded in messages and in bytes, each loss counted, readiness told", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      spool: { store: () => undefined, read: async () => null },
      receive: (body) => void received.push(body),
      onStored: () => undefined,
    });
    const take = (itemSequence: number, size: number): void =>
      inlet.take({
        kind: "image",
        passId: "p",
        itemSequence,
        imageHash: hash("a"),
        pictureHash: hash("p"),
        bytes: new Uint8Array(size),
      });
    take(0, 1);
    for (let item = 1; item <= 5; item += 1) take(item, inletBytesMax / 4);
    expect(inlet.counters().inletDropped).toBe(1);
    for (let item = 6; item < 6 + inletEventsMax; item += 1) take(item, 0);
    expect(inlet.counters().inletDropped).toBe(1 + 4);
    inlet.take({ kind: "ready", isReady: false, reason: null });
    expect(received).toEqual([{ kind: "xrayReady", isReady: false, reason: null }]);
  });
});

describe("the image spool", () => {
  it("keeps images over a restart, and cleans up what an interrupted write left", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sortline-spool-"));
    try {
      const spool = await openImageSpool(folder);
      const isStored = await new Promise<boolean>((resolve) =>
        spool.store(hash("b"), bytes, resolve),
      );
      expect(isStored).toBe(true);
      await writeFile(join(folder, `${hash("c")}.part`), "half");
      const again = await openImageSpool(folder);
      expect([...((await again.read(hash("b"))) ?? [])]).toEqual([1, 2, 3]);
      expect(await again.read(hash("c"))).toBeNull();
      expect(await readdir(folder)).toEqual([hash("b")]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("says so when the disk takes nothing, and never throws", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sortline-spool-"));
    const spool = await openImageSpool(folder);
    await rm(folder, { recursive: true, force: true });
    const isStored = await new Promise<boolean>((resolve) =>
      spool.store(hash("d"), bytes, resolve),
    );
    expect(isStored).toBe(false);
  });

  it("forgets the oldest in memory", async () => {
    const spool = createMemoryImageSpool(2);
    for (const digit of ["1", "2", "3"]) spool.store(hash(digit), bytes, () => undefined);
    expect(await spool.read(hash("1"))).toBeNull();
    expect(await spool.read(hash("3"))).not.toBeNull();
  });
});
