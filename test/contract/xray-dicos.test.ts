/**
 * Goal: a machine that puts DICOS files into a folder is an X-ray machine to the line: what it says is
 * told in order, whole files only, and what belongs to nothing is kept aside. Method: the shipped
 * driver on real folders, into which the tests put files as machines do.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import type { XrayEvent, XrayPort } from "../../edge/devices/xray/xray.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { decodeXrayImage } from "../../protocols/xray/xray-image.ts";
import { createXrayFolderWire } from "../../simulators/devices/xray/folder-wire.ts";
import { startXray, type Picture } from "../../simulators/devices/xray/machine.ts";
import { boxPicture, boxReport } from "../kit/dicos-pictures.ts";
import { jpegFile } from "../kit/jpeg-files.ts";
import { describeFaults, inCell } from "./cell-suite.ts";
import { agentWires, listen, realTime, temporaryFolder } from "./device-rig.ts";
import { bodyOf } from "./xray-rigs.ts";

const here = { cell: "xray/dicos/folder" } as const;
const time = realTime();
let folder: ReturnType<typeof temporaryFolder>;
let port: XrayPort;
let heard: ReturnType<typeof listen<XrayEvent>>;

const of = <K extends XrayEvent["kind"]>(kind: K) =>
  heard.said().filter((event): event is Extract<XrayEvent, { kind: K }> => event.kind === kind);
const counter = (name: string): number => port.health().counters[name] ?? 0;
const state = (): string => port.health().state;
const within = (name: string): string[] => readdirSync(folder.path(name)).toSorted();

function start(reach: object = {}, dialect: object = {}): void {
  const config = zXrayConfig.parse({
    id: "xray-1",
    reach: {
      kind: "folder",
      path: folder.path("from"),
      tellPath: folder.path("to"),
      lookEveryMs: 20,
      writes: "renamed",
      ...reach,
    },
    dialect: { kind: "dicos", mmPerPixel: 1, ...dialect },
    staleAfterMs: 700,
    downAfterMs: 1_000,
  });
  port = createXray(
    config,
    { counter: null },
    { wires: agentWires(time.clock), clock: time.clock },
  );
  heard = listen(port);
}

const announce = (passId: string) =>
  port.announce({
    passId,
    entryFromCount: beltCount(4_950),
    entryToCount: beltCount(5_050),
    lengthMm: 300,
  });

/** As the machine finds it when the parcel enters. */
async function trackOf(passId: string): Promise<number> {
  const file = folder.path("to/announced.json");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  expect(announce(passId)).toEqual(sent);
  await time.until(() => existsSync(file) && readFileSync(file, "utf8") !== before, "a number");
  return (JSON.parse(readFileSync(file, "utf8")) as { track: number }).track;
}

/** As a careful machine does. */
function put(name: string, bytes: Uint8Array): void {
  writeFileSync(folder.path(`from/.${name}`), bytes);
  renameSync(folder.path(`from/.${name}`), folder.path(`from/${name}`));
}

beforeEach(async () => {
  folder = temporaryFolder();
  mkdirSync(folder.path("from"));
  mkdirSync(folder.path("to"));
  start();
  await time.until(() => state() === "receiving", "the first look");
});
afterEach(async () => {
  await port.stop();
  folder.remove();
});

describe("DICOS files in a folder (DEV1-35)", inCell(here), () => {
  it("law 9, PR6.1-1: item, image and verdict are of the parcel whose number came back", async () => {
    const [first, second] = [await trackOf("pass-1"), await trackOf("pass-2")];
    put("1.dcs", boxPicture({ track: first, shade: 7 }));
    put("2.dcs", boxReport({ track: first }));
    await time.until(() => of("verdict").length === 1, "the first verdict");
    put("3.dcs", boxPicture({ track: second, lengthPx: 250, shade: 9, uid: "1.2.3.5" }));
    put("4.dcs", boxReport({ track: second, decision: "ALARM", onUid: "1.2.3.5" }));
    await time.until(() => of("verdict").length === 2, "the second verdict");
    expect(of("item")).toEqual([
      { kind: "item", passId: "pass-1", itemSequence: 1, lengthMm: 300 },
      { kind: "item", passId: "pass-2", itemSequence: 2, lengthMm: 250 },
    ]);
    expect(of("verdict").map(({ passId, verdict }) => [passId, verdict])).toEqual([
      ["pass-1", "clear"],
      ["pass-2", "suspect"],
    ]);
    const images = of("image");
    expect(of("verdict").map(({ imageHash }) => imageHash)).toEqual(
      images.map(({ bytes }) => createHash("sha256").update(bytes).digest("hex")),
    );
    expect(within("from/taken")).toEqual([
      "000000001-1.dcs",
      "000000002-2.dcs",
      "000000003-3.dcs",
      "000000004-4.dcs",
    ]);
    expect(within("from/aside")).toEqual([]);
    expect(within("from")).toEqual(["aside", "taken"]);
    expect(counter("itemGapsTotal")).toBe(0);
  });

  it("law 2: an alarm counts without a picture, which may never come", async () => {
    const track = await trackOf("pass-1");
    put("1.dcs", boxReport({ track, decision: "ALARM" }));
    await time.until(() => of("verdict").length === 1, "the alarm");
    expect(of("verdict")[0]).toMatchObject({ passId: "pass-1", verdict: "suspect" });
    expect(of("item")).toEqual([]);
  });

  it("a JPEG file is a picture where the configuration says so, and says that it is lossy", async () => {
    await port.stop();
    start({}, { pictures: "jpeg" });
    await time.until(() => state() === "receiving", "the first look");
    const track = await trackOf("pass-1");
    const pixels = Array.from({ length: 240 }, (_, at) =>
      at % 20 >= 4 && at % 20 < 16 ? 30 : 255,
    );
    put(`${track}.jpg`, jpegFile({ widthPx: 20, heightPx: 12, pixels }));
    await time.until(() => of("image").length === 1, "the picture");
    const [image] = of("image");
    expect(image).toMatchObject({ passId: "pass-1", itemSequence: 1, lengthMm: 12 });
    expect(decodeXrayImage(image!.bytes)).toMatchObject({ header: { planes: 1, isLossy: true } });
    expect(createHash("sha256").update(image!.bytes).digest("hex")).toBe(image!.imageHash);
  });

  it("the machine is ready as long as its folder can be looked at", () => {
    expect(of("ready")).toEqual([{ kind: "ready", isReady: true, reason: null }]);
  });

  it("what belongs to nothing, and what cannot be read, is kept aside and counted", async () => {
    const track = await trackOf("pass-1");
    put("old.dcs", boxPicture({ track: 1 }));
    put("cut.dcs", boxReport({ track }).subarray(0, -1));
    put("notes.txt", new TextEncoder().encode("clear"));
    await time.until(() => within("from/aside").length === 3, "three files aside");
    await time.until(() => of("item").length === 1, "told of nobody");
    expect(within("from/aside").map((name) => name.slice(10))).toEqual(
      expect.arrayContaining(["old.dcs", "cut.dcs", "notes.txt"]),
    );
    expect(within("from/taken")).toEqual([]);
    expect(counter("foreignFilesTotal")).toBe(1);
    expect([counter("discardedTotal"), counter("filesNotReadTotal")]).toEqual([2, 2]);
    expect(port.health()).toMatchObject({
      state: "receiving",
      reason: {
        code: "fileNotRead",
        params: { total: 2 },
        detail: expect.stringMatching(/^(?:notes\.txt|cut\.dcs): /),
      },
    });
    expect(of("item")).toEqual([{ kind: "item", passId: null, itemSequence: 1, lengthMm: 0 }]);
    expect(of("verdict")).toEqual([]);
  });

  it("half a file, a folder and a link are left alone", async () => {
    const track = await trackOf("pass-1");
    writeFileSync(folder.path("elsewhere.dcs"), boxPicture({ track, shade: 1 }));
    symlinkSync(folder.path("elsewhere.dcs"), folder.path("from/link.dcs"));
    mkdirSync(folder.path("from/more.dcs"));
    writeFileSync(folder.path("from/half.dcs.tmp"), boxPicture({ track, shade: 2 }));
    put("whole.dcs", boxPicture({ track, shade: 3 }));
    await time.until(() => of("image").length === 1, "the whole one");
    const looked = counter("framesTotal");
    await time.until(() => counter("framesTotal") >= looked + 3, "three more looks");
    expect(of("image")).toHaveLength(1);
    expect(within("from")).toEqual(["aside", "half.dcs.tmp", "link.dcs", "more.dcs", "taken"]);
  });

  it("a file that is written in place is taken once it rests", async () => {
    await port.stop();
    start({ writes: "inPlace" });
    await time.until(() => state() === "receiving", "the first look");
    const track = await trackOf("pass-1");
    const whole = boxPicture({ track });
    const path = folder.path("from/slow.dcs");
    writeFileSync(path, "");
    const looked = counter("framesTotal");
    await time.until(() => counter("framesTotal") >= looked + 3, "three looks");
    expect(existsSync(path)).toBe(true);
    writeFileSync(path, whole);
    await time.until(() => of("image").length === 1, "the image");
    expect(counter("discardedTotal")).toBe(0);
  });

  it("a file that is too large is not read, and lies aside", async () => {
    const path = folder.path("from/.large.dcs");
    writeFileSync(path, "");
    truncateSync(path, 32 * 1024 * 1024 + 1);
    renameSync(path, folder.path("from/large.dcs"));
    await time.until(() => within("from/aside").length === 1, "the file aside");
    await time.until(() => counter("discardedTotal") === 1, "told");
    expect(within("from/taken")).toEqual([]);
  });

  it("no more files are kept than the configuration says", async () => {
    await port.stop();
    start({ keptFilesMax: 10 });
    await time.until(() => state() === "receiving", "the first look");
    for (let count = 1; count <= 12; count += 1) {
      put(`${count}.dcs`, new TextEncoder().encode(`no DICOM ${count}`));
      await time.until(() => counter("discardedTotal") === count, "the next one");
    }
    const last = Array.from({ length: 10 }, (_, index) => index + 3);
    const names = last.map((count) => `${String(count).padStart(9, "0")}-${count}.dcs`);
    await time.until(() => within("from/aside").join() === names.join(), "the last ten");
  });

  it("what is moved aside takes no room from what was taken", async () => {
    await port.stop();
    start({ keptFilesMax: 10 });
    await time.until(() => state() === "receiving", "the first look");
    const track = await trackOf("pass-1");
    put("picture.dcs", boxPicture({ track }));
    await time.until(() => of("image").length === 1, "the picture");
    for (let count = 1; count <= 12; count += 1) {
      put(`${count}.txt`, new TextEncoder().encode(`no DICOM ${count}`));
      await time.until(() => counter("discardedTotal") === count, "the next one");
    }
    await time.until(() => within("from/taken").length === 1, "the last one aside");
    expect(within("from/taken")).toEqual(["000000001-picture.dcs"]);
  });

  it("files of before a restart are not numbered over", async () => {
    put("a.dcs", new TextEncoder().encode("no DICOM"));
    await time.until(() => within("from/aside").length === 1, "the first");
    await port.stop();
    start();
    await time.until(() => state() === "receiving", "the first look");
    put("a.dcs", new TextEncoder().encode("no DICOM either"));
    await time.until(() => within("from/aside").length === 2, "the second");
    expect(within("from/aside")).toEqual(["000000001-a.dcs", "000000002-a.dcs"]);
  });
});

describe("the simulated machine", inCell(here), () => {
  /** Of a box in the middle of 2 mm a pixel, as grey as it is long. */
  const pictureOf = (lengthMm: number): Picture => {
    const [widthPx, heightPx] = [400, 4];
    const high = new Uint16Array(widthPx * heightPx).fill(64_000);
    for (let row = 0; row < heightPx; row += 1) {
      high.fill(lengthMm, row * widthPx + 20, row * widthPx + 20 + lengthMm / 2);
    }
    return { widthPx, heightPx, high, low: high };
  };

  it("PR6.1-2: is understood, each item by the number that it was told before", async () => {
    await port.stop();
    start({}, { mmPerPixel: 2 });
    await time.until(() => state() === "receiving", "the first look");
    const [from, to] = [folder.path("from"), folder.path("to")];
    const verdicts = ["clear", "suspect", "unknown"] as const;
    let judged = 0;
    const machine = startXray({
      wire: createXrayFolderWire({ from, to, clock: time.clock, onNotPut: () => {} }),
      clock: time.clock,
      knowsCounts: false,
      eyeToBeamCounts: 1_000,
      take: ([body]) => pictureOf(body!.lengthMm),
      judge: () => ({ verdict: verdicts[judged++]!, boxes: [], latencyMs: 1 }),
    });
    for (const [index, lengthMm] of [300, 400, 500].entries()) {
      await trackOf(`pass-${index}`);
      await time.until(() => machine.awaits(0), "the number's way");
      const entryCount = 5_000 + index * 1_000;
      machine.itemEntered(entryCount);
      machine.itemCleared(entryCount, lengthMm);
      machine.itemScanned([bodyOf(lengthMm)], entryCount + 1_000);
      await time.until(() => of("verdict").length > index, "the verdict");
    }
    await machine.stop();
    expect(of("item").map(({ passId, lengthMm }) => [passId, lengthMm])).toEqual([
      ["pass-0", 300],
      ["pass-1", 400],
      ["pass-2", 500],
    ]);
    expect(of("verdict").map(({ verdict }) => verdict)).toEqual(verdicts);
    expect(of("verdict").map(({ imageHash }) => imageHash)).toEqual(
      of("image").map(({ imageHash }) => imageHash),
    );
    expect(within("from/aside")).toEqual([]);
  });
});

describeFaults("a folder that cannot be looked at", [here], () => {
  it("is a machine that is not heard, by the folder's name, and comes back", async () => {
    renameSync(folder.path("from"), folder.path("away"));
    const reason = () => port.health().reason;
    await time.until(() => reason()?.code === "cannotOpen", "named");
    expect(reason()?.detail).toBe(`${folder.path("from")}: there is no such file or folder`);
    await time.until(() => state() === "down", "down");
    expect(announce("pass-1")).toEqual(notConnected);
    expect(existsSync(folder.path("from"))).toBe(false);
    renameSync(folder.path("away"), folder.path("from"));
    await time.until(() => state() === "receiving", "receiving again");
    await trackOf("pass-2");
  });

  it("nor is one that is full of what is no file", async () => {
    for (let count = 0; count < 2_000; count += 1) mkdirSync(folder.path(`from/${count}`));
    const why = "more than 2000 entries, and no file to take among them";
    await time.until(() => port.health().reason?.detail?.endsWith(why) === true, "named");
    expect(announce("pass-1")).toEqual(notConnected);
  });

  it("nor is one from which a file cannot be moved, which is left alone from then on", async () => {
    rmSync(folder.path("from/taken"), { recursive: true });
    put("stuck.dcs", boxPicture({ track: 1 }));
    await time.until(() => counter("reconnectsTotal") === 1, "opened anew");
    put("next.dcs", boxPicture({ track: await trackOf("pass-1") }));
    await time.until(() => of("image").length === 1, "the next one");
    expect(within("from")).toContain("stuck.dcs");
    expect(counter("discardedTotal")).toBe(1);
  });

  it("nor is one whose answers have no folder, which nobody makes in its place", async () => {
    await port.stop();
    rmSync(folder.path("to"), { recursive: true });
    start();
    await time.until(() => port.health().reason?.code === "cannotOpen", "named");
    expect(port.health().reason?.detail).toContain(folder.path("to"));
    expect(existsSync(folder.path("to"))).toBe(false);
    mkdirSync(folder.path("to"));
    await time.until(() => state() === "receiving", "receiving");
  });

  it("a number that cannot be put there is an announcement that failed", async () => {
    rmSync(folder.path("to"), { recursive: true });
    expect(announce("pass-1")).toEqual(sent);
    await time.until(() => counter("commandsFailedTotal") === 1, "the failure");
  });

  it("tells nothing after stop, and leaves files where they are", async () => {
    const track = await trackOf("pass-1");
    await port.stop();
    const told = heard.all.length;
    put("late.dcs", boxPicture({ track }));
    const endsAt = time.clock.monotonic() + 100;
    await time.until(() => time.clock.monotonic() > endsAt, "five looks");
    expect(heard.all.length).toBe(told);
    expect(within("from")).toContain("late.dcs");
    expect(announce("pass-2")).toEqual(notConnected);
  });
});
