/**
 * Goal: the codecs of the scales that are asked, or that measure as well, give the same frames however a
 * stream is cut, find a good frame after any noise, and make no weight of bytes that are none.
 * Method: random answers and noise in random pieces, for all these dialects alike.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createCubiscanParser,
  encodeCubiscan,
  type CubiscanFlaw,
} from "../../protocols/scale/cubiscan.ts";
import { millimetresOf } from "../../protocols/scale/length-unit.ts";
import { createMtSicsParser, encodeMtSics } from "../../protocols/scale/mt-sics.ts";
import { createSickMdaParser, encodeSickMda } from "../../protocols/scale/sick-mda.ts";
import {
  createToledo8213Parser,
  encodeToledo8213,
  type Toledo8213Format,
} from "../../protocols/scale/toledo-8213.ts";
import { gramsOf } from "../../protocols/scale/weight-unit.ts";

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

const flaw = fc.constantFrom<CubiscanFlaw>("under", "unstable", "over");
const worst = ["unstable", "over", "under"] as const;

const cubiscan: Codec = {
  name: "CubiScan",
  create: createCubiscanParser,
  answer: fc.oneof(
    fc
      .record({
        lengthUnit: fc.constantFrom("cm" as const, "in" as const),
        edges: fc.tuple(edgeOrFlaw(), edgeOrFlaw(), edgeOrFlaw()),
        weightUnit: fc.constantFrom("kg" as const, "lb" as const),
        weight: fc.oneof(fc.integer({ min: 0, max: 99_999 }), flaw),
        dimWeight: fc.oneof(fc.integer({ min: 0, max: 99_999 }), flaw),
        factor: fc.integer({ min: 0, max: 9_999 }),
        shipping: fc.constantFrom("domestic" as const, "international" as const),
      })
      .map(({ edges: [length, width, height], ...rest }) => {
        const { lengthUnit, weightUnit, weight, dimWeight, factor, shipping } = rest;
        const mm = [length, width, height].map((edge) =>
          typeof edge === "number" ? millimetresOf(edge, -1, lengthUnit) : edge,
        );
        const [lengthMm, widthMm, heightMm] = mm;
        const isMeasured = mm.every(
          (edge) => typeof edge === "number" && edge > 0 && edge <= 10_000,
        );
        const grams = (shown: number | CubiscanFlaw) =>
          typeof shown === "number" ? gramsOf(shown, -2, weightUnit) : shown;
        return {
          wire: encodeCubiscan({ kind: "measurement", length, width, height, ...rest }),
          frame: {
            kind: "measurement",
            dimensionsMm: isMeasured
              ? { length: lengthMm, width: widthMm, height: heightMm }
              : null,
            edgeFlaw: worst.find((each) => mm.includes(each)) ?? null,
            grams: grams(weight),
            dimensional: { grams: grams(dimWeight), factor, shipping },
          },
        };
      }),
    fc
      .constantFrom("cornerSensor" as const, "notMeasured" as const, "notZeroed" as const)
      .map((why) => ({
        wire: encodeCubiscan({ kind: "refusal", why }),
        frame: { kind: "refusal", why },
      })),
    fc.constant({
      wire: encodeCubiscan({ kind: "unknownCommand" }),
      frame: { kind: "unknownCommand" },
    }),
  ),
  noise: from("\x02\x02\x03\x03\r\nMANCH,LWHEKDFI0.5_-~?"),
};

function edgeOrFlaw() {
  return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 9_999 }) }, flaw);
}

const edgeMm = fc.integer({ min: 1, max: 9_999 });

const sickMda: Codec = {
  name: "SICK Master Data Analyzer",
  create: () => createSickMdaParser("HB"),
  answer: fc
    .record({
      objectNumber: fc.integer({ min: 0, max: 9_999 }),
      code: fc.option(fc.stringMatching(/^[ -~]{1,60}$/)),
      grams: fc.option(fc.integer({ min: 1, max: 999_999_999 })),
      isScaleConnected: fc.boolean(),
      dimensionsMm: fc.option(fc.record({ length: edgeMm, width: edgeMm, height: edgeMm })),
      status: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })),
    })
    .map((said) => ({
      wire: encodeSickMda(said),
      frame: {
        kind: "measurement",
        ...said,
        code: /^no ?read$/i.test(said.code ?? "") ? null : said.code,
        grams: said.isScaleConnected ? said.grams : null,
        dimensionsMm: said.status === 0 ? said.dimensionsMm : null,
      },
    })),
  noise: from("\x02\x02\x03\x030123;;gm01NoRead\r\n\xff"),
};

const isGood = ({ kind }: Frame) => kind !== "discarded";
const isWeight = ({ kind }: Frame) => kind === "weight" || kind === "measurement";
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

describe.each([toledo8213, mtSics, cubiscan, sickMda])("$name", ({ create, answer, noise }) => {
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

it("CubiScan: a measurement that lost a byte is none, or the same", () => {
  fc.assert(
    fc.property(cubiscan.answer, fc.nat({ max: 61 }), ({ wire, frame }, at) => {
      const frames = createCubiscanParser().push(wire.filter((_, index) => index !== at));
      expect([[], [frame]]).toContainEqual(frames.filter(isWeight));
    }),
  );
});
