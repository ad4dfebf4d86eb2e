/**
 * Goal: what a machine of DICOS files says is told of the parcel that its number names, of nobody
 * where it names none, and never better than it was. Method: the dialect alone, file by file.
 */
import { describe, expect, it } from "vitest";
import { createDicosDialect, zDicosDialect } from "../../edge/devices/xray/dicos.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import { shadowLengthPx } from "../../edge/devices/xray/shadow-length.ts";
import type { FolderOrder } from "../../edge/devices/wires/folder-wire.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { decodeXrayImage } from "../../protocols/xray/xray-image.ts";
import { boxPicture, boxReport } from "../kit/dicos-pictures.ts";
import { pngFile } from "../kit/png-files.ts";

function opened(more: object = {}) {
  const config = zDicosDialect.parse({ kind: "dicos", mmPerPixel: 1, ...more });
  const dialect = createDicosDialect(config);
  const told: XrayHeard[] = [];
  const answered: FolderOrder[] = [];
  const out = {
    tell: (heard: XrayHeard) => void told.push(heard),
    answer: (order: FolderOrder) => void answered.push(order),
  };
  const at = monotonicMs(0);
  let files = 0;
  return {
    told,
    answered,
    look: () => dialect.read({ kind: "looked", beganAt: at }, at, out),
    notRead: (why: string) => dialect.read({ kind: "notRead", name: "a.dcs", why }, at, out),
    put(bytes: Uint8Array, cameAs = "a.dcs"): string {
      files += 1;
      const name = `${String(files).padStart(9, "0")}-${cameAs}`;
      dialect.read({ kind: "file", name, cameAs, bytes, cameAfter: null, seenAt: at }, at, out);
      return name;
    },
    /** Its number, as the machine finds it. */
    announce(passId: string): number {
      const [entryFromCount, entryToCount] = [beltCount(0), beltCount(100)];
      const order = dialect.write({ passId, entryFromCount, entryToCount, lengthMm: 300 }, at);
      if (order?.kind !== "put") throw new Error("nothing was put");
      expect(order.name).toBe("announced.json");
      const said: unknown = JSON.parse(new TextDecoder().decode(order.bytes));
      expect(said).toEqual({ track: expect.any(Number), lengthMm: 300 });
      return (said as { track: number }).track;
    },
    kinds: () => told.map(({ kind }) => kind),
    verdicts: () => told.filter((heard) => heard.kind === "verdict"),
    /** Those on an image that was told. */
    verdictsOnImages() {
      const images = told.flatMap((heard) => (heard.kind === "image" ? [heard.imageHash] : []));
      return told.filter((heard) => heard.kind === "verdict" && images.includes(heard.imageHash));
    },
  };
}

const ofNobody = "it is of no parcel that was announced";

describe("a picture", () => {
  it("is an item and an image of the parcel whose number it bears, as long as what it shows", () => {
    const machine = opened();
    machine.announce("pass-1");
    const track = machine.announce("pass-2");
    machine.put(boxPicture({ track, lengthPx: 280, shade: 7 }));
    const key = { passId: "pass-2", itemSequence: 2, lengthMm: 280 };
    const [item, image] = machine.told;
    expect(item).toEqual({ kind: "item", ...key });
    expect(image).toMatchObject({ kind: "image", ...key });
    expect(machine.told).toHaveLength(2);
    if (image?.kind !== "image") throw new Error("no image");
    const decoded = decodeXrayImage(image.bytes);
    expect(decoded).toMatchObject({
      kind: "ok",
      header: { ...key, widthPx: 500, heightPx: 4, planes: 1 },
      lowEnergy: null,
    });
    expect(decoded.kind === "ok" && [...decoded.highEnergy.subarray(49, 51)]).toEqual([65_000, 7]);
    expect(machine.answered).toEqual([]);
  });

  it("is known by its pixels, whatever its file says beside them", () => {
    const machine = opened();
    const tracks = ["pass-1", "pass-2"].map((passId) => machine.announce(passId));
    for (const [index, track] of tracks.entries()) {
      machine.put(boxPicture({ track, uid: `1.2.${index}` }));
    }
    const [first, second] = machine.told.filter((heard) => heard.kind === "image");
    expect(first?.pictureHash).toBe(second?.pictureHash);
    expect(first?.imageHash).not.toBe(second?.imageHash);
  });

  it.each([
    ["a number that nobody was given", "4711"],
    ["no number", "none"],
  ])("of %s is an item of nobody, and lies aside", (_name, track) => {
    const machine = opened();
    machine.announce("pass-1");
    const name = machine.put(boxPicture({ track }));
    expect(machine.told).toEqual([
      { kind: "noted", counts: { foreignFilesTotal: 1 } },
      { kind: "item", passId: null, itemSequence: 1, lengthMm: 0 },
    ]);
    expect(machine.answered).toEqual([{ kind: "keepAside", name, why: ofNobody }]);
  });

  it("is measured along its columns or its rows", () => {
    const plane = Uint16Array.from({ length: 20 * 10 }, (_, at) => {
      const [row, column] = [Math.floor(at / 20), at % 20];
      return row >= 2 && row < 6 && column >= 3 && column < 15 ? 59_999 : 60_000;
    });
    const picture = { widthPx: 20, heightPx: 10, plane };
    const along = (beltAlong: "columns" | "rows") =>
      shadowLengthPx(picture, { beltAlong, airFrom: 60_000 });
    expect([along("columns"), along("rows")]).toEqual([12, 4]);
    expect(shadowLengthPx(picture, { beltAlong: "rows", airFrom: 59_999 })).toBe(0);
    // Two pixels of noise in a column are nothing, three are something.
    plane[18] = 0;
    plane[20 + 18] = 0;
    expect(along("columns")).toBe(12);
    plane[40 + 18] = 0;
    expect(along("columns")).toBe(16);
  });

  it("is as long as its pixels are", () => {
    const machine = opened({ mmPerPixel: 1.5 });
    machine.put(boxPicture({ track: machine.announce("pass-1"), lengthPx: 200 }));
    expect(machine.told[0]).toMatchObject({ kind: "item", lengthMm: 300 });
  });

  it("of something that is too long to be told is unreadable", () => {
    const machine = opened({ mmPerPixel: 20, airFrom: 65_535 });
    const track = machine.announce("pass-1");
    machine.put(boxPicture({ track, widthPx: 500 }));
    expect(machine.told[0]).toMatchObject({ kind: "item", lengthMm: 10_000 });
    const name = machine.put(boxPicture({ track, widthPx: 501 }));
    expect(machine.told.at(-1)).toMatchObject({
      kind: "discarded",
      reason: { detail: "a.dcs: a picture of 10020 mm" },
    });
    expect(machine.answered).toEqual([{ kind: "keepAside", name, why: "a picture of 10020 mm" }]);
  });
});

describe("a report", () => {
  it.each([
    ["CLEAR", "clear"],
    ["ALARM", "suspect"],
    ["UNKNOWN", "unknown"],
  ])("that says %s is the verdict %s on its picture", (decision, verdict) => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxPicture({ track }));
    machine.put(boxReport({ track, decision }));
    const image = machine.told.find((heard) => heard.kind === "image");
    expect(machine.verdicts()).toEqual([
      {
        kind: "verdict",
        passId: "pass-1",
        itemSequence: 1,
        imageHash: image?.kind === "image" ? image.imageHash : "",
        verdict,
        boxes: [],
        algorithm: "lab 1.0",
      },
    ]);
  });

  it("waits for its picture, and follows it", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxReport({ track }));
    expect(machine.told).toEqual([{ kind: "noted", counts: { aheadOfPictureTotal: 1 } }]);
    machine.put(boxPicture({ track }));
    expect(machine.kinds()).toEqual(["noted", "item", "image", "verdict"]);
    machine.put(boxPicture({ track, shade: 9 }));
    expect(machine.verdicts()).toHaveLength(1);
  });

  it("that contradicts another is told beside it, however early they came", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxReport({ track, decision: "ALARM" }));
    machine.put(boxReport({ track }));
    machine.put(boxPicture({ track }));
    machine.put(boxReport({ track, decision: "UNKNOWN" }));
    expect(machine.verdicts()).toMatchObject([
      { verdict: "suspect" },
      { verdict: "suspect" },
      { verdict: "clear" },
      { verdict: "unknown" },
    ]);
  });

  it("law 2: that is not clear is told at once, since its picture may never come", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxReport({ track, decision: "ALARM" }));
    expect(machine.told).toMatchObject([
      { kind: "verdict", passId: "pass-1", verdict: "suspect", imageHash: expect.any(String) },
    ]);
  });

  it.each(["another's", "nobody's"])(
    "law 2: that speaks against an instance speaks against whoever is on it, under %s number",
    (whose) => {
      const machine = opened();
      const [a, b] = [machine.announce("a"), machine.announce("b")];
      machine.put(boxPicture({ track: a, shade: 1, uid: "1.2.3" }));
      machine.put(boxReport({ track: a, onUid: "1.2.3" }));
      machine.put(boxPicture({ track: b, shade: 2, uid: "1.2.4" }));
      const [ofA] = machine.told.flatMap((heard) => (heard.kind === "image" ? [heard] : []));
      const track = whose === "nobody's" ? 4_711 : b;
      machine.put(boxReport({ track, decision: "ALARM", onUid: "1.2.3" }));
      expect(machine.verdicts().slice(1)).toMatchObject([
        {
          passId: whose === "nobody's" ? null : "b",
          imageHash: ofA?.imageHash,
          verdict: "suspect",
        },
      ]);
    },
  );

  it("law 2: that speaks against an instance speaks against a picture of it that comes later", () => {
    const machine = opened();
    const [a, b] = [machine.announce("a"), machine.announce("b")];
    machine.put(boxReport({ track: b, decision: "ALARM", onUid: "1.2.3" }));
    machine.put(boxReport({ track: a, onUid: "1.2.3" }));
    machine.put(boxPicture({ track: a, uid: "1.2.3" }));
    expect(machine.verdictsOnImages()).toMatchObject([
      { passId: "a", verdict: "suspect" },
      { passId: "a", verdict: "clear" },
    ]);
  });

  it.each([2, 3])("law 9: names no picture by an instance that came under %i numbers", (total) => {
    const machine = opened();
    const tracks = ["a", "b", "c"].slice(0, total).map((passId) => machine.announce(passId));
    for (const [shade, track] of tracks.entries()) machine.put(boxPicture({ track, shade }));
    for (const track of tracks) machine.put(boxReport({ track }));
    expect(machine.verdicts()).toHaveLength(total);
    expect(machine.verdictsOnImages()).toEqual([]);
  });

  it("law 9: is on no picture where it names none", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxPicture({ track }));
    machine.put(boxReport({ track, onUid: null }));
    expect(machine.verdicts()).toHaveLength(1);
    expect(machine.verdictsOnImages()).toEqual([]);
  });

  it("is given up, told and put aside where the pictures of sixteen others are awaited as well", () => {
    const machine = opened();
    const reports = Array.from({ length: 17 }, (_, index) => {
      return machine.put(boxReport({ track: machine.announce(`pass-${index}`) }));
    });
    expect(machine.answered).toEqual([{ kind: "keepAside", name: reports[0], why: ofNobody }]);
    expect(machine.told.slice(16)).toEqual([
      { kind: "noted", counts: { aheadOfPictureTotal: 1 } },
      { kind: "noted", counts: { foreignFilesTotal: 1 } },
    ]);
  });

  it("is one too many where four wait for the same picture: that is doubt", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    for (let count = 0; count < 4; count += 1) machine.put(boxReport({ track }));
    expect(machine.told.filter(({ kind }) => kind === "item")).toEqual([]);
    machine.put(boxReport({ track }));
    expect(machine.told.at(-1)).toMatchObject({ kind: "item", passId: null });
  });

  it("on another picture names no image of the line's", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxPicture({ track, uid: "1.2.3" }));
    machine.put(boxReport({ track, onUid: "1.2.3" }));
    machine.put(boxReport({ track, onUid: "1.2.9" }));
    const image = machine.told.find((heard) => heard.kind === "image");
    const isOnIt = machine.verdicts().map((heard) => {
      return heard.kind === "verdict" && image?.kind === "image"
        ? heard.imageHash === image.imageHash
        : null;
    });
    expect(isOnIt).toEqual([true, false]);
  });

  it.each([
    ["CLEAR", [], []],
    ["ALARM", ["verdict"], [{ kind: "item", passId: null, itemSequence: 1, lengthMm: 0 }]],
    ["UNKNOWN", [], [{ kind: "item", passId: null, itemSequence: 1, lengthMm: 0 }]],
  ])("on nobody lies aside; with %s it makes others doubtful", (decision, first, doubt) => {
    const machine = opened();
    const name = machine.put(boxReport({ track: 4_711, decision }));
    expect(machine.kinds().slice(0, first.length)).toEqual(first);
    expect(machine.told.slice(first.length)).toEqual([
      { kind: "noted", counts: { foreignFilesTotal: 1 } },
      ...doubt,
    ]);
    expect(machine.answered).toEqual([{ kind: "keepAside", name, why: ofNobody }]);
  });
});

describe("images beside DICOS files", () => {
  /** Of the same box as the DICOS picture shows. */
  const boxPng = (shade = 100): Uint8Array =>
    pngFile({
      widthPx: 500,
      heightPx: 4,
      pixels: Array.from({ length: 2_000 }, (_, at) =>
        at % 500 >= 50 && at % 500 < 350 ? shade : 65_000,
      ),
    });
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0);

  it("law 16: are counted, and nothing more, whatever they are called", () => {
    const machine = opened();
    const track = machine.announce("pass-1");
    machine.put(boxPng(), `${track}.png`);
    machine.put(jpeg, `${track}.dcs`);
    const beside = { kind: "noted", counts: { imagesBesideTotal: 1 } };
    expect(machine.told).toEqual([beside, beside]);
    expect(machine.answered).toEqual([]);
    const other = opened({ pictures: "png" });
    other.put(boxPicture({ track: other.announce("pass-1") }));
    other.put(jpeg, "1.png");
    expect(other.told).toEqual([beside, beside]);
  });

  it("are in their place where the machine makes no DICOS pictures, and reports name them", () => {
    const machine = opened({ pictures: "png" });
    const track = machine.announce("pass-1");
    machine.put(boxPng(), `${track}_1.2.3.4.png`);
    machine.put(boxReport({ track }));
    const [item, image] = machine.told;
    expect(item).toEqual({ kind: "item", passId: "pass-1", itemSequence: 1, lengthMm: 300 });
    expect(image).toMatchObject({ kind: "image", passId: "pass-1", lengthMm: 300 });
    expect(machine.verdictsOnImages()).toMatchObject([{ verdict: "clear" }]);
  });

  it("law 9: one that bears no instance is on no report", () => {
    const machine = opened({ pictures: "png" });
    const track = machine.announce("pass-1");
    machine.put(boxPng(), `${track}.png`);
    machine.put(boxReport({ track }));
    machine.put(boxReport({ track, onUid: null }));
    expect(machine.verdicts()).toHaveLength(2);
    expect(machine.verdictsOnImages()).toEqual([]);
  });

  it.each(["picture.png", "0.png", "4711.png", "x%.png", "%.png.png", "%-1.2.png"])(
    "law 9: one that is called %s is nobody's",
    (name) => {
      const machine = opened({ pictures: "png" });
      const track = machine.announce("pass-1");
      machine.put(boxPng(), name.replace("%", String(track)));
      expect(machine.told.at(-1)).toMatchObject({ kind: "item", passId: null });
      expect(machine.answered).toMatchObject([{ kind: "keepAside", why: ofNobody }]);
    },
  );

  it("one that is damaged cannot be read", () => {
    const machine = opened({ pictures: "png" });
    const track = machine.announce("pass-1");
    machine.put(boxPng().subarray(0, -1), `${track}.png`);
    expect(machine.told).toMatchObject([
      {
        kind: "discarded",
        reason: { code: "fileNotRead", detail: expect.stringMatching(/^\d+\.png: a PNG image/) },
      },
    ]);
  });
});

it("each look is a sign of life", () => {
  const machine = opened();
  machine.look();
  machine.look();
  expect(machine.told).toEqual([
    { kind: "life", state: "ready", beamOn: true, seq: 1 },
    { kind: "life", state: "ready", beamOn: true, seq: 2 },
  ]);
});

it("what cannot be read is told by its name, and lies aside", () => {
  const machine = opened();
  const name = machine.put(new TextEncoder().encode("{}"));
  machine.notRead("it was still being written");
  expect(machine.told).toEqual([
    {
      kind: "discarded",
      reason: { code: "fileNotRead", detail: "a.dcs: not a DICOM file" },
      counts: { filesNotReadTotal: 1 },
    },
    {
      kind: "discarded",
      reason: { code: "fileNotRead", detail: "a.dcs: it was still being written" },
      counts: { filesNotReadTotal: 1 },
    },
  ]);
  expect(machine.answered).toEqual([{ kind: "keepAside", name, why: "not a DICOM file" }]);
});

it("numbers are of this run: the same pass has the same one, and another has another", () => {
  const [one, other] = [opened(), opened()];
  expect(one.announce("pass-1")).toBe(other.announce("pass-1"));
  expect(one.announce("pass-2")).not.toBe(one.announce("pass-1"));
});
