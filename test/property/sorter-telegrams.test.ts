/**
 * Goal: telegrams of a sorter come out as they went in, the same however the stream is cut, and
 * nothing that was damaged, cut or made up ever becomes one.
 * Method: random events and commands in random pieces, with noise between them and with a byte
 * changed, and streams that never end what they begin.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc16 } from "../../protocols/crc16.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import {
  createTelegramParser,
  strayBytesMax,
  telegramCharsMax,
  type TelegramFrame,
} from "../../protocols/sorter/telegram-frames.ts";
import {
  commandOfTelegram,
  encodeCommandTelegram,
  encodeEventTelegram,
  encodeLinkTelegram,
  eventOfTelegram,
  readTelegram,
} from "../../protocols/sorter/telegrams.ts";
import { sorterCommands, sorterEvents } from "../kit/sorter-messages.ts";

const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/);
const place = fc
  .tuple(word, fc.nat(), fc.nat(40))
  .map(([link, oldest, more]) => ({ link, oldest, number: oldest + more }));
const isNumbered = (
  command: SorterCommand,
): command is Exclude<SorterCommand, { readonly kind: "life" }> => command.kind !== "life";
const numberedCommands = sorterCommands.filter(isNumbered);

/** As a telegram tells it: a speed to a thousandth, and no number of a controller's own. */
function rounded(event: SorterEvent): SorterEvent {
  if (event.kind === "belt") {
    return { ...event, speedMmPerS: Math.round(event.speedMmPerS * 1_000) / 1_000 };
  }
  if (event.kind !== "eye") return event;
  const { track: _, ...told } = event;
  return told;
}

const wires = fc.oneof(
  sorterEvents.map((event) => encodeEventTelegram(event, event.seq)),
  fc.tuple(numberedCommands, place).map(([command, at]) => encodeCommandTelegram(command, at)),
  fc
    .record({
      kind: fc.constantFrom("have" as const, "repeat" as const),
      stream: word,
      number: fc.nat(),
    })
    .map(encodeLinkTelegram),
  fc
    .record({ kind: fc.constant("life" as const), link: word, epoch: word })
    .map(encodeLinkTelegram),
);
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .string({ unit: fc.constantFrom(...Array.from("$*,E019 \r\n")), maxLength: 80 })
    .map((text) => Uint8Array.from(text, (char) => char.charCodeAt(0))),
);
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

const textsIn = (frames: readonly TelegramFrame[]) =>
  frames.flatMap((frame) => (frame.kind === "telegram" ? [frame.text] : []));
const whole = (wire: Uint8Array) => createTelegramParser().push(wire);
const textOf = (wire: Uint8Array) => String.fromCharCode(...wire).replace(/^\$|\*.{4}\r\n$/g, "");
const joined = (pieces: readonly Uint8Array[]) =>
  Uint8Array.from(pieces.flatMap((each) => [...each]));

describe("the checksum", () => {
  it("is the one that controllers have as a block", () => {
    expect(crc16(new TextEncoder().encode("123456789"))).toBe(0x4b37);
    expect(crc16([0x01, 0x03, 0x00, 0x0a, 0x00, 0x01])).toBe(0x08a4);
    expect(crc16([0x00, 0x83, 0x02])).toBe(0x3191);
  });
});

describe("telegrams", () => {
  it("decode(encode(x)) = x for every event and command", () => {
    fc.assert(
      fc.property(sorterEvents, numberedCommands, place, (event, command, at) => {
        const [told] = textsIn(whole(encodeEventTelegram(event, event.seq))).map(readTelegram);
        if (told?.kind !== "event") throw new Error("no event");
        expect(told).toMatchObject({ epoch: event.epoch, number: event.seq, oldest: event.seq });
        expect(eventOfTelegram(told)).toEqual({ kind: "ok", value: rounded(event) });
        const [said] = textsIn(whole(encodeCommandTelegram(command, at))).map(readTelegram);
        if (said?.kind !== "command") throw new Error("no command");
        expect(said).toMatchObject(at);
        expect(commandOfTelegram(said)).toEqual(command);
      }),
    );
  });

  it("any cut of the stream gives the same frames and drops the same bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(wires, noise), { maxLength: 8 }), sizes, (pieces, cuts) => {
        const wire = joined(pieces);
        const parser = createTelegramParser();
        const frames: TelegramFrame[] = [];
        for (let at = 0, turn = 0; at < wire.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          frames.push(...parser.push(wire.subarray(at, at + size)));
          at += size;
        }
        expect(frames).toEqual(whole(wire));
      }),
    );
  });

  it("the next good one after any noise is read, without a silence between", () => {
    fc.assert(
      fc.property(noise, wires, (before, wire) => {
        expect(textsIn(whole(joined([before, wire]))).at(-1)).toBe(textOf(wire));
      }),
    );
  });

  it("a damaged byte makes none that was not sent, and costs its own telegram alone", () => {
    const changed = fc.tuple(
      fc.array(wires, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
    );
    fc.assert(
      fc.property(changed, ([pieces, at, by]) => {
        const wire = joined(pieces);
        const texts = pieces.map(textOf);
        const place = at % wire.length;
        const read = textsIn(
          whole(wire.map((byte, index) => (index === place ? byte ^ by : byte))),
        );
        let next = 0;
        for (const text of read) {
          next = texts.indexOf(text, next) + 1;
          expect(next, text).toBeGreaterThan(0);
        }
        expect(read.length).toBeGreaterThanOrEqual(texts.length - 1);
      }),
      { numRuns: 2_000 },
    );
  });

  it("random bytes make none, and whatever text there is makes an event or a named reason", () => {
    fc.assert(
      fc.property(noise, fc.string({ unit: "grapheme-ascii", maxLength: 80 }), (bytes, text) => {
        expect(textsIn(whole(bytes))).toEqual([]);
        for (const each of [text, `E,s,1,1,${text}`, `C,l,1,1,s,${text}`]) {
          const telegram = readTelegram(each);
          if (telegram.kind === "unreadable") expect(telegram.why).not.toBe("");
          if (telegram.kind === "command") commandOfTelegram(telegram);
          if (telegram.kind !== "event") continue;
          const decoded = eventOfTelegram(telegram);
          if (decoded.kind !== "ok") expect(decoded.why).not.toBe("");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("what never ends is told in bounded pieces, and kept no longer", () => {
    const piecesOf = (text: string) => {
      const parser = createTelegramParser();
      const frames = parser.push(new TextEncoder().encode(text));
      return {
        parser,
        lengths: frames.map((frame) => ("bytes" in frame ? frame.bytes.length : 0)),
      };
    };
    const stray = piecesOf("x".repeat(10_000));
    expect(Math.max(...stray.lengths)).toBe(strayBytesMax);
    const unended = piecesOf(`$${"x".repeat(10_000)}`);
    expect(unended.lengths).toEqual([telegramCharsMax + 6]);
    expect(unended.parser.isInsideFrame()).toBe(false);
    const starts = piecesOf("$E,".repeat(10_000));
    expect(Math.max(...starts.lengths)).toBe(2);
  });
});
