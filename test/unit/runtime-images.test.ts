import { describe, expect, it } from "vitest";
import type { XrayEvent } from "../../edge/devices/xray/xray.ts";
import type { LineEventBody } from "../../edge/line/events.ts";
import type { PutImage } from "../../edge/images/port.ts";
import { lostImageMs } from "../../edge/images/lost-images.ts";
import {
  createXrayInlet,
  inletBytesMax,
  inletEventsMax,
  suspectWaitMsMax,
} from "../../edge/runtime/xray-inlet.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * Law 9: an image is stored before it counts, and what a machine says stays in its order while the
 * disk takes its time. The store is a hand that answers when the test says.
 */
const hash = (digit: string): string => digit.repeat(64);
const bytes = new Uint8Array([1, 2, 3]);

describe("the X-ray inlet", () => {
  it("holds a verdict back until the image before it is stored", () => {
    const received: LineEventBody[] = [];
    const stored: ((outcome: PutImage) => void)[] = [];
    const inlet = createXrayInlet({
      images: { put: (_hash, _bytes, then) => void stored.push(then) },
      clock: createVirtualClock(),
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
    stored[0]?.({ kind: "stored" });
    expect(received.map(({ kind }) => kind)).toEqual(["xrayImage", "xrayVerdict"]);
  });

  const image = {
    kind: "image",
    passId: "p",
    itemSequence: 1,
    imageHash: hash("a"),
    pictureHash: hash("p"),
    bytes,
  } as const;
  const suspect: XrayEvent & { readonly kind: "verdict" } = {
    kind: "verdict",
    passId: "p",
    itemSequence: 1,
    imageHash: hash("a"),
    verdict: "suspect",
    boxes: [],
    algorithm: "x",
  };

  it("law 2: a suspect verdict waits for its image as long as a disk should take, and no longer", () => {
    const received: LineEventBody[] = [];
    const stored: ((outcome: PutImage) => void)[] = [];
    const clock = createVirtualClock();
    const inlet = createXrayInlet({
      images: { put: (_hash, _bytes, then) => void stored.push(then) },
      clock,
      receive: (body) => void received.push(body),
      onStored: () => undefined,
    });
    inlet.take(image);
    inlet.take(suspect);
    clock.runFor(suspectWaitMsMax - 1);
    stored[0]?.({ kind: "stored" });
    clock.runFor(1);
    expect(received.map(({ kind }) => kind)).toEqual(["xrayImage", "xrayVerdict"]);
    inlet.take({ ...image, itemSequence: 2 });
    inlet.take({ ...suspect, itemSequence: 2 });
    clock.runFor(suspectWaitMsMax - 1);
    expect(received).toHaveLength(2);
    clock.runFor(1);
    expect(received.slice(2)).toMatchObject([
      { kind: "xrayVerdict", verdict: { itemSequence: 2 } },
    ]);
    stored[1]?.({ kind: "stored" });
    expect(received.slice(3).map(({ kind }) => kind)).toEqual(["xrayImage", "xrayVerdict"]);
  });

  it("law 2: a suspect verdict is told also where everything else is dropped", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      images: { put: () => undefined },
      clock: createVirtualClock(),
      receive: (body) => void received.push(body),
      onStored: () => undefined,
    });
    inlet.take(image);
    for (let item = 0; item < inletEventsMax; item += 1) {
      inlet.take({ ...suspect, verdict: "clear" });
    }
    inlet.take({ ...suspect, verdict: "unknown" });
    inlet.take(suspect);
    expect(inlet.counters().inletDropped).toBe(1);
    expect(received).toMatchObject([{ kind: "xrayVerdict", verdict: { verdict: "suspect" } }]);
  });

  it("PF-04: an image that could not be kept reaches the core as lost, in its place", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      images: { put: (_hash, _bytes, then) => then({ kind: "failed", why: "its disk is full" }) },
      clock: createVirtualClock(),
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
    expect(received.map(({ kind }) => kind)).toEqual(["xrayImageLost", "xrayReady"]);
    expect(inlet.counters()).toEqual({ inletDropped: 0, imagesNotKept: 1 });
  });

  it("behind a stuck disk: bounded in messages and in bytes, each loss counted, readiness told", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      images: { put: () => undefined },
      clock: createVirtualClock(),
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
    expect(inlet.counters()).toEqual({ inletDropped: 0, imagesNotKept: 1 });
    for (let item = 6; item < 6 + inletEventsMax; item += 1) take(item, 0);
    expect(inlet.counters()).toEqual({ inletDropped: 5, imagesNotKept: 6 });
    inlet.take({ kind: "ready", isReady: false, reason: null });
    expect(received).toEqual([{ kind: "xrayReady", isReady: false, reason: null }]);
  });

  it("images are being lost until one is kept, or for a minute after the last", () => {
    const clock = createVirtualClock();
    const outcomes: PutImage[] = [];
    const inlet = createXrayInlet({
      images: { put: (_hash, _bytes, then) => then(outcomes.shift() ?? { kind: "stored" }) },
      clock,
      receive: () => undefined,
      onStored: () => undefined,
    });
    const take = (outcome: PutImage): void => {
      outcomes.push(outcome);
      const hashes = { imageHash: hash("a"), pictureHash: hash("p") };
      inlet.take({ kind: "image", passId: "p", itemSequence: 1, ...hashes, bytes });
    };
    const full: PutImage = { kind: "failed", why: "its disk is full" };
    take(full);
    take(full);
    expect(inlet.imagesNotKept()).toBe(2);
    take({ kind: "stored" });
    expect(inlet.imagesNotKept()).toBe(0);
    take(full);
    clock.runFor(lostImageMs - 1);
    expect(inlet.imagesNotKept()).toBe(1);
    clock.runFor(1);
    expect(inlet.imagesNotKept()).toBe(0);
  });

  it("bytes that are not what their hash says are the machine's fault, and no lost image", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      images: { put: (_hash, _bytes, then) => then({ kind: "refused", code: "hashWrong" }) },
      clock: createVirtualClock(),
      receive: (body) => void received.push(body),
      onStored: () => undefined,
    });
    const hashes = { imageHash: hash("a"), pictureHash: hash("p") };
    inlet.take({ kind: "image", passId: "p", itemSequence: 1, ...hashes, bytes });
    expect(received).toEqual([]);
    expect([inlet.imagesNotKept(), inlet.counters().imagesNotKept]).toEqual([0, 1]);
  });
});
