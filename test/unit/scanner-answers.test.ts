/**
 * Goal: what a reader says of a command, of itself, or of its own read never becomes a code, and a read
 * that comes in an answer is one.
 * Method: literal frames of each maker in, frames out.
 */
import { describe, expect, it } from "vitest";
import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { encodeScannerRead } from "../../protocols/scanner/encoder.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const parse = (config: object, wire: string) => {
  const { format } = zFramesDialect.parse({ kind: "frames", ...config });
  return createScannerParser(format).push(bytes(wire));
};
const read = (...texts: string[]) => ({
  kind: "read",
  codes: texts.map((text) => ({ text, aim: null })),
  proof: {},
});
const sick = { preset: "sick" };
const code = "RB123456785GB";
const cv1 = { text: "CV1", aim: null };

it.each(["sRA HB 1", "sWA code", "sEA LMDscandata 1", "sSN LMDscandata 1", "sMN mTCgateon"])(
  "PR1.1-5: %s answers a command of SICK's, and is no code",
  (text) => {
    expect(parse(sick, `\x02${text}\x03`)).toEqual([{ kind: "ack", text }]);
  },
);

it.each(["sAN mTCgateon 0", "sFA 5", "sFA"])(
  "PR1.1-4, PR1.1-5: %s refuses a command of SICK's",
  (text) => {
    expect(parse(sick, `\x02${text}\x03`)).toEqual([{ kind: "refusal", text }]);
    expect(parse(sick, `\x02${code};${text}\x03`)).toMatchObject([{ why: "malformed" }]);
  },
);

describe("PR1.1-7: SICK's diagnosis before each code", () => {
  const config = { ...sick, codeFields: [{ kind: "diagnosis" }, { kind: "aim" }] };

  it("0 is a good read", () => {
    expect(parse(config, `\x020]C0${code};0CV1\x03`)).toEqual([
      { kind: "read", codes: [{ text: code, aim: "]C0" }, cv1], proof: {} },
    ]);
  });

  it.each(Array.from("A123456789"))("%s is none, with a code behind it or without", (state) => {
    const none = { kind: "noRead", proof: {} };
    expect(parse(config, `\x02${state}${code}\x03\x02${state}\x03`)).toEqual([none, none]);
    expect(parse(config, `\x020${code};${state}CV1\x03`)).toEqual([none]);
  });

  it.each(["B", "a", "]"])("%s is no state: the frame is not what the format says", (state) => {
    expect(parse(config, `\x02${state}${code}\x03`)).toMatchObject([{ why: "malformed" }]);
    expect(parse(config, `\x020${code};${state}CV1\x03`)).toMatchObject([{ why: "malformed" }]);
  });

  it("what is written so is read so", () => {
    const { format } = zFramesDialect.parse({ kind: "frames", ...config });
    const frame = encodeScannerRead(format, [cv1]);
    expect(createScannerParser(format).push(frame)).toEqual([read("CV1")]);
  });
});

it.each([
  ["||:1[0]", { kind: "ack", text: "||:1[0]" }],
  ["||0:123[0]ON", { kind: "ack", text: "||0:123[0]ON" }],
  ["||[100]", { kind: "refusal", text: "unidentified error (100)" }],
  ["||0:7[101]", { kind: "refusal", text: "invalid command (101)" }],
  ["||:7[102]", { kind: "refusal", text: "invalid parameter (102)" }],
  ["||:7[103]", { kind: "refusal", text: "wrong checksum (103)" }],
  ["||:7[104]", { kind: "refusal", text: "rejected in this state (104)" }],
  ["||:7[105]", { kind: "refusal", text: "not available (105)" }],
  ["||:7[199]", { kind: "refusal", text: "unknown state (199)" }],
  ["||>TRIGGER ON", { kind: "ack", text: "||>TRIGGER ON" }],
])("PR1.1-13: %s answers in DMCC, and is no code", (text, frame) => {
  expect(parse({ preset: "cognex" }, `${text}\r\n`)).toEqual([frame]);
});

it.each([
  [`||:7[1]${code}`, read(code)],
  [`||0:[1]]C0${code},CV1`, { ...read(code, "CV1"), codes: [{ text: code, aim: "]C0" }, cv1] }],
  ["||[1]NOREAD", { kind: "noRead", proof: {} }],
  [`||[1]||:8[1]${code}`, { kind: "ack", text: `||:8[1]${code}` }],
])("PR1.1-14, DEV1-24: %s carries a read", (text, frame) => {
  expect(parse({ preset: "cognex" }, `${text}\r\n`)).toEqual([frame]);
});

it("PR1.1-14: a read with a byte of checksum behind it is none", () => {
  expect(parse({ preset: "cognex" }, `||1:7[1]${code}A\r\n`)).toMatchObject([
    { kind: "discarded", why: "malformed" },
  ]);
});

it("PR1.1-23: what begins with DC2 is the reader's own word", () => {
  expect(parse({ preset: "datalogic" }, "\x12READY\r\n")).toEqual([{ kind: "ack", text: "READY" }]);
});
