/**
 * Goal: one two's complement is the check of three protocols, each with its width. Method: each maker's
 * own vectors, and frames of Modbus ASCII with one digit changed.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { isModbusAscii } from "../../edge/probe/bytes-seen.ts";
import { holdsModbusAscii } from "../../protocols/modbus-ascii.ts";
import { sumComplement } from "../../protocols/sum-complement.ts";

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

test.each([
  ["PR7.4-5, Modbus ASCII", "12 34 23 45 34 56 45 67", 8, 0x1c],
  ["PR7.4-5, Modbus ASCII", "00 03 00 7C 00 02", 8, 0x7f],
  ["PR3.1-1, Toledo", "02 2D 30 20 30 30 31 32 33 34 30 30 30 30 30 30 0D", 7, 0x2a],
  ["PR1.2-1, SSI", "04 D0 04 00", 16, 0xff28],
] as const)("%s: of %s in %i bits it is %i", (_id, hex, bits, sum) => {
  expect(sumComplement(bytes(hex), bits)).toBe(sum);
});

test("bytes and their check add up to nothing", () => {
  const bits = fc.constantFrom(7 as const, 8 as const, 16 as const);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bits, (any, width) => {
      const sum = any.reduce((total, byte) => total + byte, sumComplement(any, width));
      expect(sum % 2 ** width).toBe(0);
    }),
  );
});

describe("PR7.4-5: a frame of Modbus ASCII", () => {
  const good = ":0003007C00027F\r\n";

  it("is known within whatever else came", () => {
    expect(holdsModbusAscii(good)).toBe(true);
    expect(isModbusAscii(Buffer.from(`7F\r\n${good}:00`))).toBe(true);
  });

  it("with another check is none", () => {
    expect(holdsModbusAscii(":0003007C00017F\r\n")).toBe(false);
  });

  it.each([":\r\n", ":00\r\n", ":0003007C0002 7F\r\n", "0003007C00027F\r\n", ":0003007C00027F\n"])(
    "%j is none",
    (text) => {
      expect(holdsModbusAscii(text)).toBe(false);
    },
  );

  it("with one digit changed is none", () => {
    const digit = fc.constantFrom(...Array.from("0123456789ABCDEF"));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: good.length - 3 }), digit, (at, to) => {
        fc.pre(good[at] !== to);
        expect(holdsModbusAscii(good.slice(0, at) + to + good.slice(at + 1))).toBe(false);
      }),
    );
  });
});

test("PR8.1-7: the page's millimetres a count", () => {
  const page = readFileSync("edge/devices/sorter/README.md", "utf8");
  const [, diameterMm, pulses, byEdges, bySingle] =
    /A wheel of (\d+) mm with ([\d,]+) pulses, all edges counted, is worth ([\d.]+) mm a count, and with single pulses ([\d.]+)\./.exec(
      page,
    )!;
  const turnMm = Math.PI * Number(diameterMm);
  const counts = Number(pulses!.replace(",", ""));
  expect((turnMm / (4 * counts)).toFixed(4)).toBe(byEdges);
  expect((turnMm / counts).toFixed(4)).toBe(bySingle);
});
