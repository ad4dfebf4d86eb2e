/**
 * Goal: SICK's CoLa-B is read as its documents give it, whatever lies between its frames, and a frame
 * that is damaged or cut costs only itself.
 * Method: frames built here by those rules, whole, changed byte by byte and cut; the worked example of
 * the scanners' page.
 */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { encodeProofCommand } from "../../protocols/scanner/encoder.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import { scannerPresets } from "../../protocols/scanner/presets.ts";

const colaB = scannerPresets["sick-cola-b"];
const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Four bytes 02, four of length, the data, one of check. */
function frame(data: string): Uint8Array {
  const check = ascii(data).reduce((sum, byte) => sum ^ byte, 0);
  const { length } = data;
  return Uint8Array.of(2, 2, 2, 2, 0, 0, length >> 8, length & 0xff, ...ascii(data), check);
}
const joined = (...parts: readonly Uint8Array[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const parse = (...parts: readonly Uint8Array[]) =>
  createScannerParser(colaB).push(joined(...parts));
const label = "RB123456785GB";
const read = (...texts: readonly string[]) => ({
  kind: "read",
  codes: texts.map((text) => ({ text, aim: null })),
  proof: {},
});

describe("frames", () => {
  it("PR1.3-13: the documents' own, an event that is switched on", () => {
    const whole = frame("sEN LMDscandata \x01");
    expect([...whole.subarray(0, 8), ...whole.subarray(-2)]).toEqual([
      2, 2, 2, 2, 0, 0, 0, 0x11, 0x01, 0x33,
    ]);
    expect(parse(whole)).toEqual([{ kind: "ack", text: "sEN LMDscandata 1" }]);
  });

  it.each([
    [label, read(label)],
    [`${label};CV1`, read(label, "CV1")],
    [`]C0${label}`, { ...read(label), codes: [{ text: label, aim: "]C0" }] }],
    ["00A\x1d4307US", read("00A\x1d4307US")],
    ["NoRead", { kind: "noRead", proof: {} }],
    ["HB", { kind: "heartbeat" }],
  ])("PR1.1-8: %j", (data, said) => {
    expect(parse(frame(data))).toEqual([said]);
  });

  it.each([
    ["sAN mTCgateon \x01", { kind: "ack", text: "sAN mTCgateon 1" }],
    ["sAN mTCgateon \x00", { kind: "refusal", text: "sAN mTCgateon 0" }],
    ["sFA\x00\x05", { kind: "refusal", text: "sFA05" }],
    ["sRA DIdistance \x1d", { kind: "ack", text: "sRA DIdistance 1D" }],
    ["sSN HBstate \x02\x02\x02", { kind: "ack", text: "sSN HBstate 222" }],
    ["sMN mTCgateon", { kind: "ack", text: "sMN mTCgateon" }],
  ])("PR1.1-9: %j is no code", (data, said) => {
    expect(parse(frame(data))).toEqual([said]);
  });

  it("PR1.1-9: the trigger goes out in one", () => {
    expect(encodeProofCommand(colaB, { kind: "trigger" })).toEqual(frame("sMN mTCgateon"));
  });

  it("the example of the scanners' page", () => {
    const page = readFileSync("edge/devices/scanner/README.md", "utf8");
    const example = page.slice(page.indexOf("## SICK in CoLa-B"), page.indexOf("## Zebra SSI"));
    const rows = [...example.matchAll(/^\| (?:agent|reader) \| `([0-9A-F ]+)` \|/gm)];
    const frames = rows.map(([, hex = ""]) => Buffer.from(hex.replaceAll(" ", ""), "hex"));
    expect(frames.flatMap((bytes) => createScannerParser(colaB).push(bytes))).toEqual([
      { kind: "ack", text: "sMN mTCgateon" },
      { kind: "ack", text: "sAN mTCgateon 1" },
      { kind: "read", codes: [{ text: label, aim: "]C0" }], proof: {} },
      { kind: "noRead", proof: {} },
      { kind: "heartbeat" },
    ]);
  });
});

describe("what is none", () => {
  it("a byte of check that does not fit, and the next frame is whole", () => {
    const changed = frame(label).map((byte, at) => (at === 12 ? byte ^ 1 : byte));
    expect(parse(changed, frame(label))).toMatchObject([
      { kind: "discarded", why: "checksum", totalBytes: changed.length },
      read(label),
    ]);
  });

  it("a frame that is cut by the next one", () => {
    expect(parse(frame(label).subarray(0, 12), frame(label))).toMatchObject([
      { why: "restarted", totalBytes: 12 },
      read(label),
    ]);
  });

  it.each([-12, -1, 1, 2, 3, 4, 200])(
    "a frame whose length is wrong by %i, where the next one follows at once",
    (by) => {
      const other = frame(label).map((byte, at) => (at === 7 ? byte + by : byte));
      const frames = parse(other, frame("CV1"));
      expect(frames.filter(({ kind }) => kind !== "discarded")).toEqual([read("CV1")]);
    },
  );

  it("a length beyond the longest: 512 make a frame, 513 none", () => {
    const codes = (length: number) => Array.from({ length }, () => "7").join("");
    const whole = (length: number) => frame(`${codes(length - 4)};${codes(3)}`);
    expect(parse(whole(512))).toMatchObject([{ why: "malformed", totalBytes: 512 }]);
    expect(parse(whole(513), frame(label))).toMatchObject([{ why: "outsideFrame" }, read(label)]);
  });

  it("bytes between frames, and what a silence has cut", () => {
    const parser = createScannerParser(colaB);
    expect(parser.push(joined(ascii("\r\n"), frame(label), ascii("xyz")))).toEqual([
      { kind: "discarded", why: "outsideFrame", totalBytes: 2, bytes: ascii("\r\n") },
      read(label),
      { kind: "discarded", why: "outsideFrame", totalBytes: 3, bytes: ascii("xyz") },
    ]);
    parser.push(frame(label).subarray(0, 20));
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([{ why: "timedOut", totalBytes: 20 }]);
    expect(parser.isInsideFrame()).toBe(false);
    expect(parser.timeOut()).toEqual([]);
  });

  it("an empty frame", () => {
    expect(parse(frame(""))).toMatchObject([{ why: "malformed" }]);
  });
});

const data = fc.stringMatching(/^[A-Z0-9]{1,60}$/);
/** Whatever may stand between: start bytes and lengths among it. */
const noise = fc.array(fc.constantFrom(0, 1, 2, 2, 2, 2, 3, 0x11, 0x41), { maxLength: 60 });

describe("any stream", () => {
  it.each([[[0, 0, 1]], [[0, 0]], [[0]]])(
    "half a head that ends in %j, and a frame that would be its length: the frame is read",
    (half) => {
      const before = Uint8Array.from([2, 2, 2, 2, ...half]);
      expect(parse(before, frame("A0")).at(-1)).toEqual(parse(frame("A0"))[0]);
    },
  );

  it("noise, and a frame behind it without a pause: the frame is read", () => {
    fc.assert(
      fc.property(noise, data, (before, code) => {
        const frames = parse(Uint8Array.from(before), frame(`A${code}`));
        expect(frames.at(-1)).toEqual(parse(frame(`A${code}`))[0]);
      }),
    );
  });

  it("however it is cut, the frames are the same, and so are the bytes that are dropped", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, data), { maxLength: 5 }),
        fc.integer({ min: 1, max: 30 }),
        (parts, size) => {
          const wire = joined(
            ...parts.flatMap(([before, code]) => [Uint8Array.from(before), frame(code)]),
          );
          const parser = createScannerParser(colaB);
          const cut: ReturnType<typeof parse> = [];
          for (let at = 0; at < wire.length; at += size) {
            cut.push(...parser.push(wire.subarray(at, at + size)));
          }
          const whole = parse(wire);
          const good = (frames: typeof whole) => frames.filter(({ kind }) => kind !== "discarded");
          const dropped = (frames: typeof whole) =>
            frames.reduce(
              (sum, each) => sum + (each.kind === "discarded" ? each.totalBytes : 0),
              0,
            );
          expect(good(cut)).toEqual(good(whole));
          expect(dropped(cut)).toBe(dropped(whole));
        },
      ),
    );
  });

  it("a frame with one byte of data or check changed is none", () => {
    fc.assert(
      fc.property(data, fc.nat(), fc.integer({ min: 1, max: 255 }), (code, at, by) => {
        const whole = frame(code);
        const place = 8 + (at % (whole.length - 8));
        const changed = whole.map((byte, index) => (index === place ? byte ^ by : byte));
        expect(parse(changed).filter(({ kind }) => kind !== "discarded")).toEqual([]);
      }),
    );
  });
});

it("a configuration names it, and what does not fit is refused by its key", () => {
  const taken = (config: object) => zFramesDialect.safeParse({ kind: "frames", ...config });
  expect(taken({ preset: "sick-cola-b" }).data?.format).toEqual(colaB);
  expect(
    taken({ preset: "sick", framing: "cola-b", startHex: null, endHex: [] }).data?.format,
  ).toEqual(colaB);
  const paths = (config: object) => taken(config).error?.issues.map(({ path }) => path.join("."));
  expect(paths({ preset: "sick", framing: "cola-b" })).toEqual(["framing"]);
  expect(paths({ preset: "sick-cola-b", framing: "marks" })).toEqual(["endHex"]);
  expect(paths({ preset: "sick-cola-b", encoding: "ascii7" })).toEqual(["encoding"]);
});
