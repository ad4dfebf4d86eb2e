import { z } from "zod";
import { checkJson, parseJson } from "../../protocols/json-message.ts";

export type KeptText<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "otherVersion"; readonly version: number }
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * What a row's text holds, which says itself in which version it was written: so a program that finds
 * another one's says that, and not what it misses in it.
 */
export function readKeptText<T>(text: string, version: number, schema: z.ZodType<T>): KeptText<T> {
  const json = parseJson(text);
  if (json.kind === "invalid") return { kind: "unreadable", why: json.message };
  const found = z.looseObject({ version: z.int() }).safeParse(json.value).data?.version;
  if (found !== undefined && found !== version) return { kind: "otherVersion", version: found };
  const read = checkJson(schema, json.value);
  return read.kind === "ok"
    ? { kind: "read", value: read.value }
    : { kind: "unreadable", why: read.why };
}
