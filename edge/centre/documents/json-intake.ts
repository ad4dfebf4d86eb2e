import type { z } from "zod";

/** Refused JSON: the path of the first field that is wrong, `body` for the whole, and why. */
export interface JsonRefusal {
  readonly field: string;
  readonly message: string;
}

export type JsonReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: JsonRefusal };

/** Checks a parsed JSON body against its schema and names the first field that is wrong. */
export function readJson<T>(schema: z.ZodType<T>, json: unknown): JsonReading<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])];
  return {
    ok: false,
    refusal: {
      field: path.length === 0 ? "body" : path.map(String).join("."),
      message: issue?.message ?? "is not valid",
    },
  };
}

/** One line for people, in the form of all other refusals. */
export const jsonRefusalText = ({ field, message }: JsonRefusal): string =>
  `bodyInvalid: ${field} ${message}`;
