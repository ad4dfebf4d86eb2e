/**
 * Goal: what a device has written, or whoever names a file, steers no terminal: it is shown as its number.
 * Method: escape sequences, a bell, a turned text and a line of its own in each thing that is printed.
 */
import { expect, test } from "vitest";
import { errorText, fieldsText } from "../../protocols/log-text.ts";
import { visibleText } from "../../protocols/visible-text.ts";
import { seenLine } from "../../protocols/words/seen-line.ts";

const steering = "a\x1b]0;x\x07\u009b2J\u202e\u2028z";
const shown = "a\\x1b]0;x\\x07\\x9b2J\\u{202e}\\u{2028}z";

test("what can be seen stays, in any language", () => {
  expect(visibleText("still 001 é 抓拍 \\x41.png")).toBe("still 001 é 抓拍 \\x41.png");
  expect(visibleText(steering)).toBe(shown);
});

test("of a probe and a trace: names, texts and reasons", () => {
  const seen = { way: "in", name: steering, text: steering, hex: null } as const;
  expect(seenLine({ ...seen, wholeLength: null, reason: null })).toBe(`< ${shown} ${shown}`);
  const reason = { code: "fileNotRead", detail: steering } as const;
  const closed = { way: "state", name: null, text: "closed", hex: null } as const;
  expect(seenLine({ ...closed, wholeLength: null, reason })).toContain(`(${shown})`);
});

test("of the log: fields and errors", () => {
  expect(fieldsText({ file: "a\x9b2J", name: "a b\x9b" })).toBe(
    String.raw`file=a\x9b2J name="a b\x9b"`,
  );
  expect(errorText({ message: `first ${steering}\nsecond` })).toBe(
    `    first ${shown}\n    second\n`,
  );
});
