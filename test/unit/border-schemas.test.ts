/**
 * Goal: what cannot be a waybill number or a moment is refused wherever it comes in.
 * Method: the first and last values of each schema, and the ones beside them.
 */
import { describe, expect, test } from "vitest";
import { waybillAsWritten, zWaybill } from "../../protocols/clearance.ts";
import { zEpochMs } from "../../protocols/units.ts";

const wordsOn = (read: { error?: { issues: readonly { message: string }[] } | undefined }) =>
  read.error?.issues[0]?.message ?? null;

describe("a waybill number", () => {
  test.each([
    ["99012340005", "99012340005"],
    ["A".repeat(32), "A".repeat(32)],
    ["ra-000000012-cn", "RA000000012CN"],
    [" RA 000 000 012 CN ", "RA000000012CN"],
    ["RA/000.000.012/CN", "RA000000012CN"],
    [`${"A".repeat(32)}---`, "A".repeat(32)],
  ])("%j is one, in its one spelling", (text, spelling) => {
    expect(zWaybill.parse(text)).toBe(spelling);
    expect(waybillAsWritten(text)).toBe(spelling);
  });

  test("full-width letters are letters to whoever compares", () => {
    expect(waybillAsWritten("ＲＡ－000000012．ｃｎ")).toBe("RA000000012CN");
  });

  test.each([
    ["-----", /at least one letter or digit/],
    ["----", /at least one letter or digit/],
    ["99012340_05", /letters and digits, with/],
    ["袋", /letters and digits, with/],
    ["0---", />=4 characters/],
    ["A-B-C", />=4 characters/],
    ["A".repeat(33), /<=32 characters/],
  ])("%j is none", (text, words) => expect(wordsOn(zWaybill.safeParse(text))).toMatch(words));
});

describe("a moment", () => {
  test("lies between 1970 and the end of 2100", () => {
    expect(zEpochMs.parse(Date.UTC(2100, 11, 31, 23, 59, 59, 999))).toBe(4_133_980_799_999);
    expect(zEpochMs.parse(0)).toBe(0);
    expect(wordsOn(zEpochMs.safeParse(Date.UTC(2101, 0, 1)))).toMatch(/beyond the year 2100/);
    expect(zEpochMs.safeParse(-1).success).toBe(false);
  });
});
