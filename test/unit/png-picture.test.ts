/**
 * Goal: a PNG file is the picture that it was made of, or is refused with what is wrong in it; never
 * another picture. Method: files of the tests' own builder, whole, and with one thing changed.
 */
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readPng } from "../../edge/devices/xray/png-picture.ts";
import { imageFormatOf } from "../../protocols/xray/image-format.ts";
import { dicomFile, clearReport, latin, threatReportClass } from "../kit/dicom-files.ts";
import { pngChunk } from "../../simulators/devices/camera/png.ts";
import { pngFile, type TestPng } from "../kit/png-files.ts";

const small: TestPng = { widthPx: 3, heightPx: 2, pixels: [0, 1, 2, 65_535, 256, 255] };
const whyOf = (more: Partial<TestPng>): unknown => readPng(pngFile({ ...small, ...more }));

describe("a PNG picture", () => {
  it.each([0, 1, 2, 3, 4])("of 16 bits and the filter %i is its pixels", (filter) => {
    expect(readPng(pngFile({ ...small, filters: [filter, filter], parts: 3 }))).toEqual({
      widthPx: 3,
      heightPx: 2,
      plane: Uint16Array.from(small.pixels),
    });
  });

  it("of 8 bits is spread over the whole range, and what describes it is left out", () => {
    const pixels = [0, 1, 254, 255, 128, 127];
    const before = [["tEXt", latin("Title\0box")]] as const;
    expect(whyOf({ bits: 8, pixels, before })).toMatchObject({
      plane: Uint16Array.from(pixels, (pixel) => pixel * 257),
    });
  });

  const damaged = (at: number): Uint8Array => {
    const file = pngFile(small);
    file[at] = file[at]! ^ 1;
    return file;
  };

  it.each<[string, unknown, RegExp]>([
    ["colours", whyOf({ header: { 1: 2 } }), /of 3 x 2 pixels that is not one grey/],
    ["one bit", whyOf({ header: { 0: 1 } }), /that is not one grey/],
    ["lines out of order", whyOf({ header: { 4: 1 } }), /that is interlaced/],
    ["no width", whyOf({ widthPx: 0, pixels: [] }), /of 0 x 2 pixels$/],
    ["too many pixels a side", whyOf({ widthPx: 4_097, packed: latin("") }), /of 4097 x 2 pixels$/],
    [
      "too many pixels",
      whyOf({ widthPx: 4_096, heightPx: 4_096, packed: latin("") }),
      /4096 x 4096 pixels is too large$/,
    ],
    ["see-through pixels", whyOf({ before: [["tRNS", latin("\0\0")]] }), /with tRNS/],
    ["several frames", whyOf({ before: [["acTL", latin("\0\0\0\x02\0\0\0\0")]] }), /with acTL/],
    ["what nobody knows", whyOf({ before: [["ABCD", latin("")]] }), /with an unknown ABCD/],
    ["two headers", whyOf({ before: [["IHDR", latin("")]] }), /whose header is not its one first/],
    ["an unknown filter", whyOf({ packed: deflateSync(latin("\x05".repeat(14))) }), /filter 5 in/],
    ["a line too few", whyOf({ packed: deflateSync(latin("\0".repeat(13))) }), /come out as 14/],
    ["a byte too many", whyOf({ packed: deflateSync(latin("\0".repeat(15))) }), /come out as 14/],
    [
      "more than its size says",
      whyOf({ packed: deflateSync(new Uint8Array(50_000_000)) }),
      /come out as 14/,
    ],
    ["pixels that are not packed", whyOf({ packed: latin("grey") }), /come out as 14/],
    ["a damaged header", readPng(damaged(20)), /whose part IHDR is damaged/],
    ["damaged pixels", readPng(damaged(45)), /whose part IDAT is damaged/],
    ["its end cut off", readPng(pngFile(small).subarray(0, -12)), /that is cut at byte/],
    ["its middle cut off", readPng(pngFile(small).subarray(0, 40)), /that is cut at byte 33/],
    [
      "something behind its end",
      readPng(new Uint8Array([...pngFile(small), 0])),
      /that does not end with its end/,
    ],
    [
      "no header",
      readPng(new Uint8Array([...pngFile(small).subarray(0, 8), ...pngChunk("IEND", latin(""))])),
      /whose header is not its one first/,
    ],
  ])("with %s is refused, with why", (_name, read, why) => {
    expect(read).toEqual({ why: expect.stringMatching(why) });
  });
});

it.each([
  ["png", pngFile(small)],
  ["jpeg", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
  ["dicom", dicomFile({ sopClass: threatReportClass, elements: clearReport })],
  [null, latin("PNG")],
  [null, Uint8Array.of(0xff, 0xd8)],
  [null, new Uint8Array()],
])("what a file is, its first bytes say: %s", (format, file) => {
  expect(imageFormatOf(file)).toBe(format);
});

it("a DICOM file is one whatever stands in its preamble", () => {
  const file = dicomFile({ sopClass: threatReportClass, elements: clearReport });
  file.set(pngFile(small).subarray(0, 8));
  expect(imageFormatOf(file)).toBe("dicom");
});
