/**
 * Goal: what cannot be a waybill number or a moment is refused wherever it comes in.
 * Method: the first and last values of each schema, and the ones beside them.
 */
import { describe, expect, test } from "vitest";
import { zWaybill } from "../../protocols/clearance.ts";
import { zEpochMs } from "../../protocols/units.ts";

const wordsOn = (read: { error?: { issues: readonly { message: string }[] } | undefined }) =>
  read.error?.issues[0]?.message ?? null;

describe("a waybill number", () => {
  test.each(["0---", "---Z", "99012340005", "A".repeat(32)])("%s is one", (text) => {
    expect(zWaybill.safeParse(text).success).toBe(true);
  });
  test.each([
    ["-----", /at least one letter or digit/],
    ["----", /at least one letter or digit/],
    ["99012340 05", /letters, digits and '-' only/],
    ["99 ", /letters, digits and '-' only/],
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
