/**
 * Goal: the scanner codec reads each vendor's frames as their manuals give them, and turns
 * everything else into a typed refusal.
 * Method: literal bytes in, frames out, at the boundaries of every rule.
 */
import { describe, expect, it } from "vitest";
import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { encodeProofCommand } from "../../protocols/scanner/encoder.ts";
import type { ProofCommand } from "../../protocols/scanner/read-proof.ts";
import { zScannerFormat } from "../../protocols/scanner/format.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import { scannerPresets } from "../../protocols/scanner/presets.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const parse = (config: object, ...chunks: string[]) => {
  const parser = createScannerParser(zFramesDialect.parse({ kind: "frames", ...config }).format);
  return chunks.flatMap((chunk) => parser.push(bytes(chunk)));
};
const read = (...texts: string[]) => ({
  kind: "read",
  codes: texts.map((text) => ({ text, aim: null })),
  proof: {},
});
const sick = { preset: "sick" };
const code = "RB123456785GB";
const length2 = { kind: "length", digits: 2 };

describe("vendors' frames", () => {
  it.each([
    ["SICK", sick, `\x02${code}\x03`, [read(code)]],
    ["PR1.1-1: SICK with two codes", sick, `\x02${code};CV1\x03`, [read(code, "CV1")]],
    ["PR1.1-2: SICK no-read", sick, "\x02NoRead\x03", [{ kind: "noRead", proof: {} }]],
    ["PR1.1-6, DEV1-11: SICK heartbeat", sick, "\x02HB\x03", [{ kind: "heartbeat" }]],
    [
      "PR1.1-3: SICK answer",
      sick,
      "\x02sAN mTCgateon 1\x03",
      [{ kind: "ack", text: "sAN mTCgateon 1" }],
    ],
    ["PR1.1-15, DEV1-15: Keyence", { preset: "keyence" }, `${code}\r`, [read(code)]],
    ["PR1.1-15: Keyence with line feed", { preset: "keyence" }, `${code}\r\n`, [read(code)]],
    ["Keyence no-read", { preset: "keyence" }, "ERROR\r", [{ kind: "noRead", proof: {} }]],
    [
      "PR1.1-18: Keyence answer",
      { preset: "keyence" },
      "OK,LON\r",
      [{ kind: "ack", text: "OK,LON" }],
    ],
    [
      "PR1.1-18: Keyence error",
      { preset: "keyence" },
      "ER,LON,00\r",
      [{ kind: "refusal", text: "ER,LON,00" }],
    ],
    ["PR1.1-10, DEV1-16: Cognex", { preset: "cognex" }, `${code}\r\n`, [read(code)]],
    ["Cognex DMCC", { preset: "cognex" }, "||:1[0]\r\n", [{ kind: "ack", text: "||:1[0]" }]],
    ["DEV1-17: Datalogic", { preset: "datalogic" }, `${code}\r\n`, [read(code)]],
    [
      "DEV1-19: Keyence with its match level",
      { preset: "keyence" },
      `${code}:92,CV1:100\r`,
      [read(code, "CV1")],
    ],
    ["a colon that no grade follows", { preset: "keyence" }, "A:1234\r", [read("A:1234")]],
    ["Cognex without grades", { preset: "cognex" }, "A:92\r\n", [read("A:92")]],
    [
      "PR1.1-25, DEV1-18: Honeywell with suffix CR",
      { preset: "honeywell" },
      `${code}\r`,
      [read(code)],
    ],
  ])("%s", (_name, config, wire, frames) => {
    expect(parse(config, wire)).toEqual(frames);
  });

  it.each(
    ["sick", "keyence", "cognex", "datalogic", "honeywell"].flatMap((preset) =>
      [
        "NOREAD|NoRead|NO-READ|NO READ|no_read|No Read|NO  READ|<NO READ>| NOREAD |XNOREAD",
        "NOREAD 0815|?|??|***|ERROR|ERROR:100|ERR01|ERR31|ERR91|ERR95|]C0NOREAD|OVER|NC|FAIL",
        "\x18|\x15|NOREAD\x18|\x1d]C1NoRead\x1d",
      ].flatMap((texts) => texts.split("|").map((text) => [preset, text])),
    ),
  )("PR1.1-17, PR1.1-20, PR1.3-6, DEV1-20: %s: %s is a no-read", (preset, text) => {
    const wire = preset === "sick" ? `\x02${text}\x03` : `${text}\r\n`;
    expect(parse({ preset }, wire)).toEqual([{ kind: "noRead", proof: {} }]);
  });

  it.each(["OVERTON7", "NCX12345", "ERR12345X", "NA1234567890", "7777777X"])(
    "%s only resembles a no-read, and is a code",
    (text) => {
      expect(parse(sick, `\x02${text}\x03`)).toEqual([read(text)]);
    },
  );

  it.each(["keyence", "cognex", "datalogic", "honeywell"])(
    "DEV1-21: the text of a heartbeat of %s's is no code",
    (preset) => {
      const config = { preset, heartbeat: { pattern: "ALIVE \\d+", periodMs: 1_000 } };
      expect(parse(config, `ALIVE 17\r\n${code}\r\n`)).toEqual([{ kind: "heartbeat" }, read(code)]);
    },
  );

  it("a no-read without the header of codes is one, and what is left of it no code", () => {
    expect(parse({ ...sick, headerChars: 4 }, "\x02NO  READ\x03")).toEqual([
      { kind: "noRead", proof: {} },
    ]);
  });

  it("PR1.1-16: Keyence in STX and ETX, where it is set up so", () => {
    const config = { preset: "keyence", startHex: "02", endHex: ["03"] };
    expect(parse(config, `\x02${code}\x03\x02OK,LON\x03`)).toEqual([
      read(code),
      { kind: "ack", text: "OK,LON" },
    ]);
  });

  it("PR1.1-19: one head of several, its number and the length before the code", () => {
    const codeFields = [
      { kind: "skip", chars: "%P01-".length },
      { kind: "length", digits: 4 },
    ];
    const config = { preset: "keyence", codeFields };
    expect(parse(config, `%P01-0013${code}\r`)).toEqual([read(code)]);
    expect(parse(config, `%P31-0012${code}\r`)).toMatchObject([{ why: "malformed" }]);
  });

  it("PR1.1-21: the host's index before the message says whose read it is", () => {
    const proofHead = { end: "#", separator: "/", token: "I" };
    const config = { preset: "datalogic", proofHead, tokenCommand: "I{}" };
    expect(parse(config, `I0815#${code}\r\nI0816#NOREAD\r\n`)).toEqual([
      { ...read(code), proof: { token: "0815" } },
      { kind: "noRead", proof: { token: "0816" } },
    ]);
    const { format } = zFramesDialect.parse({ kind: "frames", ...config });
    expect(encodeProofCommand(format, { kind: "token", token: "0815" })).toEqual(
      bytes("I0815\r\n"),
    );
  });

  it("PR1.1-22: header, address, time stamp, code id and length before the code", () => {
    const config = {
      preset: "datalogic",
      codeSeparator: null,
      headerChars: "H".length,
      codeFields: [{ kind: "skip", chars: "07,12:59:01,".length }, { kind: "aim" }, length2],
    };
    expect(parse(config, `H07,12:59:01,]C013${code}\r\n`)).toEqual([
      { kind: "read", codes: [{ text: code, aim: "]C0" }], proof: {} },
    ]);
  });

  it("PR1.1-24: without a suffix no frame ends, and what came is told as cut", () => {
    const parser = createScannerParser(scannerPresets.honeywell);
    expect(parser.push(bytes(code + code))).toEqual([]);
    expect(parser.timeOut()).toMatchObject([
      { kind: "discarded", why: "timedOut", bytes: bytes(code + code) },
    ]);
  });

  it("the site's own no-read text leaves the usual ones known", () => {
    const config = { ...sick, noReadPatterns: ["leer \\d"] };
    expect(parse(config, "\x02leer 1\x03\x02NoRead\x03")).toEqual([
      { kind: "noRead", proof: {} },
      { kind: "noRead", proof: {} },
    ]);
  });

  it("what a reader has taken back is refused, and costs nothing beside it", () => {
    expect(parse(sick, `\x02${code}\x18\x03\x02${code}\x03`)).toMatchObject([
      { kind: "discarded", why: "malformed" },
      read(code),
    ]);
  });

  it.each(["\x02", "\x1d", "  ", "\x02\x1d "])(
    "DEV1-22: %j of the reader's own before the AIM identifier is none of the code's",
    (before) => {
      expect(parse({ preset: "cognex" }, `${before}]C0${code}\x03\r\n`)).toEqual([
        { kind: "read", codes: [{ text: code, aim: "]C0" }], proof: {} },
      ]);
    },
  );

  it("PR1.3-8, PR1.3-11: takes the AIM identifier off each code, and keeps GS", () => {
    expect(parse(sick, `\x02]C100106141411234567897\x1d10A;]C0${code}\x03`)).toEqual([
      {
        kind: "read",
        codes: [
          { text: "00106141411234567897\x1d10A", aim: "]C1" },
          { text: code, aim: "]C0" },
        ],
        proof: {},
      },
    ]);
  });

  it("skips fields and checks a declared length", () => {
    const config = {
      ...sick,
      codeSeparator: null,
      headerChars: 2,
      trailerChars: 1,
      codeFields: [{ kind: "skip", chars: 3 }, length2],
    };
    expect(parse(config, `\x02##xyz13${code}!\x03`)).toEqual([read(code)]);
    expect(parse(config, `\x02##xyz12${code}!\x03`)).toMatchObject([{ why: "malformed" }]);
    expect(parse(config, `\x02##xyzA3${code}!\x03`)).toMatchObject([{ why: "malformed" }]);
  });

  it("a head that saw nothing beside one that read is no code", () => {
    expect(parse(sick, `\x02NoRead;${code}\x03`)).toEqual([read(code)]);
    expect(parse(sick, "\x02NoRead;NoRead\x03")).toEqual([{ kind: "noRead", proof: {} }]);
  });
});

describe("everything else is a refusal", () => {
  it("PR1.3-1: bytes outside a frame are counted and shown", () => {
    expect(parse(sick, `xyz\x02${code}\x03\r\n`)).toEqual([
      { kind: "discarded", why: "outsideFrame", totalBytes: 3, bytes: bytes("xyz") },
      read(code),
      { kind: "discarded", why: "outsideFrame", totalBytes: 2, bytes: bytes("\r\n") },
    ]);
  });

  it("PR1.3-2: a second start restarts the frame", () => {
    expect(parse(sick, `\x02RB12\x02${code}\x03`)).toEqual([
      { kind: "discarded", why: "restarted", totalBytes: 4, bytes: bytes("RB12") },
      read(code),
    ]);
  });

  it("PR1.3-3: maxLengthBytes passes, one more does not, and the next frame is whole", () => {
    const config = { ...sick, maxLengthBytes: 13 };
    expect(parse(config, `\x02${code}\x03`)).toEqual([read(code)]);
    expect(parse(config, `\x02${code}X\x03\x02${code}\x03`)).toMatchObject([
      { why: "tooLong", totalBytes: 14 },
      { why: "outsideFrame", totalBytes: 1 },
      read(code),
    ]);
  });

  it("PR1.3-3: without a start byte an over-long frame is dropped up to its end", () => {
    const config = { preset: "cognex", maxLengthBytes: 20 };
    const frames = parse(config, `${"9".repeat(50)}\r`, `\n${code}\r\n`);
    expect(frames.filter(({ kind }) => kind !== "discarded")).toEqual([read(code)]);
  });

  it("a silence inside a frame discards it; outside it means nothing", () => {
    const parser = createScannerParser(scannerPresets.sick);
    expect(parser.timeOut()).toEqual([]);
    parser.push(bytes("\x02RB12345"));
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([{ why: "timedOut", totalBytes: 7 }]);
    expect(parser.isInsideFrame()).toBe(false);
    // Its rest is then no frame either, however much it looks like a code.
    expect(parser.push(bytes("6785GB\x03"))).toMatchObject([{ why: "outsideFrame" }]);
  });

  it("PR1.3-7: 7-bit links: bit 7 is stripped; 8-bit text keeps it; broken UTF-8 is named", () => {
    const frame = Uint8Array.from(bytes(`\x02${code}\x03`), (byte) => byte | 0x80);
    const seven = createScannerParser({ ...scannerPresets.sick, encoding: "ascii7" });
    expect(seven.push(frame)).toEqual([read(code)]);
    const utf8 = createScannerParser({ ...scannerPresets.sick, encoding: "utf8" });
    expect(utf8.push(bytes("\x02\xc3\x28\x03"))).toMatchObject([{ why: "wronglyEncoded" }]);
  });

  it.each([
    ["an empty frame", "\x02\x03"],
    ["an empty code beside a good one", `\x02${code};\x03`],
    ["a code of 129 characters", `\x02${"7".repeat(129)}\x03`],
    ["17 codes", `\x02${Array.from({ length: 17 }, (_, at) => `A${at}`).join(";")}\x03`],
    ["an answer among codes", `\x02${code};sAN mTCgateon 1\x03`],
  ])("%s is malformed as a whole", (_name, wire) => {
    expect(parse(sick, wire)).toMatchObject([{ kind: "discarded", why: "malformed" }]);
  });

  it("128 characters and 16 codes pass", () => {
    expect(parse(sick, `\x02${"7".repeat(128)}\x03`)).toMatchObject([{ kind: "read" }]);
    const codes = Array.from({ length: 16 }, (_, at) => `A${at}`);
    expect(parse(sick, `\x02${codes.join(";")}\x03`)).toEqual([read(...codes)]);
  });
});

describe("a format that cannot work is refused by its key", () => {
  it.each([
    [{ codeSeparator: "\x1d" }, /GS is data/],
    [{ endHex: ["0203"] }, /cannot contain the start byte/],
    [{ endHex: [] }, /endHex/],
    [{ startHex: "0202" }, /startHex/],
    [{ noReadPatterns: ["(a+)+"] }, /pattern: not understood.*noReadPatterns/s],
    [{ colour: "red" }, /colour/],
  ])("%j", (changes, why) => {
    const result = zFramesDialect.safeParse({ kind: "frames", preset: "sick", ...changes });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toMatch(why);
  });

  it("every preset is a format, and a configuration can name it", () => {
    for (const [preset, format] of Object.entries(scannerPresets)) {
      expect(zScannerFormat.safeParse(format).success).toBe(true);
      expect(zFramesDialect.parse({ kind: "frames", preset })).toEqual({ kind: "frames", format });
    }
  });
});

describe("what tells whose read it is (law 16)", () => {
  const proofHead = { end: "|", separator: ",", token: "T", ticks: "E", counter: "C", test: "X" };
  const proving = {
    preset: "sick",
    proofHead,
    tokenCommand: "token {}",
    testCommand: "test {}",
  };

  it.each([
    ["\x02T0815,C12|]C0AB1\x03", { token: "0815", counter: 12 }, [{ text: "AB1", aim: "]C0" }]],
    ["\x02E4294967295|AB1\x03", { ticks: 4_294_967_295 }, [{ text: "AB1", aim: null }]],
    ["\x02AB1\x03", {}, [{ text: "AB1", aim: null }]],
  ])("%j", (bytes, proof, codes) => {
    expect(parse(proving, bytes)).toEqual([{ kind: "read", codes, proof }]);
  });

  it("a no-read has its head, too", () => {
    expect(parse(proving, "\x02X0001,C7|NoRead\x03")).toEqual([
      { kind: "noRead", proof: { test: "0001", counter: 7 } },
    ]);
  });

  it.each([
    ["another prefix", "Z0815|AB1"],
    ["a token of three digits", "T815|AB1"],
    ["letters for digits", "T08A5|AB1"],
    ["the same number twice", "T0815,T0816|AB1"],
    ["nothing before the mark", "|AB1"],
    ["a count beyond all counters", "C9999999999999999|AB1"],
  ])("%s is no code and no read", (_what, text) => {
    expect(parse(proving, `\x02${text}\x03`)).toMatchObject([
      { kind: "discarded", why: "malformed" },
    ]);
  });

  it("what the line tells it goes in its frame", () => {
    const text = (command: ProofCommand): string => {
      const bytes = encodeProofCommand(
        zFramesDialect.parse({ kind: "frames", ...proving }).format,
        command,
      );
      return new TextDecoder().decode(bytes);
    };
    expect(text({ kind: "token", token: "0815" })).toBe("\x02token 0815\x03");
    expect(text({ kind: "test", test: "0001" })).toBe("\x02test 0001\x03");
    expect(encodeProofCommand(scannerPresets.sick, { kind: "token", token: "0815" })).toHaveLength(
      0,
    );
  });

  it("a head without a prefix, or with one twice, is refused by name", () => {
    for (const head of [
      { end: "|", separator: "," },
      { end: "|", separator: ",", token: "T", counter: "T" },
    ]) {
      const read = zFramesDialect.safeParse({ kind: "frames", preset: "sick", proofHead: head });
      expect(read.error?.issues[0]?.path).toEqual(["proofHead", "token"]);
    }
  });
});
