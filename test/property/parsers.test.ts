/**
 * Goal: whatever bytes a wire brings, no parser throws, holds more than it may, misses the next good
 * message behind a silence, or is slower than twenty serial lines; and one that does is found.
 * Method: the bytes of `npm run fuzz` and the streams of the bench, few of them; then parsers with a
 * fault planted.
 */
import { describe, expect, it, test } from "vitest";
import { measureParser, parserFault } from "../bench/parser-shape/run.ts";
import { fuzzParser } from "../fuzz/fuzz-parser.ts";
import { triedParsers, type OpenParser, type TriedParser } from "../kit/parsers.ts";

const few = { bytes: 100_000, seed: 1 };

describe.each(triedParsers)("$name", (parser) => {
  it("reads its machine's message, however it is cut", () => {
    for (let cut = 0; cut <= parser.message.length; cut += 1) {
      const open = parser.open();
      const read =
        open.push(parser.message.subarray(0, cut)) + open.push(parser.message.subarray(cut));
      expect(read, `cut at ${cut}`).toBe(1);
      expect(open.heldBytes()).toBe(0);
    }
  });

  it("survives random and spoiled bytes", () => {
    expect(fuzzParser(parser, few)).toMatchObject({ bytesTotal: few.bytes, fault: null });
  });

  it("takes at least twenty times what a serial line brings, and holds no more than it may", () => {
    expect(parserFault(measureParser(parser, { measureMs: 40, seed: 1 }))).toBeNull();
  });
});

describe("a fault is found", () => {
  const [sick] = triedParsers as [TriedParser];
  const spoilt = (change: (open: OpenParser) => Partial<OpenParser>): TriedParser => ({
    ...sick,
    open() {
      const open = sick.open();
      return { ...open, ...change(open) };
    },
  });

  test("one that throws", () => {
    const parser = spoilt((open) => {
      let pushes = 0;
      return {
        push(chunk) {
          pushes += 1;
          if (pushes === 20) throw new Error("planted");
          return open.push(chunk);
        },
      };
    });
    expect(fuzzParser(parser, few).fault).toMatch(/^throws Error: planted, after \d+ bytes$/);
  });

  test("one that keeps what comes", () => {
    const parser = spoilt((open) => {
      let held = 0;
      return {
        push(chunk) {
          held += chunk.length;
          return open.push(chunk);
        },
        heldBytes: () => held,
      };
    });
    expect(fuzzParser(parser, few).fault).toMatch(/^holds \d+ bytes, and \d+ at most/);
    expect(parserFault(measureParser(parser, { measureMs: 5, seed: 1 }))?.en).toMatch(/ at most$/);
  });

  test("one that a silence does not free", () => {
    const parser = spoilt((open) => ({
      silence() {},
      heldBytes: () => Math.min(open.heldBytes(), 1),
    }));
    expect(fuzzParser(parser, few).fault).toMatch(/behind a silence/);
  });

  test("one that is slow", () => {
    const run = { name: "a", isOnSerial: true, heldBytes: 0, heldBytesMax: 1 };
    const slow = { ...run, messagesBytesPerS: 1e7, noiseBytesPerS: 230_399 };
    expect(parserFault(slow)?.en).toBe("a takes 230399 bytes/s, less than 20 times a serial line");
    expect(parserFault({ ...slow, noiseBytesPerS: 230_400 })).toBeNull();
    expect(parserFault({ ...slow, isOnSerial: false })).toBeNull();
  });

  test("the same seed gives the same bytes", () => {
    const [one, other] = [1, 1].map((seed) => fuzzParser(sick, { bytes: 50_000, seed }));
    expect(one).toEqual(other);
    expect(fuzzParser(sick, { bytes: 50_000, seed: 2 })).not.toEqual(one);
  });
});
