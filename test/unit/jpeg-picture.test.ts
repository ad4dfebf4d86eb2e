/**
 * Goal: a JPEG file is the picture that it was made of, as far as such a file tells it, and says that
 * it is lossy; or it is refused with what is wrong in it, before anything of it is unpacked.
 * Method: files of the tests' own builder and one of another, whole, and with one thing changed.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { createDicosDialect, zDicosDialect } from "../../edge/devices/xray/dicos.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import { loadJpegDecoder } from "../../edge/devices/xray/jpeg-decoder.ts";
import { readJpeg, type JpegDecode } from "../../edge/devices/xray/jpeg-picture.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { readDicosFile } from "../../protocols/xray/dicos.ts";
import { readJpegFile } from "../../protocols/xray/jpeg-file.ts";
import { decodeXrayImage } from "../../protocols/xray/xray-image.ts";
import {
  dicomFile,
  digitalXray,
  digitalXrayClass,
  join,
  tagBytes,
  u32,
  withElements,
  type TestElement,
} from "../kit/dicom-files.ts";
import { jpegFile, type TestJpeg } from "../kit/jpeg-files.ts";

let decode: JpegDecode;
beforeAll(async () => {
  decode = await loadJpegDecoder();
});

const pixelsOf = (count: number): number[] =>
  Array.from({ length: count }, (_, at) => (at * 37) % 256);
const small: TestJpeg = { widthPx: 20, heightPx: 12, pixels: pixelsOf(240) };
const luminance = ([red = 0, green = 0, blue = 0]: readonly number[]): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;

const read = (jpeg: TestJpeg) => {
  const picture = readJpeg(jpegFile(jpeg), decode);
  if ("why" in picture) throw new Error(picture.why);
  return picture;
};
/** What is lost by rounding alone, of 255. */
const lossMax = 2;
const worstOf = (plane: Uint16Array, wanted: readonly number[]): number =>
  Math.max(...wanted.map((grey, at) => Math.abs((plane[at] ?? 0) / 257 - grey)));

describe("a JPEG picture", () => {
  it.each([0, 1, 2, 5])(
    "with a restart every %i blocks is its pixels, and says that it is lossy",
    (restartEvery) => {
      const { plane, ...rest } = read({ ...small, restartEvery });
      expect(rest).toEqual({ widthPx: 20, heightPx: 12, isLossy: true, isFromColour: false });
      expect(worstOf(plane, small.pixels)).toBeLessThanOrEqual(lossMax);
    },
  );

  it("of air is air", () => {
    const plane = read({ ...small, pixels: pixelsOf(240).map(() => 255) }).plane;
    expect(new Set(plane)).toEqual(new Set([65_535]));
  });

  it("of colours is their grey, and says so", () => {
    const pixels = pixelsOf(720);
    const picture = read({ ...small, pixels, components: 3, restartEvery: 2 });
    const greys = small.pixels.map((_, at) => luminance(pixels.slice(3 * at, 3 * at + 3)));
    expect(worstOf(picture.plane, greys)).toBeLessThanOrEqual(lossMax);
    expect(picture.isFromColour).toBe(true);
  });

  it("of three equal colours is grey, and says nothing of colours", () => {
    const pixels = small.pixels.flatMap((grey) => [grey, grey, grey]);
    expect(read({ ...small, pixels, components: 3 }).isFromColour).toBe(false);
  });

  it("of another program is its two shades", () => {
    const { plane, ...rest } = readJpeg(another, decode) as ReturnType<typeof read>;
    expect(rest).toMatchObject({ widthPx: 16, heightPx: 8, isFromColour: false });
    const wanted = Array.from({ length: 128 }, (_, at) => (at % 16 < 8 ? 250 : 40));
    expect(worstOf(plane, wanted)).toBeLessThanOrEqual(lossMax);
  });

  it("with what programs add of their own is the same", () => {
    const comment = [0xff, 0xfe, 0, 4, 65, 66, 0xff, 0xff, 0xe1, 0, 3, 7];
    expect(read({ ...small, before: comment }).plane).toEqual(read(small).plane);
  });

  test("whatever it shows is read as it was", () => {
    const side = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(1 as const, 3 as const), fc.nat(), (...given) => {
        const [widthPx, heightPx, components, seed] = given;
        const pixels = Array.from(
          { length: widthPx * heightPx * components },
          (_, at) => ((at + seed) * 2_654_435_761) % 256,
        );
        const { plane } = read({ widthPx, heightPx, components, pixels });
        const greys = Array.from({ length: widthPx * heightPx }, (_, at) =>
          components === 1 ? pixels[at]! : luminance(pixels.slice(3 * at, 3 * at + 3)),
        );
        expect(worstOf(plane, greys)).toBeLessThanOrEqual(2 * lossMax);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a JPEG file is refused by its head", () => {
  const whole = jpegFile(small);
  const scanAt = whole.length - 20;
  const inserted = (at: number, ...bytes: readonly number[]): Uint8Array =>
    Uint8Array.from([...whole.subarray(0, at), ...bytes, ...whole.subarray(at)]);

  it.each<[string, Uint8Array, RegExp]>([
    ["progressive", jpegFile({ ...small, frame: { marker: 0xc2 } }), /that is progressive: only/],
    ["lossless", jpegFile({ ...small, frame: { marker: 0xc3 } }), /that is lossless: only/],
    ["arithmetic", jpegFile({ ...small, frame: { marker: 0xc9 } }), /that is coded as FF C9/],
    ["no width", jpegFile({ ...small, frame: { size: [0, 12] } }), /of 0 x 12 pixels$/],
    ["a height that comes later", jpegFile({ ...small, frame: { size: [20, 0] } }), /of 20 x 0 /],
    ["a side too long", jpegFile({ ...small, frame: { size: [4_097, 1] } }), /of 4097 x 1 pixels$/],
    [
      "too many pixels",
      jpegFile({ ...small, frame: { size: [4_096, 4_096] } }),
      /of 4096 x 4096 pixels is too large$/,
    ],
    [
      "bytes behind its end",
      jpegFile({ ...small, behind: [1, 2] }),
      /with 2 bytes behind its end$/,
    ],
    ["a second picture", Uint8Array.from([...whole, ...whole]), /bytes behind its end$/],
    [
      "a table within its pixels",
      inserted(scanAt, 0xff, 0xdb, 0, 2),
      /of several scans, or damaged/,
    ],
    ["a restart out of order", inserted(scanAt, 0xff, 0xd3), /interrupted at byte/],
    [
      "a length below 2",
      jpegFile({ ...small, before: [0xff, 0xfe, 0, 1] }),
      /that is cut at byte 2$/,
    ],
    [
      "a part that runs over",
      jpegFile({ ...small, before: [0xff, 0xfe, 255, 255] }),
      /cut at byte 2$/,
    ],
    ["no marker", jpegFile({ ...small, before: [1] }), /that is cut or damaged at byte 2$/],
    [
      "a marker that nobody reads",
      jpegFile({ ...small, before: [0xff, 0xdc, 0, 4, 0, 8] }),
      /with FF DC/,
    ],
    ["no pixels", Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), /without pixels$/],
    ["nothing", new Uint8Array(0), /that does not begin as one$/],
  ])("%s", (_name, file, why) => {
    let decoded = 0;
    const picture = readJpeg(file, () => {
      decoded += 1;
      return null;
    });
    expect(picture).toEqual({ why: expect.stringMatching(why) });
    expect(decoded).toBe(0);
  });

  it("cut anywhere", () => {
    for (let length = 0; length < whole.length; length += 1) {
      const cut = readJpegFile(whole.subarray(0, length), "baseline");
      expect(cut, `${length}`).toHaveProperty("why");
    }
    expect(readJpegFile(whole, "baseline")).toMatchObject({ widthPx: 20, heightPx: 12, bits: 8 });
  });

  it("any bytes at all are a head or refused, and never throw", () => {
    const spoiled = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(spoiled, { maxLength: 4 }), (changes) => {
        const file = Uint8Array.from(whole);
        for (const [at, byte] of changes) file[at] = byte;
        const picture = readJpeg(file, decode);
        if ("why" in picture) return;
        expect(picture.plane.length).toBe(picture.widthPx * picture.heightPx);
      }),
      { numRuns: 300 },
    );
  });

  it("a decoder that gives up, or another picture, is none", () => {
    const why = "a JPEG image whose pixels cannot be read";
    expect(readJpeg(whole, () => null)).toEqual({ why });
    const other = { widthPx: 20, heightPx: 11, components: 1, samples: new Uint8Array(220) };
    expect(readJpeg(whole, () => other)).toEqual({ why });
  });

  it("pixels that end before they should cannot be decoded", () => {
    const short = jpegFile({ ...small, frame: { size: [200, 120] } });
    const picture = readJpeg(short, decode);
    expect(picture).toEqual({ why: "a JPEG image whose pixels cannot be read" });
  });
});

describe("a machine of JPEG files", () => {
  function opened(pictures: "jpeg" | "png") {
    const dialect = createDicosDialect(
      zDicosDialect.parse({ kind: "dicos", mmPerPixel: 1, pictures }),
      decode,
    );
    const told: XrayHeard[] = [];
    const out = { tell: (heard: XrayHeard) => void told.push(heard), answer: () => {} };
    const at = monotonicMs(0);
    const [entryFromCount, entryToCount] = [beltCount(0), beltCount(100)];
    const put = dialect.write({ passId: "pass-1", entryFromCount, entryToCount, lengthMm: 12 }, at);
    if (put?.kind !== "put") throw new Error("nothing was put");
    const { track } = JSON.parse(new TextDecoder().decode(put.bytes)) as { track: number };
    return {
      told,
      track,
      put: (cameAs: string, bytes: Uint8Array) =>
        dialect.read(
          { kind: "file", name: `1-${cameAs}`, cameAs, bytes, cameAfter: null, seenAt: at },
          at,
          out,
        ),
    };
  }
  /** Something dark in columns 4 to 15. */
  const box = Array.from({ length: 240 }, (_, at) => (at % 20 >= 4 && at % 20 < 16 ? 30 : 255));

  it("tells item and image of the number in the file's name, and that it is lossy", () => {
    const { told, track, put } = opened("jpeg");
    put(`${track}_1.2.3.jpg`, jpegFile({ ...small, pixels: box }));
    expect(told.map(({ kind }) => kind)).toEqual(["item", "image"]);
    const image = told[1];
    if (image?.kind !== "image") throw new Error("no image");
    expect(image).toMatchObject({ passId: "pass-1", lengthMm: 12 });
    const decoded = decodeXrayImage(image.bytes);
    expect(decoded).toMatchObject({ kind: "ok", header: { planes: 1, isLossy: true } });
    expect(decoded.kind === "ok" && "isFromColour" in decoded.header).toBe(false);
  });

  it("tells of colours", () => {
    const { told, track, put } = opened("jpeg");
    const pixels = box.flatMap((grey) => [grey, Math.floor(grey / 2), grey]);
    put(`${track}.jpeg`, jpegFile({ ...small, pixels, components: 3 }));
    const image = told.find((heard) => heard.kind === "image");
    expect(image && decodeXrayImage(image.bytes)).toMatchObject({
      header: { isLossy: true, isFromColour: true },
    });
  });

  it("names a file that is broken, and takes none that the configuration does not name", () => {
    const { told, track, put } = opened("jpeg");
    put(`${track}.jpg`, jpegFile(small).subarray(0, 300));
    expect(told).toMatchObject([
      { kind: "discarded", reason: { code: "fileNotRead", detail: /: a JPEG image that is cut/ } },
    ]);
    const other = opened("png");
    other.put(`${other.track}.jpg`, jpegFile(small));
    expect(other.told).toEqual([{ kind: "noted", counts: { imagesBesideTotal: 1 } }]);
  });
});

describe("DICOS files whose pixels are a JPEG", () => {
  const box = Array.from({ length: 240 }, (_, at) => (at % 20 >= 4 && at % 20 < 16 ? 30 : 255));
  const patientId = 0x0010_0020;
  const baseline = "1.2.840.10008.1.2.4.50";
  /** A table, and pieces of even length. */
  function pieces(jpeg: Uint8Array, cuts = 1): Uint8Array {
    const padded = jpeg.length % 2 === 0 ? jpeg : Uint8Array.from([...jpeg, 0]);
    const each = 2 * Math.ceil(padded.length / cuts / 2);
    const parts = Array.from({ length: cuts }, (_, at) =>
      padded.subarray(at * each, (at + 1) * each),
    );
    return join(
      ...[new Uint8Array(0), ...parts].map((part) =>
        join(tagBytes("FFFE,E000"), u32(part.length), part),
      ),
      tagBytes("FFFE,E0DD"),
      u32(0),
    );
  }
  interface Dicos {
    readonly jpeg?: Uint8Array;
    readonly cuts?: number;
    readonly encapsulated?: Uint8Array;
    readonly changed?: Readonly<Record<string, TestElement>>;
    readonly size?: readonly [number, number];
  }
  function fileOf({ jpeg = jpegFile({ ...small, pixels: box }), ...how }: Dicos): Uint8Array {
    const [widthPx, heightPx] = how.size ?? [20, 12];
    const elements = withElements(digitalXray({ widthPx, heightPx, pixels: [] }), {
      "0028,0100": ["0028,0100", "US", 8],
      "0028,0101": ["0028,0101", "US", 8],
      "0028,0102": ["0028,0102", "US", 7],
      "7FE0,0010": ["7FE0,0010", "OB", new Uint8Array(0)],
      ...how.changed,
    });
    const file = dicomFile({ sopClass: digitalXrayClass, syntax: baseline, elements });
    // Of undefined length, which the builder has for sequences alone.
    file.set(u32(0xffff_ffff), file.length - 4);
    return join(file, how.encapsulated ?? pieces(jpeg, how.cuts));
  }
  function taken(file: Uint8Array, pictures = "dicos-jpeg") {
    const config = zDicosDialect.parse({ kind: "dicos", mmPerPixel: 1, pictures });
    const dialect = createDicosDialect(config, decode);
    const told: XrayHeard[] = [];
    const out = { tell: (heard: XrayHeard) => void told.push(heard), answer: () => {} };
    const read = readDicosFile(file, patientId);
    const at = monotonicMs(0);
    const named = { kind: "file", name: "1-a.dcs", cameAs: "a.dcs" } as const;
    dialect.read({ ...named, bytes: file, cameAfter: null, seenAt: at }, at, out);
    const [first] = told;
    return { read, why: first?.kind === "discarded" ? first.reason.detail : first?.kind };
  }

  it.each([1, 2, 5])("are read in %i pieces", (cuts) => {
    const { read, why } = taken(fileOf({ cuts }));
    expect(read).toMatchObject({ kind: "jpegPicture", track: 4711, uid: "1.2.3.4", widthPx: 20 });
    expect(read.kind === "jpegPicture" && readJpeg(read.jpeg, decode)).toMatchObject({
      widthPx: 20,
      heightPx: 12,
    });
    // Nobody was announced under its number: read it was.
    expect(why).toBe("noted");
  });

  it("are refused where the configuration does not name them", () => {
    expect(taken(fileOf({}), "dicos").why).toMatch(/pictures has to be dicos-jpeg$/);
  });

  it.each<[string, Dicos, RegExp]>([
    ["of another size", { size: [12, 20] }, /its JPEG is another picture than it says$/],
    ["that are broken", { jpeg: jpegFile(small).subarray(0, 200) }, /JPEG image that is cut/],
    ["of colours", { jpeg: colours() }, /its JPEG is another picture than it says$/],
    ["of 12 bits", { changed: bits(16, 12) }, /a JPEG picture of 12 bits$/],
    ["without a piece", { encapsulated: pieces(new Uint8Array(0), 0) }, /without pixels$/],
    ["without an end", { encapsulated: pieces(jpegFile(small)).subarray(0, -8) }, /cut at byte/],
    [
      "with a piece cut",
      { encapsulated: pieces(jpegFile(small)).subarray(0, -40) },
      /no piece, or is/,
    ],
  ])("%s are refused", (_name, how, why) => {
    expect(taken(fileOf(how)).why).toMatch(why);
  });

  it("that stand uncompressed under that transfer syntax are refused", () => {
    const elements = withElements(digitalXray({ widthPx: 20, heightPx: 12, pixels: [] }), {
      "0028,0100": ["0028,0100", "US", 8],
      "0028,0101": ["0028,0101", "US", 8],
      "0028,0102": ["0028,0102", "US", 7],
      "7FE0,0010": ["7FE0,0010", "OB", new Uint8Array(240)],
    });
    const file = dicomFile({ sopClass: digitalXrayClass, syntax: baseline, elements });
    expect(taken(file).why).toMatch(/pixels that are not compressed$/);
  });

  function colours(): Uint8Array {
    const pixels = box.flatMap((grey) => [grey, Math.floor(grey / 2), grey]);
    return jpegFile({ ...small, pixels, components: 3 });
  }
  function bits(allocated: number, stored: number): Readonly<Record<string, TestElement>> {
    return {
      "0028,0100": ["0028,0100", "US", allocated],
      "0028,0101": ["0028,0101", "US", stored],
      "0028,0102": ["0028,0102", "US", stored - 1],
    };
  }
});

/** 16 x 8, left half 250 and right half 40 of 255, as jpeg-js writes it with three components. */
const another = Uint8Array.from(
  Buffer.from(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU" +
      "FRUVDA8XGBYUGBIUFRQBAwQEBQQFCQUFCRQNCw0UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU" +
      "FBQUFP/AABEIAAgAEAMBEQACEQEDEQH/xAGiAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQEC" +
      "AwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm" +
      "Z2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq" +
      "8fLz9PX29/j5+gEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoLEQACAQIEBAMEBwUEBAABAncAAQIDEQQFITEGEkFRB2FxEyIy" +
      "gQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqCg4SF" +
      "hoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2dri4+Tl5ufo6ery8/T19vf4+fr/2gAMAwEA" +
      "AhEDEQA/AP1FoA/nPoA//9k=",
    "base64",
  ),
);
