/**
 * Goal: SSI packets become codes, whatever lies between them, and each byte of them counts.
 * Method: literal packets from the makers' guides, random codes in random pieces, and packets with
 * one byte changed in each place.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createSsiParser,
  encodeSsiDecoded,
  ssiAck,
  ssiChecksum,
  ssiCode,
  ssiResend,
  type SsiDecoded,
  type SsiFrame,
} from "../../protocols/scanner/ssi.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startSsiScanner } from "../../simulators/devices/ssi-scanner.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";

const hex = (text: string) =>
  Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
const label = "RB123456785GB";
const packet = hex("12 F3 00 00 03 52 42 31 32 33 34 35 36 37 38 35 47 42 FC 02");
const decoded: SsiDecoded = {
  kind: "decoded",
  symbology: 3,
  data: label,
  isRetransmit: false,
  isContinued: false,
};

describe("packets", () => {
  it("PR1.2-1, PR1.2-2: of the host: ACK, and NAK to have it sent again", () => {
    expect(ssiAck).toEqual(hex("04 D0 04 00 FF 28"));
    expect(ssiResend).toEqual(hex("05 D1 04 00 01 FF 25"));
  });

  it("PR1.2-3: of the host: LED on has the same checksum", () => {
    expect(ssiChecksum([...hex("05 E7 04 00 01")])).toBe(0xff_0f);
  });

  it("PR1.2-7: nobody acknowledges, and the decoder has sent it three times in all", () => {
    const clock = createVirtualClock();
    const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 255 });
    const parser = createSsiParser();
    const heard: SsiFrame[] = [];
    wire.a.open({
      onOpen() {},
      onBytes: (chunk) => heard.push(...parser.push(chunk)),
      onClose() {},
    });
    const decoder = startSsiScanner({ link: wire.b, clock });
    clock.runFor(10);
    decoder.read(label);
    clock.runFor(60_000);
    expect(heard).toEqual(
      [false, true, true].map((isRetransmit) => ({ ...decoded, isRetransmit })),
    );
  });

  it("PR1.2-4, PR1.2-6: of the decoder: a code, and its status", () => {
    expect(createSsiParser().push(packet)).toEqual([decoded]);
    expect(encodeSsiDecoded(decoded)).toEqual(packet);
    const again = encodeSsiDecoded({ ...decoded, isRetransmit: true, isContinued: true });
    expect(createSsiParser().push(again)).toEqual([
      { ...decoded, isRetransmit: true, isContinued: true },
    ]);
  });

  it("of the decoder: an answer, and anything else", () => {
    expect(createSsiParser().push(hex("04 D0 00 00 FF 2C"))).toEqual([{ kind: "answer" }]);
    expect(createSsiParser().push(hex("05 F6 00 00 01 FF 04"))).toEqual([
      { kind: "other", opcode: 0xf6 },
    ]);
  });

  it.each([
    ["05 D1 00 00 01 FF 29", "NAK: send it again (1)"],
    ["05 D1 00 00 02 FF 28", "NAK: bad context (2)"],
    ["05 D1 00 00 06 FF 24", "NAK: denied (6)"],
    ["05 D1 00 00 0A FF 20", "NAK: unknown (10)"],
    ["04 D1 00 00 FF 2B", "NAK: unknown (0)"],
  ])("PR1.2-8: of the decoder: %s refuses a command, %s", (packet, why) => {
    expect(createSsiParser().push(hex(packet))).toEqual([{ kind: "refusal", why }]);
  });

  it("of a host is none of a decoder", () => {
    const frames = createSsiParser().push(ssiAck);
    expect(frames).toEqual([{ kind: "discarded", why: "outsideFrame", bytes: ssiAck.slice(0, 5) }]);
  });
});

describe("codes", () => {
  it.each([
    ["plain Code 128", 0x03, label, { text: label, aim: "]C0" }],
    ["GS1-128, with its GS", 0x0f, "00A\u001d4307US", { text: "00A\u001d4307US", aim: "]C1" }],
    ["an identifier in the data counts first", 0x03, `]C1${label}`, { text: label, aim: "]C1" }],
    ["a symbology without a name here", 0x72, label, { text: label, aim: null }],
    ["a suffix of CR LF is no data", 0x03, `${label}\r\n`, { text: label, aim: "]C0" }],
    ["nothing but controls is no code", 0x03, "\r\n", null],
    ["129 characters are no code", 0x03, "7".repeat(129), null],
  ])("%s", (_what, symbology, data, code) => {
    expect(ssiCode({ ...decoded, symbology, data })).toEqual(code);
  });
});

const code = fc.record({
  kind: fc.constant("decoded" as const),
  symbology: fc.integer({ min: 0, max: 255 }),
  data: fc.stringMatching(/^[\x20-\x7e]{1,60}$/),
  isRetransmit: fc.boolean(),
  isContinued: fc.boolean(),
});
const isDecoded = ({ kind }: SsiFrame) => kind === "decoded";

describe("streams", () => {
  it("decode(encode(x)) = x", () => {
    fc.assert(
      fc.property(code, (code) => {
        expect(createSsiParser().push(encodeSsiDecoded(code))).toEqual([code]);
      }),
    );
  });

  it("any cut of the stream gives the same frames and drops the same bytes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), code), { maxLength: 5 }),
        fc.integer({ min: 1, max: 30 }),
        (parts, size) => {
          const wire = Uint8Array.from(
            parts.flatMap(([noise, code]) => [...noise, ...encodeSsiDecoded(code)]),
          );
          const whole = createSsiParser();
          const wholeFrames = [...whole.push(wire), ...whole.timeOut()];
          const cut = createSsiParser();
          const cutFrames: SsiFrame[] = [];
          for (let at = 0; at < wire.length; at += size) {
            cutFrames.push(...cut.push(wire.subarray(at, at + size)));
          }
          cutFrames.push(...cut.timeOut());
          const dropped = (frames: SsiFrame[]) =>
            frames.flatMap((frame) => ("bytes" in frame ? [...frame.bytes] : []));
          expect(cutFrames.filter(isDecoded)).toEqual(wholeFrames.filter(isDecoded));
          expect(dropped(cutFrames)).toEqual(dropped(wholeFrames));
        },
      ),
    );
  });

  it("each good packet is found behind any noise, at the latest after a silence", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), code, (noise, code) => {
        const parser = createSsiParser();
        parser.push(noise);
        parser.timeOut();
        expect(parser.push(encodeSsiDecoded(code))).toEqual([code]);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), code, (noise, code) => {
        const parser = createSsiParser();
        const wire = Uint8Array.from([...noise, ...encodeSsiDecoded(code)]);
        const frames = [...parser.push(wire), ...parser.timeOut()];
        expect(frames.filter(isDecoded)).toEqual([code]);
      }),
    );
  });

  it("random bytes never throw, and never make a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const parser = createSsiParser();
        const frames = [...parser.push(bytes), ...parser.timeOut()];
        expect(frames.filter(isDecoded)).toEqual([]);
      }),
    );
  });

  it("a packet with one byte changed, or one lost, is no code", () => {
    fc.assert(
      fc.property(code, fc.nat(), fc.integer({ min: 1, max: 255 }), (code, at, by) => {
        const whole = encodeSsiDecoded(code);
        const changed = whole.map((byte, index) =>
          index === at % whole.length ? byte ^ by : byte,
        );
        const lost = whole.filter((_byte, index) => index !== at % whole.length);
        for (const wire of [changed, lost]) {
          const parser = createSsiParser();
          const frames = [...parser.push(wire), ...parser.timeOut()];
          expect(frames.filter(isDecoded)).toEqual([]);
        }
      }),
    );
  });

  it("a code that is damaged or cut is told as one, so that it can be asked for again", () => {
    const changed = packet.map((byte, index) => (index === 9 ? byte ^ 0x10 : byte));
    expect(createSsiParser().push(changed)).toMatchObject([
      { kind: "damaged", why: "checksum" },
      { kind: "discarded" },
    ]);
    const parser = createSsiParser();
    expect(parser.push(packet.subarray(0, 10))).toEqual([]);
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([
      { kind: "damaged", why: "timedOut" },
      { kind: "discarded" },
    ]);
    expect(parser.isInsideFrame()).toBe(false);
  });
});
