/**
 * Goal: any image comes back as it went, and no single changed byte goes unnoticed.
 * Method: random sizes and pixels, one random change.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  checkXrayImage,
  decodeXrayImage,
  encodeXrayImage,
} from "../../protocols/xray/xray-image.ts";

const image = fc
  .record({
    passId: fc.option(fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/)),
    itemSequence: fc.integer({ min: 1 }),
    widthPx: fc.integer({ min: 1, max: 20 }),
    heightPx: fc.integer({ min: 1, max: 20 }),
  })
  .chain((header) => {
    const pixels = header.widthPx * header.heightPx;
    const plane = fc.uint16Array({ minLength: pixels, maxLength: pixels });
    return fc.record({ header: fc.constant(header), highEnergy: plane, lowEnergy: plane });
  });

it("decode(encode(x)) = x", () => {
  fc.assert(
    fc.property(image, ({ header, highEnergy, lowEnergy }) => {
      const bytes = encodeXrayImage(header, { highEnergy, lowEnergy })!;
      expect(decodeXrayImage(bytes)).toEqual({ kind: "ok", header, highEnergy, lowEnergy });
    }),
  );
});

it("one changed byte is refused", () => {
  fc.assert(
    fc.property(
      image,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      ({ header, ...planes }, at, by) => {
        const bytes = encodeXrayImage(header, planes)!;
        const index = at % bytes.length;
        bytes[index] = (bytes[index]! + by) % 256;
        expect(checkXrayImage(bytes).kind).toBe("invalid");
      },
    ),
  );
});

it("any bytes get an answer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(checkXrayImage(bytes).kind).toBe("invalid");
    }),
  );
});
