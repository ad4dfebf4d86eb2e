/**
 * Goal: Toledo frames become exact grams, and only settled, plausible weights become a parcel's.
 * Method: literal frames from the manuals' tables, and streams of readings through the settling
 * rule at its boundaries.
 */
import { describe, expect, it } from "vitest";
import { emptyPlatform, settle, type Settling } from "../../edge/devices/scale/settling.ts";
import {
  createToledoParser,
  defaultToledoFormat,
  encodeToledo,
  toledoChecksum,
} from "../../protocols/scale/toledo.ts";
import { gramsOf } from "../../protocols/scale/weight-unit.ts";

const hex = (text: string) =>
  Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
const parse = (text: string, changes: object = {}) =>
  createToledoParser({ ...defaultToledoFormat, ...changes }).push(hex(text));
const still = {
  kind: "reading",
  isNet: false,
  isNegative: false,
  isOutOfRange: false,
  isInMotion: false,
};
const stillFrame = "02 2D 30 20 30 30 31 32 33 34 30 30 30 30 30 30 0D";

describe("approved frames", () => {
  it("PR3.1-1: 1.234 kg gross, stable", () => {
    expect(parse(`${stillFrame} 2A`)).toEqual([{ ...still, grams: 1_234 }]);
    expect(encodeToledo({ grams: 1_234, isInMotion: false }, defaultToledoFormat)).toEqual(
      hex(`${stillFrame} 2A`),
    );
  });

  it("PR3.1-2: 1.240 kg in motion", () => {
    const frame = "02 2D 38 20 30 30 31 32 34 30 30 30 30 30 30 30 0D 25";
    expect(parse(frame)).toEqual([{ ...still, grams: 1_240, isInMotion: true }]);
    expect(encodeToledo({ grams: 1_240, isInMotion: true }, defaultToledoFormat)).toEqual(
      hex(frame),
    );
  });

  it("PR3.1-7: without checksum, and in the short form", () => {
    expect(parse(stillFrame, { hasChecksum: false })).toEqual([{ ...still, grams: 1_234 }]);
    const short = "02 2D 30 20 30 30 31 32 33 34 0D";
    expect(parse(short, { hasChecksum: false, hasTare: false })).toEqual([
      { ...still, grams: 1_234 },
    ]);
  });

  it("PR3.1-6: parity in bit 7 is dropped, and constant bits may stand as they like", () => {
    const parity = hex(`${stillFrame} 2A`).map((byte) => byte | 0x80);
    expect(createToledoParser(defaultToledoFormat).push(parity)).toEqual([
      { ...still, grams: 1_234 },
    ]);
    const clone = "02 4D 50 40 30 30 31 32 33 34 30 30 30 30 30 30 0D";
    expect(parse(clone, { hasChecksum: false })).toEqual([{ ...still, grams: 1_234 }]);
  });

  it("leading blanks in the weight are zeros", () => {
    expect(
      parse("02 2D 30 20 20 20 31 32 33 34 30 30 30 30 30 30 0D", { hasChecksum: false }),
    ).toEqual([{ ...still, grams: 1_234 }]);
  });

  it.each([
    ["31", { isNet: true }],
    ["32", { isNegative: true }],
    ["34", { isOutOfRange: true }],
    ["38", { isInMotion: true }],
  ])("PR3.1-4: status byte B %s says %j", (swb, said) => {
    const frame = `02 2D ${swb} 20 30 30 31 32 33 34 30 30 30 30 30 30 0D`;
    expect(parse(frame, { hasChecksum: false })).toEqual([{ ...still, grams: 1_234, ...said }]);
  });

  it.each([
    ["28", 123_400_000],
    ["29", 12_340_000],
    ["2A", 1_234_000],
    ["2B", 123_400],
    ["2C", 12_340],
    ["2D", 1_234],
    ["2E", 123],
    ["2F", 12],
  ])("PR3.1-3: 1234 under status byte A %s is %i g", (swa, grams) => {
    const frame = `02 ${swa} 30 20 30 30 31 32 33 34 30 30 30 30 30 30 0D`;
    expect(parse(frame, { hasChecksum: false })).toEqual([{ ...still, grams }]);
  });

  it("PR3.1-4, PR3.1-5: grams by status byte C, pounds by status byte B, or as configured", () => {
    const grams = "02 2A 30 21 30 30 31 32 33 34 30 30 30 30 30 30 0D";
    expect(parse(grams, { hasChecksum: false })).toEqual([{ ...still, grams: 1_234 }]);
    const pounds = "02 2D 20 20 30 30 31 30 30 30 30 30 30 30 30 30 0D";
    expect(parse(pounds, { hasChecksum: false })).toEqual([{ ...still, grams: 454 }]);
    expect(parse(pounds, { hasChecksum: false, unit: "kg" })).toEqual([{ ...still, grams: 1_000 }]);
  });
});

describe("exact grams", () => {
  it.each([
    [1_234, -3, "kg", 1_234],
    [12, 0, "kg", 12_000],
    [5, 2, "kg", 500_000],
    // Half a gram is rounded up, less is rounded down.
    [12_345, -4, "kg", 1_235],
    [12_344, -4, "kg", 1_234],
    [1, 0, "lb", 454],
    [999_999, 2, "lb", 45_359_191_641],
    [100, -2, "g", 1],
    [16, 0, "oz", 454],
    [9_999_999_999, -1, "kg", 999_999_999_900],
  ] as const)("%i x 10^%i %s = %i g", (digits, exponent, unit, grams) => {
    expect(gramsOf(digits, exponent, unit)).toBe(grams);
  });
});

describe("bad frames", () => {
  it("a wrong checksum is named, and the next frame is whole", () => {
    expect(parse(`${stillFrame} 2B ${stillFrame} 2A`)).toMatchObject([
      { kind: "discarded", why: "checksum" },
      { kind: "reading", grams: 1_234 },
    ]);
  });

  it("a cut frame costs only itself", () => {
    expect(parse(`02 2D 30 20 30 ${stillFrame} 2A`)).toMatchObject([
      { kind: "discarded", why: "malformed", bytes: hex("02 2D 30 20 30") },
      { kind: "reading", grams: 1_234 },
    ]);
  });

  it("letters for digits are malformed", () => {
    const frame = "02 2D 30 20 30 30 31 41 33 34 30 30 30 30 30 30 0D";
    expect(parse(frame, { hasChecksum: false })).toMatchObject([{ why: "malformed" }]);
  });

  it("a silence in a frame discards it", () => {
    const parser = createToledoParser(defaultToledoFormat);
    parser.push(hex("02 2D 30"));
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([{ why: "timedOut", bytes: hex("02 2D 30") }]);
    expect(parser.timeOut()).toEqual([]);
  });

  it("the checksum is the two's complement of the low seven bits", () => {
    expect(toledoChecksum([...hex(stillFrame)])).toBe(0x2a);
    expect(([...hex(stillFrame)].reduce((sum, byte) => sum + byte, 0) + 0x2a) & 0x7f).toBe(0);
  });
});

describe("PF-04: one weight a parcel", () => {
  const rule: Settling = { thresholdG: 20, toleranceG: 5, settledReadings: 3 };
  const reports = (...readings: (number | null)[]) => {
    let state = emptyPlatform;
    const told: number[] = [];
    for (const grams of readings) {
      const step = settle(state, grams, rule);
      state = step.state;
      if (step.settledG !== null) told.push(step.settledG);
    }
    return told;
  };

  it("needs settledReadings in a row: 2 no, 3 yes, and then no more", () => {
    expect(reports(0, 500, 500)).toEqual([]);
    expect(reports(0, 500, 500, 500)).toEqual([500]);
    expect(reports(0, 500, 500, 500, 500, 500, 500)).toEqual([500]);
  });

  it("a reading in motion breaks the row", () => {
    expect(reports(500, 500, null, 500, 500)).toEqual([]);
    expect(reports(500, 500, null, 500, 500, 500)).toEqual([500]);
  });

  it("readings within tolerance are one plateau, one gram more is another", () => {
    expect(reports(500, 505, 502)).toEqual([502]);
    expect(reports(500, 506, 502)).toEqual([]);
  });

  it("below the threshold the platform is empty: 19 yes, 20 no", () => {
    expect(reports(500, 500, 500, 19, 500, 500, 500)).toEqual([500, 500]);
    expect(reports(500, 500, 500, 20, 500, 500, 500)).toEqual([500]);
    expect(reports(19, 19, 19)).toEqual([]);
    expect(reports(20, 20, 20)).toEqual([20]);
  });

  it("two parcels without a gap: a new plateau is a new weight, an equal one is not", () => {
    expect(reports(500, 500, 500, null, 800, 800, 800)).toEqual([500, 800]);
    expect(reports(500, 500, 500, null, 505, 505, 505)).toEqual([500]);
  });
});
