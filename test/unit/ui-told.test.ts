// Goal: the page never shows as running what nobody tells the centre. Method: one line view, heard or
// not, its journal taken or not.
import { expect, test } from "vitest";
import { isBeltTold, isTold } from "../../control-ui/web/lanes/is-told.ts";

test.each([
  ["heard and taken", { isHeard: true, conditions: ["tunnelUnknown"] }, true],
  ["not heard", { isHeard: false, conditions: [] }, false],
  ["heard, its journal not taken", { isHeard: true, conditions: ["journalNotTaken"] }, false],
])("a line that is %s", (_what, line, told) => {
  expect(isTold(line)).toBe(told);
});

test("what the belt does is told by the line's own sorter, and by nobody while it is away", () => {
  const line = { id: "L1", isHeard: true };
  const sorter = (lineId: string, health: "receiving" | "stale" | "down") =>
    ({ lineId, kind: "sorter", health }) as const;
  expect(isBeltTold(line, [sorter("L1", "receiving"), sorter("L2", "down")])).toBe(true);
  expect(isBeltTold(line, [sorter("L1", "stale"), sorter("L2", "receiving")])).toBe(false);
  expect(isBeltTold({ ...line, isHeard: false }, [sorter("L1", "receiving")])).toBe(false);
});
