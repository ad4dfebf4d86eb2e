import { describe, expect, it } from "vitest";
import type { LineEventBody } from "../../edge/line/events.ts";
import type { PutImage } from "../../edge/images/port.ts";
import { createXrayInlet, inletBytesMax, inletEventsMax } from "../../edge/runtime/xray-inlet.ts";

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

  it("PF-04: an image that could not be kept never reaches the core", () => {
    const received: LineEventBody[] = [];
    const inlet = createXrayInlet({
      images: { put: (_hash, _bytes, then) => then({ kind: "failed", why: "its disk is full" }) },
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
      images: { put: () => undefined },
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
