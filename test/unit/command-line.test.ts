import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createCommandLine,
  flagOption,
  numberOption,
  textOption,
  wholeOption,
  wordsOption,
} from "../../protocols/command-line.ts";

/**
 * Goal: whatever is wrong with a command line is one sentence that names the option, then the
 * usage. Method: one program with an option of each kind, each kind of mistake, and noise.
 */
const line = createCommandLine({
  name: "belt",
  usage: "Usage: belt",
  options: {
    seeds: wholeOption(1, 100),
    speed: numberOption(0.25, 4),
    data: textOption("a folder"),
    shape: wordsOption(["round", "square"]),
    quick: flagOption,
  },
  wordsMax: 1,
});
const none = { seeds: undefined, speed: undefined, data: undefined, shape: [], quick: false };

describe("a command line", () => {
  test.each<[string[], object, string[]]>([
    [[], {}, []],
    [["--seeds", "100", "--quick"], { seeds: 100, quick: true }, []],
    [["--seeds=1", "--speed", ".25"], { seeds: 1, speed: 0.25 }, []],
    [["--data=-odd", "--seeds", "1", "--seeds", "2"], { data: "-odd", seeds: 2 }, []],
    [["--shape", "round", "--shape=square"], { shape: ["round", "square"] }, []],
    [["DIR", "--quick"], { quick: true }, ["DIR"]],
    [["--quick", "--", "--seeds"], { quick: true }, ["--seeds"]],
  ])("%j is read", (args, values, words) => {
    expect(line.read(args)).toEqual({ kind: "read", values: { ...none, ...values }, words });
  });

  test.each<[string[], string]>([
    [["--sed", "1"], "--sed: there is no such option"],
    [["-s"], "-s: there is no such option"],
    [["--constructor", "1"], "--constructor: there is no such option"],
    [["--seeds"], "--seeds: a whole number from 1 to 100 is wanted"],
    [["--seeds", "--quick"], "--seeds: a whole number from 1 to 100 is wanted"],
    [["--seeds="], "--seeds: a whole number from 1 to 100 is wanted"],
    [["--seeds", "-1"], "--seeds: -1 is not a whole number from 1 to 100"],
    [["--seeds", "101"], "--seeds: 101 is not a whole number from 1 to 100"],
    [["--seeds", "0x10"], "--seeds: 0x10 is not a whole number from 1 to 100"],
    [["--seeds", "1.5"], "--seeds: 1.5 is not a whole number from 1 to 100"],
    [["--speed", "-.5"], "--speed: -.5 is not a number from 0.25 to 4"],
    [["--speed", "Infinity"], "--speed: Infinity is not a number from 0.25 to 4"],
    [["--speed", "fast"], "--speed: fast is not a number from 0.25 to 4"],
    [["--data", "--quick"], "--data: a folder is wanted"],
    [["--data", ""], "--data: a folder is wanted"],
    [["--shape", "oval"], "--shape: oval is not one of round, square"],
    [["--quick=yes"], "--quick: it takes no value"],
    [["DIR", "8080"], "8080: no such word is wanted; npm hands on only what follows --"],
  ])("%j is refused by name, with the usage", (args, sentence) => {
    expect(line.read(args)).toEqual({ kind: "refused", text: `belt: ${sentence}\n\nUsage: belt` });
  });

  test("whoever asks for help gets it, whatever else is wrong", () => {
    for (const help of ["--help", "-h"]) {
      expect(line.read(["--sed", help])).toEqual({ kind: "help", text: "Usage: belt" });
    }
    expect(line.read(["--", "--help"])).toMatchObject({ kind: "read", words: ["--help"] });
  });

  test("noise is refused in one sentence or read, and never throws", () => {
    const word = fc.oneof(
      fc.constantFrom("--seeds", "--speed", "--data", "--shape", "--quick", "--", "-", "--="),
      fc.string({ maxLength: 6 }).filter((text) => !text.includes("\n")),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        const read = line.read(args);
        if (read.kind === "refused") expect(read.text).toMatch(/^belt: .*\n\nUsage: belt$/u);
      }),
    );
  });
});
