/**
 * Goal: the codecs of the scales that are asked give the same frames however a stream is cut, find a
 * good frame after any noise, and make no weight of bytes that are none.
 * Method: random answers and noise in random pieces, for both dialects alike.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMtSicsParser, encodeMtSics } from "../../protocols/scale/mt-sics.ts";
import {
  createToledo8213Parser,
  encodeToledo8213,
  type Toledo8213Format,
} from "../../protocols/scale/toledo-8213.ts";

interface Frame {
  readonly kind: string;
  readonly bytes?: Uint8Array;
}
interface Parser {
  push(chunk: Uint8Array): Frame[];
  timeOut(): Frame[];
}
/** A codec, and answers with what they must be read as. */
interface Codec {
  readonly name: string;
  readonly create: () => Parser;
  readonly answer: fc.Arbitrary<{ readonly wire: Uint8Array; readonly frame: object }>;
  /** Drawn from what frames are made of, so that it often looks like one. */
  readonly noise: fc.Arbitrary<Uint8Array>;
}

const format: Toledo8213Format = { unit: "kg", digits: 5, decimals: 3 };
const from = (alphabet: string) =>
  fc
    .array(fc.constantFrom(...Array.from(alphabet)), { maxLength: 100 })
    .map((chars) => Uint8Array.from(chars, (char) => char.charCodeAt(0)));

const toledo8213: Codec = {
  name: "Toledo 8213",
  create: () => createToledo8213Parser(format),
  answer: fc.oneof(
    fc.integer({ min: 0, max: 99_999 }).map((shown) => ({
      wire: encodeToledo8213({ kind: "weight", shown }, format),
      frame: { kind: "weight", grams: shown },
    })),
    fc
      .record({ isInMotion: fc.boolean(), isOutOfRange: fc.boolean(), isUnderZero: fc.boolean() })
      .map((status) => ({
        wire: encodeToledo8213({ kind: "refusal", ...status }, format),
        frame: { kind: "refusal", ...status },
      })),
  ),
  noise: from("\x02\x02\r\r01.?A-g \xff\n"),
};

const mtSics: Codec = {
  name: "MT-SICS",
  create: createMtSicsParser,
  answer: fc.oneof(
    fc
      .record({ grams: fc.integer({ min: 0, max: 99_999_999 }), isInMotion: fc.boolean() })
      .map((shown) => ({
        wire: encodeMtSics({ kind: "weight", ...shown }),
        frame: { kind: "weight", isNegative: false, ...shown },
      })),
    fc
      .constantFrom("notExecutable" as const, "overload" as const, "underload" as const)
      .map((why) => ({
        wire: encodeMtSics({ kind: "refusal", why }),
        frame: { kind: "refusal", why },
      })),
    fc.constantFrom("ES" as const, "ET" as const, "EL" as const).map((code) => ({
      wire: encodeMtSics({ kind: "error", code }),
      frame: { kind: "error", code },
    })),
  ),
  noise: from("SSDIE+-  012.\r\n\x02\xff"),
};

const isGood = ({ kind }: Frame) => kind !== "discarded";
const isWeight = ({ kind }: Frame) => kind === "weight";
const pushIn = (parser: Parser, wire: Uint8Array, sizes: readonly number[]): Frame[] => {
  const frames: Frame[] = [];
  for (let at = 0, turn = 0; at < wire.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    frames.push(...parser.push(wire.subarray(at, at + size)));
    at += size;
  }
  return frames;
};
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });

describe.each([toledo8213, mtSics])("$name", ({ create, answer, noise }) => {
  it("decode(encode(x)) = x", () => {
    fc.assert(
      fc.property(answer, ({ wire, frame }) => {
        expect(create().push(wire)).toEqual([frame]);
      }),
    );
  });

  it("any cut of the stream gives the same frames and drops the same bytes", () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 6 }), noise, sizes, (answers, noise, sizes) => {
        const wire = Uint8Array.from(answers.flatMap(({ wire }) => [...noise, ...wire]));
        const whole = create().push(wire);
        const cut = pushIn(create(), wire, sizes);
        const dropped = (frames: Frame[]) => frames.flatMap(({ bytes }) => [...(bytes ?? [])]);
        expect(cut.filter(isGood)).toEqual(whole.filter(isGood));
        expect(dropped(cut)).toEqual(dropped(whole));
      }),
    );
  });

  it("the next good frame after noise and a silence is read", () => {
    fc.assert(
      fc.property(answer, fc.uint8Array({ maxLength: 200 }), ({ wire, frame }, noise) => {
        const parser = create();
        parser.push(noise);
        parser.timeOut();
        expect(parser.push(wire)).toEqual([frame]);
      }),
    );
  });

  it("without a silence noise costs at most the frame that it runs into", () => {
    fc.assert(
      fc.property(answer, fc.uint8Array({ maxLength: 200 }), ({ wire, frame }, noise) => {
        const parser = create();
        parser.push(noise);
        parser.push(wire);
        expect(parser.push(wire)).toEqual([frame]);
      }),
    );
  });

  it("random bytes never throw, and never make a weight", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), sizes, (bytes, sizes) => {
        const parser = create();
        const frames = [...pushIn(parser, bytes, sizes), ...parser.timeOut()];
        expect(frames.filter(isWeight)).toEqual([]);
      }),
    );
  });
});

it("Toledo 8213: a weight that lost a byte is none, or the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99_999 }), fc.nat({ max: 7 }), (shown, at) => {
      const wire = encodeToledo8213({ kind: "weight", shown }, format);
      const frames = createToledo8213Parser(format).push(wire.filter((_, index) => index !== at));
      const weights = frames.filter(isWeight);
      expect([[], [{ kind: "weight", grams: shown }]]).toContainEqual(weights);
    }),
  );
});
