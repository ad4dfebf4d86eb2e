import type { z } from "zod";

/**
 * What is wrong with a field, for whoever has written it: it goes behind the field's path, and says
 * what the field must be. A schema's own words come before these. Null: zod's words have to do.
 */
export const plainIssue: z.core.$ZodErrorMap = (issue) => {
  // Whoever left it out is told so, whatever it should have been.
  if (issue.input === undefined && issue.code !== "unrecognized_keys") return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return oneOf(issue.values);
    case "too_small":
      return `must ${boundOf(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must ${boundOf(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "unrecognized_keys":
      return "is not known here";
    case "invalid_union": {
      const { options } = issue;
      const known: readonly unknown[] = Array.isArray(options) ? options : [];
      return known.length === 0 ? "has a form that is not known" : oneOf(known);
    }
    case "invalid_format":
    case "invalid_key":
    case "invalid_element":
    case "not_multiple_of":
    case "custom":
    default:
      return null;
  }
};

const listCharsMax = 120;

const oneOf = (values: readonly unknown[]): string => {
  const known = values.map(String).join(", ").slice(0, listCharsMax);
  return values.length === 1 ? `must be ${known}` : `must be one of ${known}`;
};

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const isLong = (origin: string): boolean => origin === "string" || origin === "array";
const boundOf = (origin: string): string => (isLong(origin) ? "have" : "be");
const unitOf = (origin: string): string => {
  if (!isLong(origin)) return "";
  return origin === "string" ? " characters" : " items";
};
