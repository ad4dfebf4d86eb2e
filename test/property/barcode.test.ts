/**
 * Goal: check digits catch what scanners get wrong, and no text whatever breaks the readers.
 * Method: random serials, digits changed and swapped, random texts.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gs1CheckDigit, parseGs1 } from "../../protocols/barcode/gs1.ts";
import { checkS10, s10CheckDigit } from "../../protocols/barcode/s10.ts";
import { defaultCarriers, waybillOf } from "../../protocols/barcode/waybill.ts";

const serial = fc.stringMatching(/^\d{8}$/);
const s10Of = (digits: string) => `CP${digits}${s10CheckDigit(digits)}CN`;

describe("S10", () => {
  it("every serial with its check digit is valid", () => {
    fc.assert(
      fc.property(serial, (digits) => {
        expect(checkS10(s10Of(digits)).kind).toBe("valid");
      }),
    );
  });

  it("one wrong digit in the serial never passes, but where 0 and 5 stand for two values", () => {
    fc.assert(
      fc.property(
        serial,
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        (digits, at, by) => {
          const wrong = String((Number(digits[at]) + by) % 10);
          const changed = digits.slice(0, at) + wrong + digits.slice(at + 1);
          const kept = `CP${changed}${s10CheckDigit(digits)}CN`;
          fc.pre(![0, 5].includes(s10CheckDigit(digits)));
          expect(checkS10(kept)).toEqual({ kind: "invalid", why: "checkDigit" });
        },
      ),
    );
  });
});

describe("GS1", () => {
  const sscc = fc.stringMatching(/^\d{17}$/).map((digits) => digits + gs1CheckDigit(digits));

  it("one wrong digit of an SSCC never passes", () => {
    fc.assert(
      fc.property(
        sscc,
        fc.integer({ min: 0, max: 17 }),
        fc.integer({ min: 1, max: 9 }),
        (text, at, by) => {
          const wrong = String((Number(text[at]) + by) % 10);
          const changed = text.slice(0, at) + wrong + text.slice(at + 1);
          expect(parseGs1(`00${text}`).kind).toBe("valid");
          expect(parseGs1(`00${changed}`)).toMatchObject({ why: "checkDigit" });
        },
      ),
    );
  });

  it("any text gives an answer, and a valid one accounts for every character", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 128 }), (text) => {
        const parsed = parseGs1(text);
        if (parsed.kind === "invalid") return;
        const accounted = parsed.elements.map(({ ai, value }) => ai + value).join("");
        expect(text.replaceAll("\u001d", "")).toBe(accounted);
      }),
    );
  });
});

it("law 2: a waybill is always one of the codes of the read, or the SSCC in it", () => {
  const rules = { carriers: defaultCarriers };
  const code = fc.record({
    text: fc.oneof(fc.string({ minLength: 1, maxLength: 40 }), serial.map(s10Of)),
    aim: fc.constantFrom(null, "]C0", "]C1", "]E0"),
  });
  fc.assert(
    fc.property(fc.array(code, { maxLength: 16 }), (codes) => {
      const reading = waybillOf(codes, rules);
      const waybills =
        reading.kind === "one"
          ? [reading.waybill]
          : reading.kind === "several"
            ? reading.waybills
            : [];
      for (const waybill of waybills) {
        expect(codes.some(({ text }) => text.includes(waybill))).toBe(true);
      }
      expect(new Set(waybills).size).toBe(waybills.length);
      const s10s = new Set(
        codes
          .filter(
            ({ text, aim }) => (aim === null || aim === "]C0") && checkS10(text).kind === "valid",
          )
          .map(({ text }) => text),
      );
      if (s10s.size > 1) expect(reading.kind).toBe("several");
      if (s10s.size === 1) expect(waybills).toContain([...s10s][0]);
    }),
  );
});
