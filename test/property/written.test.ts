/**
 * Goal: what people sign with can be read by others, and looks like nothing else.
 * Method: characters of the forbidden kinds at any place in good names; random texts.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zName, zWritten } from "../../protocols/sorting.ts";
import { zControlRequest, zLockRequest } from "../../protocols/ui/http.ts";

const good = fc.stringMatching(/^[A-Za-z0-9\u4e00-\u9fff]{1,20}$/);
const unseen = fc
  .integer({ min: 0, max: 0x10_ffff })
  .map((point) => String.fromCodePoint(point))
  .filter((char) => /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(char));
const known = fc.constantFrom("\u200b", "\u202e", "\0", "\n", "\r", "\u2028", "\ufeff", "\ud800");

describe("what a person signs with", () => {
  it("has no character that nobody sees, at no place", () => {
    fc.assert(
      fc.property(good, good, fc.oneof(known, unseen), (before, after, char) => {
        for (const text of [before + char + after, char + after, before + char]) {
          const [issue] = zName.safeParse(text).error?.issues ?? [];
          expect(issue?.message).toMatch(/nobody can see/);
        }
      }),
    );
  });

  it("has at least one letter or digit that is seen", () => {
    const empty = fc.constantFrom(" ", "\u2800", "\u3000", "\u3164", "\u115f", "-", ".", "*");
    fc.assert(
      fc.property(fc.array(empty, { maxLength: 20 }), (chars) => {
        const [issue] = zName.safeParse(chars.join("")).error?.issues ?? [];
        expect(issue?.message).toMatch(/at least one letter or digit/);
      }),
    );
  });

  it("is else taken as it is written, without the blanks around it", () => {
    fc.assert(
      fc.property(good, good, (one, two) => {
        const text = `${one} \u00b7 ${two}`;
        expect(zName.parse(` ${text} `)).toBe(text);
        expect(zName.parse(zName.parse(text))).toBe(text);
      }),
    );
  });

  it("never makes the reading fail, whatever it is, and never grows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const read = zWritten(200).safeParse(text);
        if (read.success) expect(text).toContain(read.data);
        if (read.success) expect(read.data.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  it("is refused under the name of its field", () => {
    const control = { cmdId: "c", waybill: "99012340005", reason: "tip", placedBy: "zhao" };
    const request = { ...control, station: "risk-1" };
    expect(zControlRequest.safeParse(request).success).toBe(true);
    for (const field of ["reason", "placedBy", "station"]) {
      const refused = zControlRequest.safeParse({ ...request, [field]: "zh\u202eao" });
      expect(refused.error?.issues[0]?.path).toEqual([field]);
    }
    const refused = zLockRequest.safeParse({ officer: "li\nwang", station: "desk-1" });
    expect(refused.error?.issues[0]?.path).toEqual(["officer"]);
  });
});
