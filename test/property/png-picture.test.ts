/**
 * Goal: a PNG file that is read is the picture that it was made of, and one that is damaged is none.
 * Method: properties over drawn pictures, their filters and parts, other bytes, and noise.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readPng } from "../../edge/devices/xray/png-picture.ts";
import { pngFile } from "../kit/png-files.ts";

const sideMax = 9;
const drawn = fc
  .record({
    widthPx: fc.integer({ min: 1, max: sideMax }),
    heightPx: fc.integer({ min: 1, max: sideMax }),
    bits: fc.constantFrom(8 as const, 16 as const),
    parts: fc.integer({ min: 1, max: 4 }),
    filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: sideMax, maxLength: sideMax }),
    noise: fc.array(fc.nat({ max: 0xffff }), { minLength: sideMax ** 2, maxLength: sideMax ** 2 }),
  })
  .map(({ noise, ...png }) => {
    const most = png.bits === 8 ? 0xff : 0xffff;
    return {
      ...png,
      pixels: noise.slice(0, png.widthPx * png.heightPx).map((each) => each & most),
    };
  });

it("what is read is what was written, whatever its filters and parts", () => {
  fc.assert(
    fc.property(drawn, (png) => {
      const { widthPx, heightPx } = png;
      const plane = Uint16Array.from(png.pixels, (pixel) => pixel * (png.bits === 8 ? 257 : 1));
      expect(readPng(pngFile(png))).toEqual({ widthPx, heightPx, plane });
    }),
  );
});

it("with one other byte it is none", () => {
  fc.assert(
    fc.property(drawn, fc.nat(), fc.integer({ min: 1, max: 255 }), (png, place, by) => {
      const file = pngFile(png);
      const at = 8 + (place % (file.length - 8));
      file[at] = file[at]! ^ by;
      expect(readPng(file)).toHaveProperty("why");
    }),
  );
});

it("nor is noise behind its signature", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
      expect(readPng(new Uint8Array([...signature, ...noise]))).toHaveProperty("why");
    }),
  );
});
