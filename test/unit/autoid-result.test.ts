/**
 * Goal: what an AutoID reader tells is read as OPC 30010 lays it out, with whatever optional fields
 * there are; anything else is refused by the field that is wrong, and never becomes a code.
 * Method: bodies built field by field by the rules of OPC 10000-6, whole, cut and mutated; the worked
 * example of the scanners' page byte by byte.
 */
import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  codesOfScans,
  readOpticalScanResult,
  type AutoIdScan,
} from "../../protocols/scanner/autoid.ts";

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const double = Buffer.alloc(8);
const text = (value: string | null): Buffer =>
  value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]);
const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const time = (ms: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
  return bytes;
};

const locations = {
  none: int32(0),
  nmea: Buffer.concat([int32(1), text("$GPGGA")]),
  local: Buffer.concat([int32(2), double, double, double, time(1), double, int32(3)]),
  wgs84: Buffer.concat([
    int32(3),
    text("N"),
    double,
    text("E"),
    double,
    double,
    time(1),
    double,
    int32(1),
    int32(2),
  ]),
  name: Buffer.concat([int32(4), text("gate 3")]),
} as const;

const nodeIds = [
  Buffer.from([0, 7]),
  Buffer.from([1, 1, 7, 0]),
  Buffer.from([2, 1, 0, 7, 0, 0, 0]),
  Buffer.concat([Buffer.from([3, 1, 0]), text("image")]),
  Buffer.concat([Buffer.from([4, 1, 0]), Buffer.alloc(16)]),
  Buffer.concat([Buffer.from([5, 1, 0]), text("bytes")]),
];

interface Parts {
  readonly location: keyof typeof locations | null;
  readonly grade: number | null;
  readonly hasPosition: boolean;
  readonly symbology: string | null;
  readonly imageId: number | null;
}

const plain: Parts = {
  location: null,
  grade: null,
  hasPosition: false,
  symbology: null,
  imageId: null,
};

function bodyOf(parts: Partial<Parts>, scanData: Buffer = stringData("RB123456785CN")): Buffer {
  const { location, grade, hasPosition, symbology, imageId } = { ...plain, ...parts };
  const fields: readonly (readonly [bit: number, field: Buffer | null])[] = [
    [1, location === null ? null : locations[location]],
    [2, grade === null ? null : float(grade)],
    [4, hasPosition ? Buffer.alloc(20) : null],
    [8, symbology === null ? null : text(symbology)],
    [16, imageId === null ? null : (nodeIds[imageId] ?? null)],
  ];
  const there = fields.filter(([, field]) => field !== null);
  const mask = there.reduce((sum, [bit]) => sum + bit, 0);
  return Buffer.concat([
    int32(mask),
    text("CODE128"),
    scanData,
    time(Date.UTC(2026, 0, 2)),
    ...there.flatMap(([, field]) => (field === null ? [] : [field])),
  ]);
}

const stringData = (value: string): Buffer => Buffer.concat([int32(2), text(value)]);
const scanOf = (body: Uint8Array): AutoIdScan => {
  const read = readOpticalScanResult(body);
  if (read.kind === "invalid") throw new Error(read.why);
  return read.scan;
};
const whyOf = (body: Uint8Array): string => {
  const read = readOpticalScanResult(body);
  return read.kind === "invalid" ? read.why : "";
};

describe("the body of an optical scan result", () => {
  test("PR4.2-2: whatever optional fields there are, what stands behind them is read", () => {
    fc.assert(
      fc.property(
        fc.record({
          location: fc.option(
            fc.constantFrom(...(Object.keys(locations) as (keyof typeof locations)[])),
          ),
          grade: fc.option(fc.constantFrom(0, 2.5, 4)),
          hasPosition: fc.boolean(),
          symbology: fc.option(fc.string()),
          imageId: fc.option(fc.nat(nodeIds.length - 1)),
        }),
        (parts) => {
          expect(scanOf(bodyOf(parts))).toEqual({
            codeType: "CODE128",
            data: { kind: "text", text: "RB123456785CN" },
            at: Date.UTC(2026, 0, 2),
            grade: parts.grade,
            symbology: parts.symbology,
          });
        },
      ),
    );
  });

  test("that is cut anywhere, or too long, is refused by the field", () => {
    const whole = bodyOf({ location: "wgs84", grade: 1, hasPosition: true, imageId: 3 });
    for (let length = 0; length < whole.length; length += 1) {
      expect(whyOf(whole.subarray(0, length))).toMatch(/^cut within [A-Za-z ]/);
    }
    expect(whyOf(Buffer.concat([whole, Buffer.alloc(2)]))).toBe("2 bytes too many");
  });

  test("with fields or forms that nobody knows is refused by name", () => {
    expect(whyOf(Buffer.concat([int32(32), bodyOf({}).subarray(4)]))).toMatch(/mask 20$/);
    expect(whyOf(bodyOf({}, int32(4)))).toBe("ScanData is of the form 4");
    expect(whyOf(bodyOf({}, Buffer.concat([int32(2), int32(1), Buffer.from([0xff])])))).toBe(
      "ScanData.String is not UTF-8",
    );
  });

  test("of any bytes: a result or a reason, and nothing thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["scan", "invalid"]).toContain(readOpticalScanResult(bytes).kind);
      }),
    );
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), (at, byte) => {
        const body = bodyOf({ location: "local", grade: 3, symbology: "]C1", imageId: 4 });
        body[at % body.length] = byte;
        expect(["scan", "invalid"]).toContain(readOpticalScanResult(body).kind);
      }),
    );
  });

  test("PR4.2-1: the example of the scanners' page", () => {
    const page = readFileSync("edge/devices/scanner/README.md", "utf8");
    const example = page.slice(page.indexOf("### One event"), page.indexOf("A code may begin"));
    const hex = [...example.matchAll(/`((?:[0-9A-F]{2} ?)+)`/g)].map(([, bytes = ""]) => bytes);
    const body = Buffer.from(hex.join("").replaceAll(" ", ""), "hex");
    expect(body.length).toBe(46);
    expect(scanOf(body)).toEqual({
      codeType: "CODE128",
      data: { kind: "text", text: "RB123" },
      at: Date.UTC(2024, 0, 27, 12),
      grade: 4,
      symbology: "]C",
    });
  });
});

describe("the codes of one event", () => {
  const scan = (data: AutoIdScan["data"]): AutoIdScan => ({
    codeType: "x",
    data,
    at: null,
    grade: null,
    symbology: null,
  });
  const ofText = (value: string) => scan({ kind: "text", text: value });

  test("are all of it, with the AIM identifier that stands before them", () => {
    const bytes = Uint8Array.from([0x41, 0x1d, 0xe9]);
    expect(codesOfScans([ofText("]C1RB1"), ofText("X2"), scan({ kind: "bytes", bytes })])).toEqual({
      kind: "codes",
      codes: [
        { text: "RB1", aim: "]C1" },
        { text: "X2", aim: null },
        { text: "A\u001dé", aim: null },
      ],
    });
  });

  test("are none where nothing was seen", () => {
    expect(codesOfScans([])).toEqual({ kind: "codes", codes: [] });
    expect(codesOfScans([ofText("")])).toEqual({ kind: "codes", codes: [] });
  });

  test("spoil the read where one is no text, too long, or there are too many", () => {
    expect(codesOfScans([ofText("A"), scan({ kind: "other" })]).kind).toBe("invalid");
    expect(codesOfScans([ofText("7".repeat(129))]).kind).toBe("invalid");
    expect(codesOfScans(Array.from({ length: 17 }, () => ofText("A"))).kind).toBe("invalid");
  });
});
