/**
 * Goal: a file of a camera's is the still of the one parcel that it can be of, or of none (law 16).
 * Method: the dialect by itself on a wire in memory, in virtual time; and what counts as a whole still.
 */
import { describe, expect, test } from "vitest";
import { createFilesDialect } from "../../edge/devices/camera/files.ts";
import type { CameraHeard } from "../../edge/devices/camera/heard.ts";
import { whyNoStill } from "../../edge/devices/camera/still-file.ts";
import { speak } from "../../edge/devices/dialect.ts";
import type { WireHandlers } from "../../edge/devices/wire.ts";
import type { FolderNews, FolderOrder } from "../../edge/devices/wires/folder-wire.ts";
import { stillBytesMax } from "../../protocols/camera/still.ts";
import { sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";

const still = drawStill({ label: "RB123456785GB", number: 1 });
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);

function rig() {
  const clock = createVirtualClock();
  const orders: FolderOrder[] = [];
  const heard: CameraHeard[] = [];
  let hand: WireHandlers<FolderNews> | null = null;
  const wire = speak(
    createFilesDialect({ kind: "files", withinMs: 800 }),
    {
      open: (handlers) => void (hand = handlers),
      send: (order: FolderOrder) => {
        orders.push(order);
        return sent;
      },
      revive: () => {},
      close: async () => {},
    },
    clock,
  );
  wire.open({
    onState: () => {},
    onMessage: (message) => void heard.push(message),
    onAdvice: () => {},
    onDropped: () => {},
    onSendFailed: () => {},
  });
  hand!.onState(true);
  const file = (bytes: Uint8Array = still, name = "1-a.png"): void =>
    hand!.onMessage({ kind: "file", name, cameAs: "a.png", bytes });
  const ids = (kind: "still" | "noStill"): string[] =>
    heard.flatMap((each) => (each.kind === kind ? [each.id] : []));
  return { clock, orders, heard, wire, file, ids, lose: () => hand!.onState(false) };
}

describe("a file", () => {
  test("is of the one moment that awaits it", () => {
    const { clock, wire, file, ids, orders } = rig();
    wire.send({ id: "a" });
    clock.runFor(700);
    file();
    wire.send({ id: "b" });
    clock.runFor(100);
    file();
    expect([ids("still"), ids("noStill"), orders]).toEqual([["a", "b"], [], []]);
  });

  test("is nobody's where two await one, and neither gets the next either", () => {
    const { clock, wire, file, ids, orders, heard } = rig();
    wire.send({ id: "a" });
    clock.runFor(300);
    wire.send({ id: "b" });
    file();
    file(still, "2-b.png");
    expect([ids("still"), ids("noStill")]).toEqual([[], ["a", "b"]]);
    expect(orders).toMatchObject([
      { kind: "keepAside", why: "stills of several parcels were awaited when it came" },
      { kind: "keepAside", why: "no still was awaited when it came" },
    ]);
    expect(heard).toContainEqual({ kind: "noted", counts: { ambiguousFilesTotal: 1 } });
  });

  test("that comes too late is nobody's, and its moment was given up by itself", () => {
    const { clock, wire, file, ids, heard } = rig();
    wire.send({ id: "a" });
    clock.runFor(801);
    expect(ids("noStill")).toEqual(["a"]);
    file();
    expect(ids("still")).toEqual([]);
    expect(heard).toContainEqual({ kind: "noted", counts: { foreignFilesTotal: 1 } });
  });

  test("that is no still is told by its name, and another may yet come", () => {
    const { wire, file, ids, heard } = rig();
    wire.send({ id: "a" });
    file(Buffer.from("<html>"), "1-page.jpg");
    expect(heard).toMatchObject([
      {
        kind: "discarded",
        reason: { code: "fileNotRead", detail: "1-page.jpg: it is neither JPEG nor PNG" },
      },
    ]);
    file();
    expect(ids("still")).toEqual(["a"]);
  });

  test("of before the folder was lost is awaited no more", () => {
    const { wire, lose, ids } = rig();
    wire.send({ id: "a" });
    lose();
    expect(ids("noStill")).toEqual(["a"]);
  });
});

test.each([
  ["a PNG", still, null],
  ["a JPEG", jpeg, null],
  ["a JPEG in whole blocks", Buffer.concat([jpeg, Buffer.alloc(512)]), null],
  ["nothing", new Uint8Array(0), "it is empty"],
  ["half a PNG", still.subarray(0, 40), "its PNG is cut off"],
  ["a JPEG without its end", jpeg.subarray(0, 7), "its JPEG is cut off"],
  ["a text", Buffer.from("GIF89a"), "it is neither JPEG nor PNG"],
  [
    "too much",
    Buffer.alloc(stillBytesMax + 1),
    `${stillBytesMax + 1} bytes are more than ${stillBytesMax}`,
  ],
])("%s: %#", (_name, bytes, why) => {
  expect(whyNoStill(bytes)).toBe(why);
});
