/**
 * Goal: questions and answers of Modbus are the bytes that its documents show, and an answer is
 * compared with what was asked. Method: frames written out in hex, most of them from the standard's
 * own examples, and the same with one thing wrong in each.
 */
import { hexText } from "../../edge/devices/hex-text.ts";
import { describe, expect, it } from "vitest";
import { crc16 } from "../../protocols/crc16.ts";
import {
  askBytes,
  exceptionText,
  readAnswer,
  type ModbusAsk,
} from "../../edge/devices/wires/modbus/pdu.ts";
import { createRtuFraming, rtuFrame } from "../../edge/devices/wires/modbus/rtu-framing.ts";
import { createTcpFraming } from "../../edge/devices/wires/modbus/tcp-framing.ts";

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const read = (
  area: "holding" | "input" | "coil" | "discrete",
  at: number,
  size: number,
): ModbusAsk => ({
  kind: "read",
  area,
  at,
  size,
});

describe("the checksum", () => {
  it.each([
    ["PR7.4-1", "01 03 00 0a 00 01", "a4 08"],
    ["PR7.4-2", "00 83 02", "91 31"],
    ["PR7.4-3", "12 34 23 45 34 56 45 67", "e2 db"],
    ["PR7.4-4", Buffer.from("123456789").toString("hex"), "37 4b"],
  ])("%s: of %s is %s on the wire, low byte first", (_id, data, sum) => {
    const crc = crc16(bytes(data));
    expect(hexText(Uint8Array.of(crc & 0xff, crc >> 8))).toBe(sum);
  });
});

/** Bits in the order of their addresses. */
const bits = (text: string): boolean[] => text.split("").map((bit) => bit === "1");

/** Question, its bytes, and an answer with what it says. */
const vectors: readonly (readonly [ModbusAsk, string, string, object])[] = [
  [
    read("coil", 0x13, 0x13),
    "01 00 13 00 13",
    "01 03 cd 6b 05",
    { kind: "bits", bits: bits("1011001111010110101") },
  ],
  [
    read("discrete", 0xc4, 0x16),
    "02 00 c4 00 16",
    "02 03 ac db 35",
    { kind: "bits", bits: bits("0011010111011011101011") },
  ],
  [
    read("holding", 0x6b, 3),
    "03 00 6b 00 03",
    "03 06 02 2b 00 00 00 64",
    { kind: "words", words: [555, 0, 100] },
  ],
  [read("input", 8, 1), "04 00 08 00 01", "04 02 00 0a", { kind: "words", words: [10] }],
  [
    { kind: "writeBits", at: 0xac, bits: [true] },
    "05 00 ac ff 00",
    "05 00 ac ff 00",
    { kind: "written" },
  ],
  [
    { kind: "writeWords", at: 1, words: [3] },
    "06 00 01 00 03",
    "06 00 01 00 03",
    { kind: "written" },
  ],
  [
    { kind: "writeBits", at: 0x13, bits: bits("1011001110") },
    "0f 00 13 00 0a 02 cd 01",
    "0f 00 13 00 0a",
    { kind: "written" },
  ],
  [
    { kind: "writeWords", at: 1, words: [10, 0x102] },
    "10 00 01 00 02 04 00 0a 01 02",
    "10 00 01 00 02",
    { kind: "written" },
  ],
];

describe("a question and its answer", () => {
  it.each(vectors)("%j", (ask, question, answer, says) => {
    expect(hexText(askBytes(ask))).toBe(question);
    expect(readAnswer(ask, bytes(answer))).toEqual(says);
  });

  it.each<[string, ModbusAsk, string, RegExp]>([
    ["another function", read("holding", 5, 1), "04 02 00 09", /function 4, not 3/],
    ["fewer registers", read("holding", 5, 3), "03 04 00 09 00 09", /6 bytes, not 8/],
    [
      "a count that is not that of its bytes",
      read("holding", 5, 2),
      "03 02 00 09 00 09",
      /2 bytes announced, 4 there/,
    ],
    [
      "another value written",
      { kind: "writeWords", at: 5, words: [9] },
      "06 00 05 00 4d",
      /06 00 05 00 4d is not/,
    ],
    [
      "another place written",
      { kind: "writeWords", at: 5, words: [9, 8] },
      "10 00 4d 00 02",
      /is not what was written/,
    ],
    [
      "fewer registers written",
      { kind: "writeWords", at: 5, words: [9, 8] },
      "10 00 05 00 01",
      /is not what was written/,
    ],
    ["a long exception", read("holding", 5, 1), "83 02 00", /an exception of 3 bytes/],
    ["nothing", read("holding", 5, 1), "", /function 0, not 3/],
  ])("is refused for %s", (_, ask, answer, why) => {
    const said = readAnswer(ask, bytes(answer));
    expect(said.kind).toBe("misfit");
    expect(said).toMatchObject({ why: expect.stringMatching(why) });
  });

  it.each([
    [1, "illegal function (exception 1)"],
    [2, "illegal data address (exception 2)"],
    [11, "gateway target does not respond (exception 11)"],
    [99, "unknown (exception 99)"],
  ])("exception %i has a name", (code, text) => {
    expect(readAnswer(read("holding", 5, 1), Uint8Array.of(0x83, code))).toEqual({
      kind: "exception",
      code,
    });
    expect(exceptionText(code)).toBe(text);
  });

  it("that comes back as it went out answers no read, not even where it could", () => {
    // 24 bits at 0x0300: three bytes of answer, as many as the question has after its count.
    const ask = read("coil", 0x300, 24);
    expect(readAnswer(ask, askBytes(ask))).toEqual({ kind: "echo" });
    expect(readAnswer(read("holding", 5, 1), bytes("03 00 05 00 01"))).toEqual({ kind: "echo" });
  });
});

describe("frames on TCP", () => {
  const asked = (): ReturnType<typeof createTcpFraming> => {
    const framing = createTcpFraming(17);
    expect(hexText(framing.ask(read("holding", 5, 1)))).toBe("00 01 00 00 00 06 11 03 00 05 00 01");
    return framing;
  };

  it("bear a transaction, and an answer must bear the same", () => {
    const framing = asked();
    expect(framing.take(bytes("00 00 00 00 00 05 11 03 02 00 09"))).toEqual([
      { kind: "stray", why: "transaction 0, not 1" },
    ]);
    expect(framing.take(bytes("00 01 00 00 00 05 11 03 02 00 09"))).toEqual([
      { kind: "answer", pdu: bytes("03 02 00 09") },
    ]);
    // Once is enough.
    expect(framing.take(bytes("00 01 00 00 00 05 11 03 02 00 09"))).toEqual([
      { kind: "stray", why: "transaction 1, not any" },
    ]);
  });

  it("of another unit answer nobody", () => {
    expect(asked().take(bytes("00 01 00 00 00 05 12 03 02 00 09"))).toEqual([
      { kind: "stray", why: "unit 18, not 17" },
    ]);
  });

  it.each(["00 01 00 07 00 05 11 03", "00 01 00 00 ff f0 11 03", "00 01 00 00 00 02 11 03"])(
    "that cannot be any end the connection: %s",
    (head) => {
      expect(asked().take(bytes(head))).toMatchObject([{ kind: "broken" }]);
    },
  );

  it("begin anew with a new connection, and transactions go on", () => {
    const framing = asked();
    framing.take(bytes("00 01 00 00"));
    framing.reset();
    expect(hexText(framing.ask(read("holding", 5, 1)))).toMatch(/^00 02/);
    expect(framing.take(bytes("00 02 00 00 00 05 11 03 02 00 09"))).toMatchObject([
      { kind: "answer" },
    ]);
  });
});

describe("frames on a serial line", () => {
  const characters = { baudRate: 19_200, bits: 11 };
  const asked = (ask = read("holding", 10, 1)) => {
    const framing = createRtuFraming({ unitId: 1, characters });
    return { framing, question: framing.ask(ask) };
  };
  const good = "01 03 02 00 09 78 42";

  it("end in their checksum", () => {
    expect(hexText(asked().question)).toBe("01 03 00 0a 00 01 a4 08");
    expect(hexText(rtuFrame(0, bytes("83 02")))).toBe("00 83 02 91 31");
  });

  it("are found behind noise, and whole however late their end comes", () => {
    const { framing } = asked();
    expect(framing.take(bytes("00 ff 01 03"))).toEqual([]);
    expect(framing.take(bytes("02 00 09 78"))).toEqual([]);
    expect(framing.take(bytes("42"))).toEqual([
      { kind: "stray", why: "2 bytes that answer nothing" },
      { kind: "answer", pdu: bytes("03 02 00 09") },
    ]);
  });

  it.each([
    ["a wrong checksum", "01 03 02 00 09 78 43"],
    ["another unit", hexText(rtuFrame(2, bytes("03 02 00 09")))],
    ["another function", hexText(rtuFrame(1, bytes("04 02 00 09")))],
    ["another length", hexText(rtuFrame(1, bytes("03 04 00 09 00 09")))],
  ])("of %s answer nothing, and the one behind it does", (_, other) => {
    const { framing } = asked();
    expect(framing.take(bytes(other))).toEqual([]);
    expect(framing.take(bytes(good)).at(-1)).toEqual({ kind: "answer", pdu: bytes("03 02 00 09") });
  });

  it("that nobody has asked for are dropped and counted", () => {
    const { framing } = asked();
    framing.forget();
    expect(framing.take(bytes(good))).toEqual([
      { kind: "stray", why: "7 bytes that answer nothing" },
    ]);
  });

  it("of noise without end hold no more than one frame may have", () => {
    const { framing } = asked();
    const noise = new Uint8Array(10_000).fill(0x55);
    expect(framing.take(noise)).toEqual([
      { kind: "stray", why: `${10_000 - 256} bytes that answer nothing` },
    ]);
  });

  it.each([
    [9_600, 11, 4.01],
    [19_200, 11, 2.01],
    [19_201, 11, 1.75],
    [115_200, 10, 1.75],
  ])("PR7.4-6: at %i baud and %i bits follow %f ms of silence", (baudRate, bits, ms) => {
    const { silenceMs } = createRtuFraming({ unitId: 1, characters: { baudRate, bits } });
    expect(silenceMs).toBeCloseTo(ms, 2);
  });

  it("take their time: 125 registers at 19,200 baud about 150 ms", () => {
    const { framing } = asked();
    expect(framing.airMs(read("holding", 0, 125))).toBeCloseTo(154.7, 1);
  });
});
