/**
 * Goal: the answers of Toledo 8213 and MT-SICS become exact grams or a reason why there are none.
 * Method: literal bytes from the manuals' tables, and frames cut or damaged in each place.
 */
import { describe, expect, it } from "vitest";
import {
  createMtSicsParser,
  encodeMtSics,
  encodeMtSicsQuestion,
} from "../../protocols/scale/mt-sics.ts";
import {
  createToledo8213Parser,
  encodeToledo8213,
  toledo8213Question,
  type Toledo8213Format,
} from "../../protocols/scale/toledo-8213.ts";

const hex = (text: string) =>
  Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe("Toledo 8213", () => {
  const format: Toledo8213Format = { unit: "kg", digits: 5, decimals: 3 };
  const parse = (text: string, changes: Partial<Toledo8213Format> = {}) =>
    createToledo8213Parser({ ...format, ...changes }).push(hex(text));
  const healthy = {
    kind: "refusal",
    isInMotion: false,
    isOutOfRange: false,
    isUnderZero: false,
  };

  it("PR3.2-1: asks with one letter", () => {
    expect(toledo8213Question).toEqual(hex("57"));
  });

  it("PR3.2-1, DEV1-32: 1.234 kg, with its point and without", () => {
    const frame = "02 30 31 2E 32 33 34 0D";
    expect(parse(frame)).toEqual([{ kind: "weight", grams: 1_234 }]);
    expect(encodeToledo8213({ kind: "weight", shown: 1_234 }, format)).toEqual(hex(frame));
    expect(parse("02 30 31 32 33 34 0D")).toEqual([{ kind: "weight", grams: 1_234 }]);
    expect(parse("02 20 31 2E 32 33 34 0D")).toEqual([{ kind: "weight", grams: 1_234 }]);
  });

  it("PR3.2-3: the unit is the configured one: 001.00 lb and oz", () => {
    const frame = "02 30 30 31 2E 30 30 0D";
    expect(parse(frame, { unit: "lb", decimals: 2 })).toEqual([{ kind: "weight", grams: 454 }]);
    expect(parse(frame, { unit: "oz", decimals: 2 })).toEqual([{ kind: "weight", grams: 28 }]);
  });

  it("parity in bit 7 is dropped", () => {
    const parity = hex("02 30 31 2E 32 33 34 0D").map((byte) => byte | 0x80);
    expect(createToledo8213Parser(format).push(parity)).toEqual([{ kind: "weight", grams: 1_234 }]);
  });

  it.each([
    ["41", { isInMotion: true }],
    ["42", { isOutOfRange: true }],
    ["44", { isUnderZero: true }],
    ["78", {}],
    ["E3", { isInMotion: true, isOutOfRange: true }],
  ])("PR3.2-2: status %s says %j", (status, said) => {
    expect(parse(`02 3F ${status} 0D`)).toEqual([{ ...healthy, ...said }]);
  });

  it("a status is written as it is read", () => {
    const written = encodeToledo8213({ kind: "refusal", isInMotion: true }, format);
    expect(written).toEqual(hex("02 3F 41 0D"));
  });

  it.each([
    ["a digit is missing", "02 31 2E 32 33 34 0D"],
    ["a digit is too much", "02 30 31 32 33 34 35 0D"],
    ["the point stands elsewhere", "02 30 31 32 2E 33 34 0D"],
    ["a letter for a digit", "02 30 31 2E 32 41 34 0D"],
    ["a minus", "02 2D 31 2E 32 33 34 0D"],
    ["nothing at all", "02 0D"],
    ["a status without its byte", "02 3F 0D"],
    ["a status of two bytes", "02 3F 41 41 0D"],
  ])("is no weight: %s", (_what, frame) => {
    expect(parse(frame)).toMatchObject([{ kind: "discarded", why: "malformed" }]);
  });

  it("a frame that is cut off costs only itself", () => {
    expect(parse("02 30 31 02 30 31 2E 32 33 34 0D")).toEqual([
      { kind: "discarded", why: "restarted", bytes: hex("02 30 31") },
      { kind: "weight", grams: 1_234 },
    ]);
    expect(parse("02 30 31 2E 32 33 34 35 36 37 0D 02 30 31 2E 32 33 34 0D")).toMatchObject([
      { why: "tooLong" },
      { why: "outsideFrame", bytes: hex("36 37 0D") },
      { kind: "weight", grams: 1_234 },
    ]);
  });

  it("a silence in a frame discards it", () => {
    const parser = createToledo8213Parser(format);
    parser.push(hex("02 30"));
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([{ why: "timedOut", bytes: hex("02 30") }]);
    expect(parser.timeOut()).toEqual([]);
    expect(parser.push(hex("31 0D"))).toMatchObject([{ why: "outsideFrame" }]);
  });
});

describe("MT-SICS", () => {
  const parse = (text: string) => createMtSicsParser().push(bytes(text));
  const still = { kind: "weight", isNegative: false, isInMotion: false };

  it("asks in lines", () => {
    expect(encodeMtSicsQuestion("SIR")).toEqual(hex("53 49 52 0D 0A"));
  });

  it("PR3.3-1, DEV1-31: 100.0 g at rest", () => {
    const line = hex("53 20 53 20 20 20 20 20 20 31 30 30 2E 30 20 67 0D 0A");
    expect(createMtSicsParser().push(line)).toEqual([{ ...still, grams: 100 }]);
    expect(encodeMtSics({ kind: "weight", grams: 100, isInMotion: false })).toEqual(line);
  });

  it.each([
    ["PR3.3-2", "S D     100.00 g", { isInMotion: true, grams: 100 }],
    ["PR3.3-1", "S S     100.00 g", { grams: 100 }],
    ["PR3.3-1", "S S      -0.50 g", { isNegative: true, grams: 1 }],
    ["PR3.3-1", "S S     1.2345 kg", { grams: 1_235 }],
    ["PR3.3-1", "S S 12 kg", { grams: 12_000 }],
    ["PR3.3-1", "S S       2.00 lb ", { grams: 907 }],
    ["PR3.3-1", "S S      35.27 oz", { grams: 1_000 }],
  ])("%s: %s", (_id, line, said) => {
    expect(parse(`${line}\r\n`)).toEqual([{ ...still, ...said }]);
  });

  it.each([
    ["S I", { kind: "refusal", why: "notExecutable" }],
    ["S +", { kind: "refusal", why: "overload" }],
    ["S -", { kind: "refusal", why: "underload" }],
    ["ES", { kind: "error", code: "ES" }],
    ["ET", { kind: "error", code: "ET" }],
    ["EL", { kind: "error", code: "EL" }],
    ['I4 A "0123456789"', { kind: "started" }],
    ["S S      12.00 ct", { kind: "otherUnit", unit: "ct" }],
  ])("PR3.3-3, PR3.3-4: %s is no weight, and is named", (line, said) => {
    expect(parse(`${line}\r\n`)).toEqual([said]);
  });

  it.each([
    "S S     100.00",
    "S S     100.00g",
    "S S     1 00.00 g",
    "S S     100.00 g g",
    "S S",
    "S  S     100.00 g",
    "s s     100.00 g",
    "SS     100.00 g",
    "xS S     100.00 g",
    "S S     12345678901 g",
    "S S     Error 10b",
    "ESL",
    "S X     100.00 g",
  ])("is no weight: %j", (line) => {
    expect(parse(`${line}\r\n`)).toMatchObject([{ kind: "discarded", why: "malformed" }]);
  });

  it("a line whose one end was lost costs no second line", () => {
    expect(parse("S S 5 g\rS S 6 g\nS S 7 g\r\n")).toMatchObject([
      { grams: 5 },
      { grams: 6 },
      { grams: 7 },
    ]);
  });

  it("a line without end is dropped once, and the next is whole", () => {
    expect(parse(`${"S".repeat(200)}\r\nS S 7 g\r\n`)).toMatchObject([
      { why: "tooLong", bytes: bytes("S".repeat(80)) },
      { grams: 7 },
    ]);
  });

  it("a silence in a line discards it", () => {
    const parser = createMtSicsParser();
    parser.push(bytes("S S   12"));
    expect(parser.timeOut()).toMatchObject([{ why: "timedOut", bytes: bytes("S S   12") }]);
    expect(parser.push(bytes("3.0 g\r\n"))).toMatchObject([{ why: "malformed" }]);
  });
});
