/**
 * Goal: a still stands with the parcel and the moment that it was taken of, and whatever becomes of it
 * hinders nothing. Method: the shell's part of it by itself, with cameras and a disk in the test's
 * hands, in virtual time; and the pure core given its event.
 */
import { describe, expect, test } from "vitest";
import type { StillMissed, StillTaken } from "../../edge/devices/camera/camera.ts";
import type { PutImage } from "../../edge/images/port.ts";
import type { LineEventBody } from "../../edge/line/events.ts";
import {
  createLineCameras,
  stillLateMsMax,
  type LineCamera,
} from "../../edge/runtime/line-cameras.ts";
import { createCollectingLog } from "../../protocols/log.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import { notConnected, sent, type Sending } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createLineBench } from "../kit/line-bench.ts";

const png = (text: string): Uint8Array => Buffer.from(text);

function rig(cameras: readonly Partial<LineCamera>[] = [{}]) {
  const clock = createVirtualClock();
  const { log, lines } = createCollectingLog();
  const asked: string[] = [];
  const received: LineEventBody[] = [];
  const stored: string[] = [];
  const disk = { outcome: { kind: "stored" } as PutImage, isThrowing: false };
  const wire: { sending: Sending } = { sending: sent };
  const all = cameras.map((camera, index): LineCamera => ({
    moments: ["inducted", "left"],
    exits: null,
    ...camera,
    port: {
      deviceId: `camera-${index + 1}`,
      start: () => {},
      stop: async () => {},
      health: () => ({ state: "receiving", reason: null, counters: {} }),
      take(id) {
        if (disk.isThrowing) throw new TypeError("planted");
        asked.push(`camera-${index + 1} ${id}`);
        return wire.sending;
      },
    },
  }));
  const line = createLineCameras({
    lineId: "L1",
    cameras: all,
    clock,
    log,
    images: { put: (_sha256, _bytes, then) => then(disk.outcome) },
    receive: (body) => received.push(body),
    onStored: (passId, imageHash) => stored.push(`${passId} ${imageHash.slice(0, 8)}`),
  });
  const answer = (event: StillTaken | StillMissed, deviceId = "camera-1"): void =>
    line.hear(deviceId, event);
  return { clock, lines, asked, received, stored, disk, wire, line, answer };
}

const inducted = (passId: string): ToldFact => ({
  kind: "inducted",
  passId,
  frontCount: beltCount(1),
});
const left = (passId: string, exit: "green" | "inspection"): ToldFact => ({
  kind: "left",
  passId,
  exit,
  expected: exit,
  count: beltCount(9),
});

describe("a still", () => {
  test("stands with its parcel, its camera, its moment, and how late it was", () => {
    const { clock, line, answer, received, stored } = rig();
    line.take([inducted("p1")]);
    clock.runFor(120);
    answer({ kind: "still", id: "1", bytes: png("one") });
    const [event] = received;
    expect(received).toHaveLength(1);
    expect(event).toMatchObject({
      kind: "still",
      passId: "p1",
      deviceId: "camera-1",
      moment: "inducted",
      lateMs: 120,
    });
    const { imageHash } = event as Extract<LineEventBody, { kind: "still" }>;
    expect(stored).toEqual([`p1 ${imageHash.slice(0, 8)}`]);
  });

  test("is asked of each camera that looks at that moment, and at that exit", () => {
    const { line, asked } = rig([
      {},
      { moments: ["notIdentified"] },
      { moments: ["left"], exits: ["inspection"] },
    ]);
    line.take([inducted("p1"), left("p1", "green"), left("p2", "inspection")]);
    expect(asked).toEqual(["camera-1 1", "camera-1 2", "camera-1 3", "camera-3 4"]);
  });

  test("that comes twice, late, unasked or from another camera is nobody's", () => {
    const { clock, line, answer, received } = rig([{}, {}]);
    line.take([inducted("p1")]);
    answer({ kind: "still", id: "1", bytes: png("of the other") }, "camera-2");
    answer({ kind: "still", id: "7", bytes: png("unasked") });
    expect(received).toEqual([]);
    answer({ kind: "still", id: "1", bytes: png("one") });
    answer({ kind: "still", id: "1", bytes: png("again") });
    expect(received).toHaveLength(1);
    clock.runFor(stillLateMsMax + 1);
    answer({ kind: "still", id: "2", bytes: png("late") }, "camera-2");
    expect(received).toHaveLength(1);
    expect(line.counters("camera-2")).toMatchObject({ stillsNotKept: 1 });
  });

  test("that is not kept is told to nobody, and counted", () => {
    const { line, answer, received, stored, disk } = rig();
    disk.outcome = { kind: "failed", why: "full" };
    line.take([inducted("p1")]);
    answer({ kind: "still", id: "1", bytes: png("one") });
    expect([received, stored]).toEqual([[], []]);
    expect(line.counters("camera-1")).toMatchObject({ stillsNotKept: 1 });
  });

  test("that was not asked for, because the camera is gone, is awaited by nobody", () => {
    const { line, answer, received, wire } = rig();
    wire.sending = notConnected;
    line.take([inducted("p1")]);
    answer({ kind: "still", id: "1", bytes: png("one") });
    expect(received).toEqual([]);
  });
});

test("of a camera that never answers the newest 64 stills are awaited, and each other one is counted as given up", () => {
  const { line, answer, received } = rig();
  for (let n = 1; n <= 65; n += 1) line.take([inducted(`p${n}`)]);
  answer({ kind: "still", id: "1", bytes: png("oldest") });
  expect(received).toEqual([]);
  answer({ kind: "still", id: "2", bytes: png("next") });
  expect(received).toMatchObject([{ passId: "p2" }]);
  expect(line.counters("camera-1")).toEqual({ stillsNotKept: 0, stillsGivenUp: 1 });
});

test("a mistake of ours ends the stills, is told, and reaches no line", () => {
  const { line, lines, disk, asked } = rig();
  disk.isThrowing = true;
  line.take([inducted("p1")]);
  disk.isThrowing = false;
  line.take([inducted("p2")]);
  expect(asked).toEqual([]);
  expect(lines).toMatchObject([
    { level: "error", message: "no more stills: our own code has thrown" },
  ]);
});

test("the core tells of a still, also of a pass that is over, and nothing else follows", () => {
  const bench = createLineBench();
  bench.start();
  const before = bench.commands.length;
  const imageHash = "ab".repeat(32);
  const still = { deviceId: "camera-1", moment: "left", imageHash, lateMs: 40 } as const;
  bench.tell({ kind: "still", passId: "L1.gone.1", ...still });
  expect(bench.factsOf("pictured")).toEqual([{ kind: "pictured", passId: "L1.gone.1", ...still }]);
  expect(bench.commands).toHaveLength(before);
});
