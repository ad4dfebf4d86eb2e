// Goal: the page never shows as running what nobody tells the centre. Method: one line view, heard or
// not, its journal taken or not.
import { expect, test } from "vitest";
import { isTold } from "../../control-ui/web/lanes/is-told.ts";

test.each([
  ["heard and taken", { isHeard: true, conditions: ["tunnelUnknown"] }, true],
  ["not heard", { isHeard: false, conditions: [] }, false],
  ["heard, its journal not taken", { isHeard: true, conditions: ["journalNotTaken"] }, false],
])("a line that is %s", (_what, line, told) => {
  expect(isTold(line)).toBe(told);
});
