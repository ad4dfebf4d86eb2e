// Goal: what a log line costs grows with its length and no faster, whatever strangers put into it.
// Method: the patterns that find secrets, over texts made to be hard for them, by counting the
// characters that are looked at; the counter itself against the engine and a pattern that is slow.
import { describe, expect, test } from "vitest";
import {
  addressAtEnd,
  redact,
  redacted,
  redactFields,
  redactText,
  secretsInText,
} from "../../edge/runtime/log-secrets.ts";
import { stepsOf } from "../kit/pattern-steps.ts";

const patterns = [...secretsInText.map(([pattern]) => pattern), addressAtEnd];

/** What a hard text is made of, again and again. */
const pieces = [
  "a",
  "a.",
  "a-",
  "a-a+",
  "a://",
  "http://u:p",
  "http://u:p@h/",
  "@",
  "bearer ",
  "bearer   \t",
  "password",
  "pass-",
  'token"',
  "token   ",
  "token=",
  "token='",
  'secret="',
  'pwd="\\',
  "\\",
  "cookie: ",
  "api_key:;",
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN A ",
  "-----END A",
  "-",
  " ",
];
const lengths = [400, 800] as const;
const textOf = (head: string, piece: string, length: number): string =>
  (head + piece.repeat(length)).slice(0, length);
const heads = ["", "://", "bearer ", "token=", 'token="', "-----BEGIN PRIVATE KEY-----"];

describe.each(patterns.map((pattern) => [pattern.source.slice(0, 24), pattern] as const))(
  "%s",
  (_name, { source, flags }) => {
    const everyOne = new RegExp(source, flags.includes("g") ? flags : `${flags}g`);

    test("twice the text is at most twice the work, and a bit", () => {
      for (const head of heads) {
        for (const piece of pieces) {
          const [one, two] = lengths.map((length) => {
            const text = textOf(head, piece, length);
            const { steps, matches } = stepsOf(everyOne, text);
            expect(matches, text.slice(0, 40)).toEqual([...(text.match(everyOne) ?? [])]);
            return steps;
          });
          const where = `${head} and ${piece} again and again: ${one}, ${two}`;
          expect((two ?? 0) / (one ?? 1), where).toBeLessThan(2.3);
          expect(two, where).toBeLessThan(60 * lengths[1]);
        }
      }
    });
  },
);

test("the counter sees what a run at the beginning costs", () => {
  const slow = /\b[a-z][a-z.]*:\/\//g;
  const [one, two] = lengths.map((length) => stepsOf(slow, textOf("", "a.", length)).steps);
  expect((two ?? 0) / (one ?? 1)).toBeGreaterThan(3.5);
});

describe("what is a secret", () => {
  test.each([
    ["?pwd=hunter2&x=1", "?pwd=[redacted]&x=1"],
    ["Cookie: sid=hunter2; theme=dark\nHost: h", "Cookie: [redacted]\nHost: h"],
  ])("in the text %s", (text, safe) => {
    expect(redactText(text)).toBe(safe);
  });

  test.each(["pass", "pwd", "pw", "pin", "psk", "auth", "keyPem"])(
    "in a field named %s",
    (name) => {
      expect(redactFields({ [name]: "hunter2" })).toEqual({ [name]: redacted });
    },
  );

  test("and what is none: a pass over a line, an author", () => {
    const fields = { passId: "L1-e1-2", author: "x", spin: 3 };
    expect(redactFields(fields)).toEqual(fields);
  });

  test("in each of several errors that are one", () => {
    const errors = [new Error("mqtt://u:hunter2@one"), new Error("refused")];
    const told = JSON.stringify(redact(new AggregateError(errors, "no address answers")));
    expect(told).toContain("mqtt://[redacted]@one");
    expect(told).toContain("refused");
  });
});

describe("a quote within a secret does not end it", () => {
  const secret = 'one"two\\"three\\';
  const said = { password: secret, port: 1883 };

  test.each([
    ["in JSON", JSON.stringify(said)],
    ["in a JSON text within another", JSON.stringify({ said: JSON.stringify(said) })],
    ["in single quotes", String.raw`password='one\'two\\' and three`],
  ])("%s", (_how, text) => {
    const safe = redactText(text);
    expect(safe).not.toMatch(/one|two/);
    expect(safe).toMatch(/1883|and three/);
  });
});
