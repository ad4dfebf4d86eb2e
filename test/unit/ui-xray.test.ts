// Goal: an officer sees materials in the trade's colours and every tool does what it says (X3).
// Method: colours of chosen absorptions, and the lab's own picture through the whole path.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  colourInto,
  colourOf,
  colourTable,
  plainTools,
  type ImageTools,
} from "../../control-ui/web/xray/colour-table.ts";
import { imageNotes, prepareImage } from "../../control-ui/web/xray/prepared-image.ts";
import { fitted, fitScale, pan, zoomAt, zoomMax } from "../../control-ui/web/xray/viewport.ts";

const organic = 1.19;
const lightMetal = 1.5;
const steel = 2.2;
const with_ = (change: Partial<ImageTools>): ImageTools => ({ ...plainTools, ...change });

describe("colours", () => {
  test("orange organic, green light metal, blue steel", () => {
    const [r1, g1, b1] = colourOf(0.6, organic, plainTools);
    expect(r1 > g1 && g1 > b1).toBe(true);
    const [r2, g2, b2] = colourOf(0.6, lightMetal, plainTools);
    expect(g2 > r2 && g2 > b2).toBe(true);
    const [r3, g3, b3] = colourOf(0.6, steel, plainTools);
    expect(b3 > r3 && b3 > g3).toBe(true);
  });

  test("air is white, and what nothing passes is black", () => {
    expect(colourOf(0, organic, plainTools)).toEqual([1, 1, 1]);
    expect(Math.max(...colourOf(8, steel, plainTools))).toBeLessThan(0.01);
  });

  test("more material is never brighter", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (attenuation, more) => {
          const grey = with_({ view: "grey" });
          const [thin] = colourOf(attenuation, organic, grey);
          const [thick] = colourOf(attenuation + more, organic, grey);
          expect(thick).toBeLessThanOrEqual(thin);
        },
      ),
    );
  });

  test("organic only fades metal, metal only fades organic", () => {
    const darkness = (tools: ImageTools, ratio: number): number =>
      1 - Math.max(...colourOf(1.5, ratio, tools));
    expect(darkness(with_({ view: "organic" }), steel)).toBeLessThan(0.1);
    expect(darkness(with_({ view: "metal" }), organic)).toBeLessThan(0.1);
    expect(colourOf(1.5, steel, with_({ view: "metal" }))).toEqual(
      colourOf(1.5, steel, plainTools),
    );
  });

  test("black and white has no hue, negative turns light into dark", () => {
    const [r, g, b] = colourOf(0.8, steel, with_({ view: "grey" }));
    expect(r === g && g === b).toBe(true);
    expect(colourOf(0, organic, with_({ isNegative: true }))).toEqual([0, 0, 0]);
  });

  test("penetration tells apart what was nearly black", () => {
    const gap = (tools: ImageTools): number =>
      colourOf(3, steel, tools)[2] - colourOf(5, steel, tools)[2];
    expect(gap(with_({ isPenetrating: true }))).toBeGreaterThan(2 * gap(plainTools));
  });
});

describe("an image", () => {
  const size = { widthPx: 40, heightPx: 30 };
  const planes = (high: number, low: number) => ({
    highEnergy: new Uint16Array(1_200).fill(high),
    lowEnergy: new Uint16Array(1_200).fill(low),
  });
  const firstPixel = (high: number, low: number): number[] => {
    const words = new Uint32Array(1_200);
    colourInto(words, prepareImage(planes(high, low), size), colourTable(plainTools));
    return [...new Uint8Array(words.buffer).slice(0, 4)];
  };

  test("detector readings become opaque pixels of the right hue", () => {
    const transmitted = (attenuation: number): number => 64_000 * Math.exp(-attenuation);
    const [r, g, b, a] = firstPixel(transmitted(0.5), transmitted(0.5 * organic));
    expect(a).toBe(255);
    expect(r! > g! && g! > b!).toBe(true);
    expect(firstPixel(64_000, 64_000)).toEqual([255, 255, 255, 255]);
  });

  test("of one energy has shades and no hue, and no filter takes anything away from it", () => {
    const high = new Uint16Array(1_200).fill(64_000 * Math.exp(-2));
    const image = prepareImage({ highEnergy: high, lowEnergy: null }, size);
    expect(image.hasMaterial).toBe(false);
    const words = new Uint32Array(1_200);
    colourInto(words, image, colourTable(with_({ view: "grey" })));
    const [r, g, b] = new Uint8Array(words.buffer);
    expect(r === g && g === b).toBe(true);
    expect(r).toBeGreaterThan(0);
    expect(r).toBeLessThan(200);
  });

  test("what there is to say of an image: one energy, loss, colours", () => {
    const high = new Uint16Array(1_200);
    const notesOf = (lowEnergy: Uint16Array | null, made: object): readonly string[] =>
      imageNotes(prepareImage({ highEnergy: high, lowEnergy }, { ...size, ...made }));
    expect(notesOf(high, {})).toEqual([]);
    expect(notesOf(null, {})).toEqual(["imageOneEnergy"]);
    expect(notesOf(null, { isLossy: true })).toEqual(["imageOneEnergy", "imageLossy"]);
    expect(notesOf(high, { isLossy: true, isFromColour: true })).toEqual([
      "imageLossy",
      "imageFromColour",
    ]);
  });

  test("readings at both ends of the detector's range are no trouble", () => {
    expect(firstPixel(65_535, 65_535)).toEqual([255, 255, 255, 255]);
    expect(
      firstPixel(0, 0)
        .slice(0, 3)
        .every((value) => value < 5),
    ).toBe(true);
  });
});

describe("zoom and pan", () => {
  const image = { widthPx: 960, heightPx: 640 };
  const view = { widthPx: 800, heightPx: 600 };
  const on = { image, view };

  test("the point under the finger stays where it is", () => {
    const at = { x: 100, y: -50 };
    const before = zoomAt(fitted(image), 4, on);
    const scaleBefore = fitScale(image, view) * before.zoom;
    const point = { x: before.x + at.x / scaleBefore, y: before.y + at.y / scaleBefore };
    const after = zoomAt(before, 2, { ...on, at });
    const scaleAfter = fitScale(image, view) * after.zoom;
    expect((point.x - after.x) * scaleAfter).toBeCloseTo(at.x, 6);
    expect((point.y - after.y) * scaleAfter).toBeCloseTo(at.y, 6);
  });

  test("zoom goes from 1 to 16, and panning never leaves the image", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
            x: fc.integer({ min: -2_000, max: 2_000 }),
            y: fc.integer({ min: -2_000, max: 2_000 }),
          }),
          { maxLength: 12 },
        ),
        (moves) => {
          let seen = fitted(image);
          for (const { factor, x, y } of moves) {
            seen = pan(zoomAt(seen, factor, on), { x, y }, on);
            expect(seen.zoom).toBeGreaterThanOrEqual(1);
            expect(seen.zoom).toBeLessThanOrEqual(zoomMax);
            expect(seen.x).toBeGreaterThanOrEqual(0);
            expect(seen.x).toBeLessThanOrEqual(image.widthPx);
            expect(seen.y).toBeLessThanOrEqual(image.heightPx);
          }
        },
      ),
    );
  });
});
