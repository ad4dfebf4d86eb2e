import { invariant } from "./bug.ts";
import { z } from "zod";

/**
 * Patterns that people write into a configuration, in a subset of regular expressions that cannot
 * be made slow: no nesting and no back-references, and at most two quantifiers of variable length
 * in one alternative. Always matched against the whole text.
 *
 * Allowed: plain characters, `.`, `\d`, `\w`, an escaped character, classes such as `[A-Z0-9]`, the
 * quantifiers `?`, `*`, `+`, `{n}`, `{n,}` and `{n,m}`, and `|` between whole alternatives.
 */
const patternCharsMax = 200;
const alternativesMax = 8;
const variableQuantifiersMax = 2;
const repeatMax = 256;

const itemSyntax = /(?:\\[dw]|\\[^A-Za-z0-9]|\[\^?(?:\\[^A-Za-z]|[^\]\\[])+\]|[^\\[\](){}|*+?^$])/y;
const quantifierSyntax = /[?*+]|\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/y;

/** Why `pattern` is not allowed, or null. */
export function patternFault(pattern: string): string | null {
  if (pattern.length > patternCharsMax) return `longer than ${patternCharsMax} characters`;
  let at = 0;
  let alternatives = 1;
  let variable = 0;
  while (at < pattern.length) {
    if (pattern[at] === "|") {
      alternatives += 1;
      variable = 0;
      at += 1;
      continue;
    }
    itemSyntax.lastIndex = at;
    if (!itemSyntax.test(pattern)) return `not understood from character ${at + 1} on`;
    at = itemSyntax.lastIndex;
    quantifierSyntax.lastIndex = at;
    const quantifier = quantifierSyntax.exec(pattern);
    if (quantifier === null) continue;
    at = quantifierSyntax.lastIndex;
    const [text, least, comma, most] = quantifier;
    if (Number(least ?? 0) > repeatMax || Number(most ?? 0) > repeatMax) {
      return `repeats more than ${repeatMax} times`;
    }
    const isVariable = !text.startsWith("{") || comma !== undefined;
    // An optional character cannot multiply work as an unbounded run does, but counts all the same.
    if (isVariable) variable += 1;
    if (variable > variableQuantifiersMax) {
      return `more than ${variableQuantifiersMax} quantifiers of variable length`;
    }
  }
  return alternatives > alternativesMax ? `more than ${alternativesMax} alternatives` : null;
}

export const zSafePattern = z.string().superRefine((pattern, context) => {
  const fault = patternFault(pattern) ?? compileFault(pattern);
  if (fault !== null) context.addIssue({ code: "custom", message: `pattern: ${fault}` });
});

/** Compiles a checked pattern; throws on one that was not checked. */
export function compilePattern(pattern: string): RegExp {
  const fault = patternFault(pattern);
  invariant(fault === null, `pattern "${pattern}": ${fault}`);
  return new RegExp(`^(?:${pattern})$`, "s");
}

/** What the grammar above lets through and the engine does not, such as the class `[z-a]`. */
function compileFault(pattern: string): string | null {
  try {
    compilePattern(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "not a pattern";
  }
}
