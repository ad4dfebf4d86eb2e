// Goal: the civil calendar that we reckon with, because rooms without a clock have no `Date`, is the usual one.
// Method: any day of eight thousand years against the runtime's own calendar, and the ends of months by hand.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { civilFromDays, dayMs, dayOf, daysFromCivil } from "../../protocols/civil-date.ts";

const moment = fc.integer({ min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31) });

describe("the civil calendar", () => {
  test("names the day of any moment as the runtime does", () => {
    fc.assert(
      fc.property(moment, (at) => {
        expect(dayOf(at)).toBe(new Date(at).toISOString().slice(0, 10));
      }),
    );
  });

  test("takes a date apart and puts it together again", () => {
    fc.assert(
      fc.property(moment, (at) => {
        const days = Math.floor(at / dayMs);
        expect(daysFromCivil(...civilFromDays(days))).toBe(days);
      }),
    );
  });

  test.each([
    ["2026-11-30", Date.UTC(2026, 11, 1) - 1],
    ["2026-12-01", Date.UTC(2026, 11, 1)],
    ["2028-02-29", Date.UTC(2028, 2, 1) - 1],
    ["2100-02-28", Date.UTC(2100, 2, 1) - 1],
    ["1969-12-31", -1],
  ])("%s", (day, at) => {
    expect(dayOf(at)).toBe(day);
  });
});
