import type { z } from "zod";
import { plainIssue } from "./plain-issues.ts";

/** Why a message is not taken: for programs the field, for people and counters the whole. */
export interface InvalidJson {
  readonly kind: "invalid";
  /** Path of the first field that is wrong; null when it is the whole. */
  readonly field: string | null;
  readonly message: string;
  /** `field: message`, cut; the whole is called `message`. */
  readonly why: string;
}

export type Decoded<T> = { readonly kind: "ok"; readonly value: T } | InvalidJson;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const whyCharsMax = 200;

/** JSON of at most `bytesMax` bytes of UTF-8 in the shape of `schema`, or why it is not. */
export function decodeJson<T>(
  schema: z.ZodType<T>,
  payload: Uint8Array,
  bytesMax: number,
): Decoded<T> {
  const parsed = readJson(payload, bytesMax);
  return parsed.kind === "ok" ? checkJson(schema, parsed.value) : parsed;
}

/** Any JSON of at most `bytesMax` bytes. */
export const readJson = (payload: Uint8Array, bytesMax: number): Decoded<unknown> =>
  payload.length > bytesMax
    ? invalid(null, `${payload.length} bytes are more than ${bytesMax}`)
    : parseJson(payload);

/** Any JSON, of text or of UTF-8. */
export function parseJson(payload: Uint8Array | string): Decoded<unknown> {
  try {
    const text = typeof payload === "string" ? payload : utf8.decode(payload);
    return { kind: "ok", value: JSON.parse(text) };
  } catch (error) {
    return invalid(null, `not JSON in UTF-8: ${error instanceof Error ? error.message : "?"}`);
  }
}

/** What was parsed, in the shape of `schema`; else the first field that is wrong. */
export const checkJson = <T>(schema: z.ZodType<T>, json: unknown): Decoded<T> =>
  decodedOf(schema.safeParse(json, inPlainWords));

/** Given to a schema's reading: what is wrong is said in plain words. */
export const inPlainWords = { error: plainIssue };

export function decodedOf<T>(result: z.ZodSafeParseResult<T>): Decoded<T> {
  if (result.success) return { kind: "ok", value: result.data };
  const [issue] = result.error.issues;
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])];
  return invalid(path.map(String).join(".") || null, issue?.message ?? "is not valid");
}

function invalid(field: string | null, message: string): InvalidJson {
  const why = `${field ?? "message"}: ${message}`.slice(0, whyCharsMax);
  return { kind: "invalid", field, message, why };
}

export const encodeJson = (message: unknown): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(message));
