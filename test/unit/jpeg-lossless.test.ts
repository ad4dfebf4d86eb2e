/**
 * Goal: a picture in JPEG lossless comes out as it went in, to the last bit, or is refused; never as
 * another picture. Method: files of the tests' own builder, whole, and with one thing changed; the
 * peers' tests have DCMTK's.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readDicosFile } from "../../protocols/xray/dicos.ts";
import { readLosslessJpeg } from "../../protocols/xray/jpeg-lossless.ts";
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
import { losslessJpeg, type TestLossless } from "../kit/lossless-jpeg.ts";

const small: TestLossless = {
  widthPx: 5,
  heightPx: 4,
  bits: 16,
  pixels: Array.from({ length: 20 }, (_, at) => (at * 7_919) % 65_536),
};
const whyOf = (more: Partial<TestLossless>): unknown =>
  readLosslessJpeg(losslessJpeg({ ...small, ...more }));

describe("JPEG lossless", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])("predicted by %i is its pixels", (selection) => {
    expect(whyOf({ selection })).toEqual({
      widthPx: 5,
      heightPx: 4,
      bits: 16,
      samples: Uint16Array.from(small.pixels),
    });
  });

  it("the largest difference there is has no bits of its own", () => {
    const pixels = [0, 32_768, 0, 65_535, 32_767, 0, 32_768, 0];
    expect(whyOf({ widthPx: 4, heightPx: 2, pixels })).toMatchObject({
      samples: Uint16Array.from(pixels),
    });
  });

  test("whatever it shows is read as it was", () => {
    const side = fc.integer({ min: 1, max: 12 });
    const picture = fc
      .record({
        widthPx: side,
        heightPx: side,
        bits: fc.integer({ min: 2, max: 16 }),
        selection: fc.integer({ min: 1, max: 7 }),
        restartLines: fc.integer({ min: 0, max: 3 }),
      })
      .chain((size) =>
        fc
          .array(fc.integer({ min: 0, max: 2 ** size.bits - 1 }), {
            minLength: size.widthPx * size.heightPx,
            maxLength: size.widthPx * size.heightPx,
          })
          .map((pixels) => ({ ...size, pixels })),
      );
    fc.assert(
      fc.property(picture, (file) => {
        const read = readLosslessJpeg(losslessJpeg(file));
        expect(read).toMatchObject({ bits: file.bits, samples: Uint16Array.from(file.pixels) });
      }),
      { numRuns: 300 },
    );
  });

  const fewer = small.pixels.map((pixel) => pixel % 4_096);
  const overlong = [0, ...Array.from({ length: 16 }, () => 0), 0];
  it.each<[string, unknown, RegExp]>([
    ["bits left out", whyOf({ shift: 2 }), /of which bits were left out$/],
    ["no prediction", whyOf({ selection: 0 }), /predicted by 0$/],
    ["an unknown prediction", whyOf({ selection: 8 }), /predicted by 8$/],
    ["one bit a sample", whyOf({ bits: 1 }), /of 1 bits$/],
    ["17 bits a sample", whyOf({ bits: 17 }), /of 17 bits$/],
    [
      "a sample beyond its bits",
      whyOf({ bits: 12, pixels: [...fewer.slice(1), 4_096] }),
      /come out$/,
    ],
    ["a bit too few", whyOf({ droppedBits: 9 }), /do not come out$/],
    ["a byte too many", whyOf({ addedBits: "1".repeat(8) }), /do not come out$/],
    ["padding that is none", whyOf({ addedBits: "0" }), /do not come out$/],
    ["a table of nothing", whyOf({ table: overlong }), /without its table of codes$/],
    ["another table", whyOf({ table: [1, ...Array.from({ length: 16 }, () => 0)] }), /without its/],
    ["half a table", whyOf({ table: [0, 0, 0, 2, 0] }), /without its table of codes$/],
    ["three colours", whyOf({ components: 3 }), /of several colours$/],
  ])("%s: is refused", (_name, read, why) => {
    expect(read).toEqual({ why: expect.stringMatching(why) });
  });

  test("with a byte changed it is never read as the same size with a code that there is not", () => {
    const whole = losslessJpeg(small);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const file = Uint8Array.from(whole);
        file[at] = byte;
        const read = readLosslessJpeg(file);
        if ("why" in read) return;
        expect(read.samples.length).toBe(read.widthPx * read.heightPx);
        expect(Math.max(...read.samples)).toBeLessThan(2 ** read.bits);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("DICOS files in JPEG lossless", () => {
  const patientId = 0x0010_0020;
  function fileOf(jpeg: Uint8Array, changed: Readonly<Record<string, TestElement>> = {}) {
    const { widthPx, heightPx } = small;
    const elements = withElements(digitalXray({ widthPx, heightPx, pixels: [] }), {
      "7FE0,0010": ["7FE0,0010", "OB", new Uint8Array(0)],
      ...changed,
    });
    const syntax = "1.2.840.10008.1.2.4.70";
    const file = dicomFile({ sopClass: digitalXrayClass, syntax, elements });
    // Of undefined length, which the builder has for sequences alone.
    file.set(u32(0xffff_ffff), file.length - 4);
    const padded = jpeg.length % 2 === 0 ? jpeg : Uint8Array.from([...jpeg, 0]);
    const pieces = [new Uint8Array(0), padded].map((piece) =>
      join(tagBytes("FFFE,E000"), u32(piece.length), piece),
    );
    const bytes = join(file, ...pieces, tagBytes("FFFE,E0DD"), u32(0));
    return readDicosFile(bytes, patientId);
  }

  it("are the picture that they would be uncompressed", () => {
    expect(fileOf(losslessJpeg(small))).toMatchObject({
      kind: "picture",
      track: 4711,
      plane: Uint16Array.from(small.pixels),
    });
  });

  it("in which air is dark are turned round", () => {
    const dark = { "0028,1041": ["0028,1041", "SS", 0xffff] as const };
    expect(fileOf(losslessJpeg(small), dark)).toMatchObject({
      plane: Uint16Array.from(small.pixels, (pixel) => 65_535 - pixel),
    });
  });

  it("of another size, or with a sample beyond the file's bits, are refused", () => {
    const turned = losslessJpeg({ ...small, widthPx: 4, heightPx: 5 });
    expect(fileOf(turned)).toEqual({
      kind: "invalid",
      why: "its JPEG is another picture than it says",
    });
    const twelve = {
      "0028,0101": ["0028,0101", "US", 12] as const,
      "0028,0102": ["0028,0102", "US", 11] as const,
    };
    expect(fileOf(losslessJpeg(small), twelve)).toEqual({
      kind: "invalid",
      why: "a pixel beyond its 12 bits",
    });
  });
});
