/**
 * Goal: telegrams come out of a stream as they went in, however it is cut; no noise and no damage ever
 * makes one, and what a parser holds meanwhile has a bound.
 * Method: random telegrams in random pieces, with random bytes between them and random bytes changed.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { beltCount } from "../../protocols/units.ts";
import {
  createTelegramParser,
  encodeTelegramFrame,
  telegramBodyBytesMax,
  telegramBytesMax,
  type TelegramWord,
} from "../../protocols/xray/telegram-frame.ts";
import {
  decodeXrayTelegram,
  encodeXrayTelegram,
  nakReasons,
  xrayDecisions,
  type XrayTelegram,
} from "../../protocols/xray/telegrams.ts";

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const positive = fc.integer({ min: 1, max: 0xffff_ffff });
const count = fc.maxSafeInteger().map(beltCount);
const word = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const side = fc.integer({ min: 1, max: 16_384 });
const place = fc.integer({ min: 0, max: 16_384 });
const box = fc.record({
  x: place,
  y: place,
  width: side,
  height: side,
  label: fc.string({ unit: "binary", maxLength: 12 }),
  confidence: fc.integer({ min: 0, max: 10_000 }).map((steps) => steps / 10_000),
});
const item = { itemSequence: positive, track: fc.option(positive) };
const measured = { ...item, entryCount: fc.option(count) };
const bodies = {
  start: { session: positive, greeting: u32 },
  lineLife: { session: u32, greeting: u32 },
  machineLife: {
    session: u32,
    lives: u32,
    state: fc.constantFrom("ready", "notReady", "fault"),
    beamOn: fc.boolean(),
  },
  entered: { ...measured, lengthMm: u16 },
  left: item,
  picture: {
    ...measured,
    lengthMm: fc.option(u16),
    widthPx: u16,
    heightPx: u16,
    planes: fc.constantFrom(1, 2),
    pixelsCrc: u32,
  },
  piece: { itemSequence: positive, from: u32, bytes: fc.uint8Array({ maxLength: 600 }) },
  verdict: {
    ...item,
    decision: fc.constantFrom(...xrayDecisions),
    pixelsHash: fc.stringMatching(/^[0-9a-f]{64}$/),
    algorithm: word,
    boxes: fc.array(box, { maxLength: 32 }),
  },
  announce: { track: positive, entryFromCount: count, entryToCount: count, lengthMm: u16 },
  ack: {},
  nak: { why: fc.constantFrom(...nakReasons) },
} satisfies Record<XrayTelegram["kind"], object>;

const telegram = fc.oneof(
  ...Object.entries(bodies).map(([kind, fields]) =>
    fc.record({ kind: fc.constant(kind), ...fields }),
  ),
) as fc.Arbitrary<XrayTelegram>;
const numbered = fc.tuple(telegram, u16);
const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

const isTelegram = (each: TelegramWord) => each.kind === "telegram";
const droppedBytes = (words: readonly TelegramWord[]) =>
  words.reduce((sum, each) => sum + (each.kind === "discarded" ? each.totalBytes : 0), 0);
const joined = (parts: readonly Uint8Array[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

it("decode(encode(x)) = x", () => {
  fc.assert(
    fc.property(numbered, ([sent, seq]) => {
      const [found, ...more] = createTelegramParser().push(encodeXrayTelegram(sent, seq));
      if (found?.kind !== "telegram") throw new Error("no telegram");
      expect(more).toEqual([]);
      expect(found.seq).toBe(seq);
      expect(decodeXrayTelegram(found)).toEqual({ kind: "ok", telegram: sent });
    }),
  );
});

it("any chunking gives the same telegrams and drops the same bytes, with noise between them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(numbered, fc.uint8Array({ maxLength: 40 })), { maxLength: 6 }),
      cuts,
      (sent, sizes) => {
        const wire = joined(
          sent.flatMap(([[each, seq], noise]) => [noise, encodeXrayTelegram(each, seq)]),
        );
        const whole = createTelegramParser();
        const atOnce = [...whole.push(wire), ...whole.timeOut()];
        const parser = createTelegramParser();
        const cut = [...pieces(wire, sizes)].flatMap((piece) => parser.push(piece));
        cut.push(...parser.timeOut());
        expect(cut.filter(isTelegram)).toEqual(atOnce.filter(isTelegram));
        expect(cut.filter(isTelegram)).toHaveLength(sent.length);
        expect(droppedBytes(cut)).toBe(droppedBytes(atOnce));
      },
    ),
  );
});

it("changed, lost and doubled bytes make no telegram that was not sent", () => {
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom("changed", "lost", "doubled"),
    to: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(
      fc.array(numbered, { minLength: 1, maxLength: 5 }),
      fc.array(change, { maxLength: 8 }),
      (sent, changes) => {
        const frames = sent.map(([each, seq]) => encodeXrayTelegram(each, seq));
        const wire = [...joined(frames)];
        for (const { at, how, to } of changes) {
          const index = at % Math.max(1, wire.length);
          if (how === "changed") wire[index] = to;
          else if (how === "lost") wire.splice(index, 1);
          else wire.splice(index, 0, wire[index] ?? to);
        }
        const parser = createTelegramParser();
        const found = [...parser.push(Uint8Array.from(wire)), ...parser.timeOut()];
        const known = new Set(frames.map((bytes) => Buffer.from(bytes).toString("hex")));
        for (const each of found) {
          if (each.kind !== "telegram") continue;
          const bytes = encodeTelegramFrame(each);
          expect(known.has(Buffer.from(bytes).toString("hex"))).toBe(true);
        }
      },
    ),
  );
});

it("random bytes are no telegram, and the next good one is found behind them and a silence", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), numbered, (noise, [sent, seq]) => {
      const parser = createTelegramParser();
      expect([...parser.push(noise), ...parser.timeOut()].filter(isTelegram)).toEqual([]);
      expect(parser.push(encodeXrayTelegram(sent, seq)).filter(isTelegram)).toHaveLength(1);
    }),
  );
});

it("a good telegram is found within one that lost its end, once enough has come", () => {
  const lost = encodeTelegramFrame({ type: 0x06, seq: 1, body: new Uint8Array(500) });
  const good = encodeXrayTelegram({ kind: "left", itemSequence: 7, track: 9 }, 2);
  const parser = createTelegramParser();
  expect(parser.push(joined([lost.subarray(0, 100), good])).filter(isTelegram)).toEqual([]);
  expect(parser.timeOut().filter(isTelegram)).toHaveLength(1);
  const withoutSilence = createTelegramParser();
  const found = withoutSilence.push(
    joined([lost.subarray(0, 100), good, good.subarray(0, 20), lost]),
  );
  expect(found.filter(isTelegram).map((each) => each.kind === "telegram" && each.seq)).toEqual([
    2, 1,
  ]);
});

it("a length that is damaged, or too large, makes nobody wait for what follows", () => {
  const good = encodeXrayTelegram({ kind: "left", itemSequence: 7, track: 9 }, 2);
  const damaged = good.slice();
  damaged[7] = 0x1f;
  const tooLong = encodeTelegramFrame({
    type: 0x06,
    seq: 1,
    body: new Uint8Array(telegramBodyBytesMax + 1),
  });
  for (const before of [damaged, tooLong.subarray(0, 40), tooLong]) {
    expect(
      createTelegramParser()
        .push(joined([before, good]))
        .filter(isTelegram),
    ).toHaveLength(1);
  }
});

it("random bodies under any type are taken or refused by name, never thrown", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 120 }),
      (type, body) => {
        const decoded = decodeXrayTelegram({ type, body });
        if (decoded.kind === "invalid") expect(decoded.why).not.toBe("");
      },
    ),
  );
});

it("no more is held than one telegram, whatever comes", () => {
  const starts = fc.constantFrom(
    encodeTelegramFrame({ type: 6, seq: 1, body: new Uint8Array(telegramBodyBytesMax) }),
    Uint8Array.of(0xa5),
    Uint8Array.of(0xa5, 0x5a, 0x01),
  );
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 3_000 }),
    fc
      .tuple(starts, fc.integer({ min: 1, max: telegramBytesMax }))
      .map(([bytes, cut]) => bytes.subarray(0, cut)),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
      const parser = createTelegramParser();
      for (const each of chunks) {
        parser.push(each);
        expect(parser.bufferedBytes()).toBeLessThan(telegramBytesMax);
      }
    }),
  );
});
