/**
 * Goal: OSIP is read as its maker writes it, and what is none is told and skipped.
 * Method: the telegrams of the maker's own tests, random ones in random pieces, and each way of
 * breaking one.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createOsipParser,
  encodeOsip,
  type OsipFormat,
  type OsipFrame,
  type OsipTelegram,
} from "../../protocols/sorter/osip.ts";
import {
  osipBelt,
  osipCount,
  osipOrderCounts,
  osipWords,
  readOsipBelt,
  readOsipCode,
  readOsipCount,
  readOsipOrderCounts,
  readOsipWords,
} from "../../protocols/sorter/osip-sorter.ts";

const whole: OsipFormat = { length: 160, lengthCounts: "whole" };
const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const filled = (text: string) => text.padEnd(160, "*");

const request = filled(
  "###00160SPS03MFC__00001REQ_000000000S0000004711FGINIPNT000100000000????????????????????0000009020131123225959",
);
const response = filled(
  "###00160MFC__SPS0300002RES_000000000S0000004711FGINIPNT000100000000FGINCONV000100000000********************0000009020190527184424",
);

describe("the maker's telegrams", () => {
  it("PR7.1-1: REQ_ asks where to", () => {
    expect(createOsipParser(whole).push(ascii(request))).toEqual([
      {
        kind: "telegram",
        telegram: {
          sender: "SPS03",
          receiver: "MFC__",
          number: 1,
          type: "REQ_",
          fields: {
            barcode: "000000000S0000004711",
            actual: "FGINIPNT000100000000",
            target: "",
            error: "00000090",
            date: "20131123225959",
          },
        },
      },
    ]);
  });

  it("PR7.1-2, PR7.1-3: RES_ answers, under the next number, and is written as it was read", () => {
    const [frame] = createOsipParser(whole).push(ascii(response));
    if (frame?.kind !== "telegram") throw new Error("no telegram");
    expect(frame.telegram).toMatchObject({ type: "RES_", number: 2, fields: { group: "" } });
    expect(String.fromCharCode(...encodeOsip(frame.telegram, whole))).toBe(response);
  });

  it("PR7.1-6: the length may leave out ###, names and number", () => {
    const body: OsipFormat = { ...whole, lengthCounts: "body" };
    const other = response.replace("00160", "00142");
    expect(createOsipParser(body).push(ascii(other))).toMatchObject([{ kind: "telegram" }]);
    expect(createOsipParser(whole).push(ascii(other))[0]).toMatchObject({ why: "length" });
    expect(createOsipParser(body).push(ascii(response))[0]).toMatchObject({ why: "length" });
  });
});

const digits = (width: number) => fc.stringMatching(new RegExp(`^[0-9]{${width}}$`));
const place = fc.stringMatching(/^[A-Z0-9_]{20}$/);
const head = {
  sender: fc.constantFrom("SPS03", "MFC__"),
  receiver: fc.constantFrom("SPS03", "MFC__"),
  number: fc.integer({ min: 0, max: 99_999 }),
};
const telegrams: fc.Arbitrary<OsipTelegram> = fc.oneof(
  fc.record({
    ...head,
    type: fc.constant("RES_" as const),
    fields: fc.record({
      barcode: digits(20),
      actual: place,
      target: fc.oneof(place, fc.constant("")),
      group: digits(20),
      error: digits(8),
      date: digits(14),
    }),
  }),
  fc.record({
    ...head,
    type: fc.constant("UPD_" as const),
    fields: fc.record({ barcode: digits(20), actual: place, error: digits(8), date: digits(14) }),
  }),
  fc.record({
    ...head,
    type: fc.constant("LOCU" as const),
    fields: fc.record({ group: place, actual: place, error: digits(8), date: digits(14) }),
  }),
  fc.record({
    ...head,
    type: fc.constant("SYSU" as const),
    fields: fc.record({ group: digits(20), error: digits(8), date: digits(14) }),
  }),
);
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...Array.from("###0016*SYU ")), maxLength: 60 }).map(ascii),
);
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
const told = (frames: readonly OsipFrame[]) =>
  frames.flatMap((frame) => (frame.kind === "telegram" ? [frame.telegram] : []));

describe("any telegram", () => {
  it("PR7.1-4: decode(encode(x)) = x, and any cut of the stream gives the same frames", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, telegrams), { maxLength: 4 }), sizes, (pieces, cuts) => {
        const wire = Uint8Array.from(
          pieces.flatMap(([before, telegram]) => [...before, ...encodeOsip(telegram, whole)]),
        );
        const parser = createOsipParser(whole);
        const frames: OsipFrame[] = [];
        for (let at = 0, turn = 0; at < wire.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          frames.push(...parser.push(wire.subarray(at, at + size)));
          at += size;
        }
        expect(frames).toEqual(createOsipParser(whole).push(wire));
      }),
    );
    fc.assert(
      fc.property(fc.array(telegrams, { maxLength: 4 }), (all) => {
        const wire = Uint8Array.from(all.flatMap((each) => [...encodeOsip(each, whole)]));
        expect(told(createOsipParser(whole).push(wire))).toEqual(all);
      }),
    );
  });

  it("the next good one after any noise and a silence is read", () => {
    fc.assert(
      fc.property(noise, telegrams, (before, telegram) => {
        const parser = createOsipParser(whole);
        parser.push(before);
        parser.timeOut();
        expect(told(parser.push(encodeOsip(telegram, whole)))).toEqual([telegram]);
      }),
    );
  });

  it("random bytes make none, and are kept no longer than one could be", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const parser = createOsipParser(whole);
        const frames = [...parser.push(bytes), ...parser.timeOut()];
        expect(told(frames)).toEqual([]);
        for (const frame of frames) {
          if (frame.kind === "discarded") expect(frame.bytes.length).toBeLessThan(whole.length);
        }
      }),
    );
  });
});

describe("what is no telegram", () => {
  it.each<[string, string, string]>([
    [
      "a number that is none",
      request.replace("00001REQ_", "0000aREQ_"),
      "its header cannot be read",
    ],
    [
      "a date that is none",
      request.replace("20131123225959", "2013-11-23T225"),
      "REQ_: its date is 2013-11-23T225",
    ],
    ["more than its type has", request.replace(/\*$/, "x"), "REQ_ is longer than it is"],
  ])("%s", (_, text, why) => {
    expect(createOsipParser(whole).push(ascii(text + response))).toMatchObject([
      { kind: "unknown", why },
      { kind: "telegram" },
    ]);
  });

  it("a type that does not exist, with who has sent it", () => {
    expect(createOsipParser(whole).push(ascii(request.replace("REQ_", "MOVE")))).toEqual([
      { kind: "unknownType", sender: "SPS03", receiver: "MFC__", type: "MOVE" },
    ]);
  });

  it("a start before the start is found to be none", () => {
    const frames = createOsipParser(whole).push(ascii(`##${request}`));
    expect(told(frames)).toHaveLength(1);
  });
});

describe("what stands in the fields", () => {
  it("counts, with and without zeros before them", () => {
    for (const count of [0, 7, -7, 128_004, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(osipCount(count)).toHaveLength(20);
      expect(readOsipCount(osipCount(count))).toBe(count);
    }
    expect(readOsipCount("128004")).toBe(128_004);
    for (const text of ["", "1.5", "99999999999999999999", "12A", "-"]) {
      expect(readOsipCount(text), text).toBeNull();
    }
  });

  it("the belt's count and speed", () => {
    expect(osipBelt(40_250, 1_000.4)).toBe("00000000004025001000");
    expect(osipBelt(-40_250, 0)).toHaveLength(20);
    for (const count of [0, 40_250, -40_250, 99_999_999_999]) {
      expect(readOsipBelt(osipBelt(count, 730))).toEqual({ count, speedMmPerS: 730 });
    }
    expect([readOsipBelt(""), readOsipBelt("00000000004025010001")]).toEqual([null, null]);
  });

  it("an order's counts, as far as there is room for them", () => {
    expect(osipOrderCounts(128_910, 128_890)).toBe("00001289100000128890");
    expect(readOsipOrderCounts("00001289100000128890")).toEqual({
      fireAt: 128_910,
      notAfter: 128_890,
    });
    expect(osipOrderCounts(-1, 0)).toBeNull();
    expect(osipOrderCounts(10_000_000_000, 0)).toBeNull();
    expect(readOsipOrderCounts("")).toBeNull();
  });

  it("codes, and a boot number beside a word", () => {
    expect(osipWords(17, 730)).toBe("00170730");
    expect(readOsipWords("00170730")).toEqual({ boot: 17, word: 730 });
    expect(readOsipCode("00000026")).toBe(26);
    expect([readOsipCode("26"), readOsipWords("")]).toEqual([null, null]);
  });
});
