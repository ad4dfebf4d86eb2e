/**
 * Goal: a file of a camera's is the still of the one parcel that it can be of, or of none (law 16).
 * Method: the dialect by itself on a wire in memory, in virtual time; and what counts as a whole still.
 */
import { describe, expect, test } from "vitest";
import { createFilesDialect, filesAwaitedMax } from "../../edge/devices/camera/files.ts";
import type { CameraHeard } from "../../edge/devices/camera/heard.ts";
import { whyNoStill } from "../../edge/devices/camera/still-file.ts";
import { speak } from "../../edge/devices/dialect.ts";
import type { WireHandlers } from "../../edge/devices/wire.ts";
import type { FolderNews, FolderOrder } from "../../edge/devices/wires/folder-wire.ts";
import { stillBytesMax } from "../../protocols/camera/still.ts";
import { sent } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";

const still = drawStill({ label: "RB123456785GB", number: 1 });
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);

const withinMs = 800;

/** A folder in which nothing has been for as long as it takes. */
function rig() {
  const made = unsureRig();
  made.quiet();
  return made;
}

function unsureRig() {
  const clock = createVirtualClock();
  const orders: FolderOrder[] = [];
  const heard: CameraHeard[] = [];
  let hand: WireHandlers<FolderNews> | null = null;
  const wire = speak(
    createFilesDialect({ kind: "files", withinMs }),
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
  /** It came just now, unless something else is said. */
  const file = ({ bytes = still, name = "1-a.png", ...coming }: Partial<FileNews> = {}): void => {
    const now = clock.monotonic();
    const came = { cameAfter: now, seenAt: now, ...coming };
    hand!.onMessage({ kind: "file", name, cameAs: "a.png", bytes, ...came });
  };
  const looked = (): void => hand!.onMessage({ kind: "looked", beganAt: clock.monotonic() });
  const old = (seenAt = clock.monotonic()): void =>
    hand!.onMessage({ kind: "old", name: "1-a.png", why: "old", cameAfter: null, seenAt });
  const behind = (): void =>
    hand!.onMessage({ kind: "looked", beganAt: clock.monotonic(), isBehind: true });
  const ids = (kind: "still" | "noStill"): string[] =>
    heard.flatMap((each) => (each.kind === kind ? [each.id] : []));
  const count = (counter: string): number =>
    heard.reduce((sum, each) => sum + ("counts" in each ? (each.counts[counter] ?? 0) : 0), 0);
  const whys = (): string[] =>
    orders.flatMap((order) => (order.kind === "keepAside" ? [order.why] : []));
  const quiet = (ms = 2 * withinMs): void => {
    clock.runFor(ms);
    looked();
  };
  return {
    clock,
    orders,
    heard,
    wire,
    file,
    looked,
    old,
    behind,
    quiet,
    ids,
    count,
    whys,
    lose: () => hand!.onState(false),
    find: () => hand!.onState(true),
  };
}

type FileNews = Extract<FolderNews, { kind: "file" }>;
const mayBeLate = "it may be an earlier parcel's that came late";
const mayBeBefore = "it may have lain there before its moment";
const noneAwaited = "no still was awaited when it came";

describe("a file", () => {
  test("is of the one moment that awaits it, at which the folder is looked at", () => {
    const { clock, wire, file, ids, orders, whys } = rig();
    wire.send({ id: "a" });
    clock.runFor(700);
    file();
    wire.send({ id: "b" });
    clock.runFor(100);
    file();
    expect([ids("still"), ids("noStill"), whys()]).toEqual([["a", "b"], [], []]);
    expect(orders).toEqual([{ kind: "refuseOld" }, { kind: "glance" }, { kind: "glance" }]);
  });

  test("is nobody's where two await one, and neither gets the next either", () => {
    const { clock, wire, file, ids, count, whys } = rig();
    wire.send({ id: "a" });
    clock.runFor(300);
    wire.send({ id: "b" });
    file();
    file({ name: "2-b.png" });
    expect([ids("still"), ids("noStill")]).toEqual([[], ["a", "b"]]);
    expect(whys()).toEqual(["stills of several parcels were awaited when it came", noneAwaited]);
    expect([count("ambiguousFilesTotal"), count("pairingLostTotal")]).toEqual([1, 1]);
  });

  test("that was found before the moment of the second is the first one's", () => {
    const { clock, wire, file, ids } = rig();
    wire.send({ id: "a" });
    clock.runFor(300);
    const foundAt = clock.monotonic();
    clock.runFor(50);
    wire.send({ id: "b" });
    clock.runFor(50);
    file({ cameAfter: foundAt, seenAt: foundAt });
    file();
    expect([ids("still"), ids("noStill")]).toEqual([["a", "b"], []]);
  });

  test.each([
    ["that lay there before its moment", -1, -1, noneAwaited],
    ["that lay there when the folder was first looked at", null, 0, mayBeBefore],
    ["that came sooner than a look can tell", -1, 1, mayBeBefore],
  ])("%s is nobody's", (_name, cameAfter, seenAt, why) => {
    const { clock, wire, file, ids, whys, count } = rig();
    const moment = clock.monotonic();
    const at = (ms: number) => monotonicMs(moment + ms);
    wire.send({ id: "a" });
    clock.runFor(400);
    file({ cameAfter: cameAfter === null ? null : at(cameAfter), seenAt: at(seenAt) });
    expect([ids("still"), ids("noStill"), whys()]).toEqual([[], ["a"], [why]]);
    expect(count("earlyFilesTotal") + count("foreignFilesTotal")).toBe(1);
  });

  test("where more are awaited than may be, all are given up at once, and told", () => {
    const { clock, wire, ids } = rig();
    for (let n = 0; n < filesAwaitedMax; n += 1) wire.send({ id: `${n}` });
    clock.runFor(1);
    expect(ids("noStill")).toEqual([]);
    wire.send({ id: "one more" });
    clock.runFor(1);
    expect(ids("noStill")).toHaveLength(filesAwaitedMax + 1);
  });

  test("that comes too late is nobody's, and its moment was given up by itself", () => {
    const { clock, wire, file, ids, count } = rig();
    wire.send({ id: "a" });
    clock.runFor(801);
    expect(ids("noStill")).toEqual(["a"]);
    file();
    expect(ids("still")).toEqual([]);
    expect(count("foreignFilesTotal")).toBe(1);
  });

  test("of a camera that takes a little longer is not the next parcel's, again and again", () => {
    const { clock, wire, file, ids } = rig();
    for (let ms = 0; ms < 20_000; ms += 100) {
      if (ms % 1_000 === 0) wire.send({ id: `at ${ms}` });
      if (ms % 1_000 === 900) file();
      clock.runFor(100);
    }
    expect([ids("still").length, ids("noStill").length]).toEqual([0, 20]);
  });

  test("that does not come makes no more doubtful than what is near", () => {
    const { clock, wire, file, ids, whys, looked, quiet, count } = rig();
    wire.send({ id: "lost" });
    clock.runFor(801);
    wire.send({ id: "soon" });
    clock.runFor(200);
    file();
    expect([ids("still"), whys()]).toEqual([[], [mayBeLate]]);
    clock.runFor(599 + 800);
    looked();
    expect(count("pairingSureTotal")).toBe(1);
    clock.runFor(1);
    looked();
    expect(count("pairingSureTotal")).toBe(2);
    wire.send({ id: "then" });
    clock.runFor(200);
    file();
    quiet();
    expect([ids("still"), ids("noStill")]).toEqual([["then"], ["lost", "soon"]]);
  });

  test("is nobody's as the folder is found, whose trigger has not waited for us", () => {
    const { clock, wire, file, ids, quiet, lose, find, count } = unsureRig();
    const takes = (id: string): void => {
      wire.send({ id });
      clock.runFor(200);
      file();
    };
    quiet(2 * withinMs - 1);
    takes("a");
    quiet(3 * withinMs);
    takes("b");
    lose();
    find();
    takes("c");
    quiet(3 * withinMs);
    takes("d");
    expect([ids("still"), ids("noStill")]).toEqual([
      ["b", "d"],
      ["a", "c"],
    ]);
    expect([count("pairingSureTotal"), count("pairingLostTotal")]).toEqual([2, 1]);
  });

  test("that is no still is told by its name, and another may yet come", () => {
    const { wire, file, ids, heard } = rig();
    wire.send({ id: "a" });
    file({ bytes: Buffer.from("<html>"), name: "1-page.jpg" });
    expect(heard.at(-1)).toMatchObject({
      kind: "discarded",
      reason: { code: "fileNotRead", detail: "1-page.jpg: it is neither JPEG nor PNG" },
    });
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
  ["a PNG without the checksum of its end", still.subarray(0, -4), "its PNG is cut off"],
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

describe("files that lay there before anybody looked", () => {
  test("are nobody's, unread, and each as if it had just come", () => {
    const { wire, clock, old, looked, ids, count } = unsureRig();
    old();
    expect(count("foreignFilesTotal")).toBe(1);
    wire.send({ id: "a" });
    old();
    expect([count("unsureFilesTotal"), ids("noStill")]).toEqual([1, ["a"]]);
    clock.runFor(2 * withinMs);
    old();
    looked();
    expect(count("pairingSureTotal")).toBe(0);
    clock.runFor(withinMs);
    looked();
    expect(count("pairingSureTotal")).toBe(1);
  });

  test("one among them costs the still of a moment that is awaited", () => {
    const { wire, old, ids, count } = rig();
    wire.send({ id: "a" });
    old();
    expect([count("earlyFilesTotal"), count("pairingLostTotal"), ids("noStill")]).toEqual([
      1,
      1,
      ["a"],
    ]);
  });

  test("nothing is sure while some of them are still to be told", () => {
    const { clock, behind, looked, count } = unsureRig();
    clock.runFor(2 * withinMs);
    behind();
    expect(count("pairingSureTotal")).toBe(0);
    looked();
    expect(count("pairingSureTotal")).toBe(1);
  });
});
