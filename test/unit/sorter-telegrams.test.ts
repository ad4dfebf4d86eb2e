/**
 * Goal: the bytes of every telegram of a sorter are these and no others, and each way of breaking
 * one is refused with a reason.
 * Method: an approved file of telegrams, whose checksums were worked out by another program, read and
 * written; and texts with one thing wrong, under a good checksum.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { zSorterCommand } from "../../protocols/sorter/sorter.ts";
import { createTelegramParser, frameTelegram } from "../../protocols/sorter/telegram-frames.ts";
import {
  commandOfTelegram,
  encodeCommandTelegram,
  encodeEventTelegram,
  encodeLinkTelegram,
  eventOfTelegram,
  readTelegram,
} from "../../protocols/sorter/telegrams.ts";

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const approved = readFileSync("test/fixtures/sorter/telegrams.txt", "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split(": ") as [name: string, telegram: string]);

/** Read, understood, and written anew. */
function writtenAnew(telegram: string): string {
  const [frame] = createTelegramParser().push(ascii(`${telegram}\r\n`));
  if (frame?.kind !== "telegram") throw new Error(`${frame?.kind}`);
  const read = readTelegram(frame.text);
  switch (read.kind) {
    case "event": {
      const decoded = eventOfTelegram(read);
      if (decoded.kind !== "ok") throw new Error(decoded.why);
      return String.fromCharCode(...encodeEventTelegram(decoded.value, read.oldest));
    }
    case "command": {
      const command = zSorterCommand.parse(commandOfTelegram(read));
      if (command.kind === "life") throw new Error("life has a telegram of its own");
      return String.fromCharCode(...encodeCommandTelegram(command, read));
    }
    case "unreadable":
      throw new Error(read.why);
    case "life":
    case "have":
    case "repeat":
      return String.fromCharCode(...encodeLinkTelegram(read));
  }
}

describe("approved telegrams", () => {
  it.each(approved)("%s", (_, telegram) => {
    expect(writtenAnew(telegram)).toBe(`${telegram}\r\n`);
  });

  it("each kind of event and command is among them", () => {
    const kinds = approved
      .map(([, telegram]) => telegram.split(/[,*]/))
      .map((fields) =>
        fields[0] === "$E" ? `E ${fields[4]}` : fields[0] === "$C" ? `C ${fields[5]}` : fields[0],
      );
    expect(new Set(kinds).size).toBe(11 + 5 + 3);
  });
});

describe("frames", () => {
  const told = (wire: string) =>
    createTelegramParser()
      .push(ascii(wire))
      .map((frame) => (frame.kind === "telegram" ? frame.text : frame.why));
  const good = "$A,s,1*503C";

  it("ends with CR, LF or both, and nothing between two of them is told", () => {
    expect(told(`${good}\r\n\r\n${good}\n${good}\r`)).toEqual(["A,s,1", "A,s,1", "A,s,1"]);
  });

  it.each<[string, string, string[]]>([
    ["a start in the middle of one", `$A,s,${good}\r\n`, ["unended", "A,s,1"]],
    ["a checksum that does not fit", "$A,s,1*503D\r\n", ["checksum"]],
    ["a checksum in small letters", "$A,s,1*503c\r\n", ["checksum"]],
    ["no checksum", "$A,s,1\r\n", ["unended"]],
    ["a checksum of nothing", "$*FFFF\r\n", [""]],
    [
      "bit 7 set, as a parity bit that is read as data",
      `$A,s,\xb1*503C\r\n${good}\r\n`,
      ["badByte", "A,s,1"],
    ],
    ["text before it", `hello\r\n${good}\r\n`, ["outsideFrame", "A,s,1"]],
  ])("%s", (_, wire, frames) => {
    expect(told(wire)).toEqual(frames);
  });

  it("a silence in the middle of one ends it", () => {
    const parser = createTelegramParser();
    parser.push(ascii("$A,s"));
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([{ kind: "discarded", why: "timedOut" }]);
    expect(parser.isInsideFrame()).toBe(false);
    expect(parser.push(ascii(",1*503C\r\n"))).toMatchObject([{ why: "outsideFrame" }]);
  });
});

describe("texts that are no telegram", () => {
  const why = (text: string): string => {
    const [frame] = createTelegramParser().push(frameTelegram(text));
    const read = frame?.kind === "telegram" ? readTelegram(frame.text) : null;
    if (read?.kind === "unreadable") return read.why;
    if (read?.kind !== "event") return "read";
    const decoded = eventOfTelegram(read);
    return decoded.kind === "ok" ? "read" : decoded.why;
  };

  it.each<[string, string | RegExp]>([
    ["", "there is no telegram "],
    ["X,s,1", "there is no telegram X"],
    ["A,s", "A has 2 fields"],
    ["A,s,1,2", "A has 4 fields"],
    ["A,,1", "A:  names nothing"],
    ["A,s,-1", "A: -1 is no number"],
    ["A,s,01", "A: 01 is no number"],
    ["A,s,9007199254740993", "A: 9007199254740993 is no number"],
    ["L,l,a b", "L: a b names no session"],
    ["E,s,1,2,session,0", "E: 2 is not the oldest number"],
    ["C,l,1,1,,cancelAll", "C:  names no session"],
    ["E,s,1,1,moved,0", /^kind: /],
    ["E,s,1,1,session", /^count: /],
    ["E,s,1,1,session,1.5", /^count: /],
    ["E,s,1,1,session,0,7", "field2: is not known here"],
    ["E,s,1,1,eye,e1,yes,0", /^isBlocked: /],
    ["E,s,1,1,eye,e/1,1,0", /^eyeId: /],
    ["E,s,1,1,belt,0,1e3,1,0", /^speedMmPerS: /],
    ["E,s,1,1,belt,0,10001,1,0", /^speedMmPerS: /],
    ["E,s,1,1,chute,green,unheard,0", /^state: /],
  ])("%s", (text, expected) => {
    expect(why(text)).toMatch(expected);
  });
});
