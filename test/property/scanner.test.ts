/**
 * Goal: the scanner codec gives the same frames however a stream is cut, finds a good frame after
 * any noise, and never buffers more than it promised.
 * Method: random codes and noise through every preset, in random pieces.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNoReadWord } from "../../protocols/barcode/no-read.ts";
import { groupSeparator, type ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { encodeScannerRead } from "../../protocols/scanner/encoder.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../protocols/scanner/frames.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import { scannerPresets } from "../../protocols/scanner/presets.ts";

/** The longest end has 4 bytes, and start, length and check together 9. */
const aroundMax = 9;
const presets = Object.entries(scannerPresets) as [string, ScannerFormat][];
const codeChars = [...Array.from("ABCXYZabcxyz0123456789 -"), groupSeparator];
const codeText = fc.string({ unit: fc.constantFrom(...codeChars), minLength: 1, maxLength: 30 });
const aim = fc.constantFrom(null, "]C1", "]d2", "]Q3");
const code: fc.Arbitrary<ScannedCode> = fc.record({ text: codeText, aim });
const codesOf = (format: ScannerFormat) =>
  fc.array(code, { minLength: 1, maxLength: format.codeSeparator === null ? 1 : 16 });
const noiseBytes = fc.uint8Array({ maxLength: 200 });
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

const isCode = ({ text }: ScannedCode) => text.trim() !== "" && !isNoReadWord(text);
const isFrame = (frame: ScannerFrame) => frame.kind !== "discarded";
const discardedBytes = (frames: readonly ScannerFrame[]) =>
  frames.reduce((sum, frame) => sum + (frame.kind === "discarded" ? frame.totalBytes : 0), 0);

describe.each(presets)("preset %s", (_name, format) => {
  const isReadable = (codes: readonly ScannedCode[]) => {
    // What is taken for a no-read or an answer is no code to begin with.
    const frames = createScannerParser(format).push(encodeScannerRead(format, codes));
    return frames[0]?.kind !== "ack" && codes.every(isCode);
  };

  it("decode(encode(x)) = x", () => {
    fc.assert(
      fc.property(codesOf(format).filter(isReadable), (codes) => {
        const frames = createScannerParser(format).push(encodeScannerRead(format, codes));
        expect(frames.filter(isFrame)).toEqual([{ kind: "read", codes, proof: {} }]);
      }),
    );
  });

  it("PR1.3-4: any chunking gives the same frames and drops the same bytes", () => {
    fc.assert(
      fc.property(
        fc.array(codesOf(format), { maxLength: 5 }),
        noiseBytes,
        cuts,
        (reads, noise, sizes) => {
          const wire = Uint8Array.from(
            reads.flatMap((codes) => [...noise, ...encodeScannerRead(format, codes)]),
          );
          const whole = createScannerParser(format).push(wire);
          const parser = createScannerParser(format);
          const cut = [...pieces(wire, sizes)].flatMap((piece) => parser.push(piece));
          expect(cut.filter(isFrame)).toEqual(whole.filter(isFrame));
          expect(discardedBytes(cut)).toBe(discardedBytes(whole));
        },
      ),
    );
  });

  it("noise and a silence, then a good frame: the frame is read", () => {
    fc.assert(
      fc.property(noiseBytes, codesOf(format).filter(isReadable), (noise, codes) => {
        const parser = createScannerParser(format);
        parser.push(noise);
        parser.timeOut();
        const frames = parser.push(encodeScannerRead(format, codes));
        expect(frames.filter(isFrame)).toEqual([{ kind: "read", codes, proof: {} }]);
      }),
    );
  });

  it("the buffer is bounded whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 10 }), (chunks) => {
        const parser = createScannerParser(format);
        for (const chunk of chunks) {
          parser.push(chunk);
          expect(parser.bufferedBytes()).toBeLessThanOrEqual(format.maxLengthBytes + aroundMax);
        }
      }),
    );
  });
});
