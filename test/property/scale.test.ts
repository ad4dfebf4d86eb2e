/**
 * Goal: the Toledo codec gives the same readings however a stream is cut, and finds a good frame
 * after any noise.
 * Method: random weights and noise in random pieces, with and without checksum and tare.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  createToledoParser,
  encodeToledo,
  type ToledoFormat,
  type ToledoFrame,
} from "../../protocols/scale/toledo.ts";

const format: fc.Arbitrary<ToledoFormat> = fc.record({
  hasTare: fc.boolean(),
  hasChecksum: fc.boolean(),
  unit: fc.constant("status" as const),
});
const output = fc.record({
  grams: fc.integer({ min: 0, max: 999_999 }),
  isInMotion: fc.boolean(),
  isOutOfRange: fc.boolean(),
});
const isReading = (frame: ToledoFrame) => frame.kind === "reading";

it("decode(encode(x)) = x", () => {
  fc.assert(
    fc.property(format, output, (format, shown) => {
      const frames = createToledoParser(format).push(encodeToledo(shown, format));
      expect(frames).toEqual([{ kind: "reading", isNet: false, isNegative: false, ...shown }]);
    }),
  );
});

it("any chunking gives the same readings and drops the same bytes", () => {
  fc.assert(
    fc.property(
      format,
      fc.array(output, { maxLength: 6 }),
      fc.uint8Array({ maxLength: 60 }),
      fc.integer({ min: 1, max: 30 }),
      (format, shown, noise, size) => {
        const wire = Uint8Array.from(
          shown.flatMap((each) => [...noise, ...encodeToledo(each, format)]),
        );
        const whole = createToledoParser(format).push(wire);
        const parser = createToledoParser(format);
        const cut: ToledoFrame[] = [];
        for (let from = 0; from < wire.length; from += size) {
          cut.push(...parser.push(wire.subarray(from, from + size)));
        }
        const dropped = (frames: ToledoFrame[]) =>
          frames.flatMap((frame) => (frame.kind === "discarded" ? [...frame.bytes] : []));
        expect(cut.filter(isReading)).toEqual(whole.filter(isReading));
        expect(dropped(cut)).toEqual(dropped(whole));
      },
    ),
  );
});

it("noise and a silence, then a good frame: the frame is read", () => {
  fc.assert(
    fc.property(format, output, fc.uint8Array({ maxLength: 100 }), (format, shown, noise) => {
      const parser = createToledoParser(format);
      parser.push(noise);
      parser.timeOut();
      const frames = parser.push(encodeToledo(shown, format));
      expect(frames.filter(isReading)).toMatchObject([shown]);
    }),
  );
});

it("with a checksum, noise without a silence loses no frame but the one it runs into", () => {
  fc.assert(
    fc.property(output, output, fc.uint8Array({ maxLength: 100 }), (first, second, noise) => {
      const format = { hasTare: true, hasChecksum: true, unit: "status" } as const;
      const parser = createToledoParser(format);
      const frames = [
        ...parser.push(noise),
        ...parser.push(encodeToledo(first, format)),
        ...parser.push(encodeToledo(second, format)),
        ...parser.push(encodeToledo(second, format)),
      ].filter(isReading);
      expect(frames.at(-1)).toMatchObject(second);
    }),
  );
});
