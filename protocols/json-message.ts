import type { z } from "zod";

export type Decoded<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** `why` names the field, for counters and people. */
  | { readonly kind: "invalid"; readonly why: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });
const whyCharsMax = 200;

/** JSON of at most `bytesMax` bytes of UTF-8 in the shape of `schema`, or why it is not. */
export function decodeJson<T>(
  schema: z.ZodType<T>,
  payload: Uint8Array,
  bytesMax: number,
): Decoded<T> {
  if (payload.length > bytesMax) {
    return { kind: "invalid", why: `${payload.length} bytes are more than ${bytesMax}` };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(payload));
  } catch (error) {
    return { kind: "invalid", why: error instanceof Error ? error.message : "not JSON" };
  }
  const result = schema.safeParse(parsed);
  if (result.success) return { kind: "ok", value: result.data };
  return { kind: "invalid", why: whyInvalid(result.error) };
}

/** The first field that is wrong, `message` for the whole, and what is wrong with it. */
export function whyInvalid(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  return `${path === "" ? "message" : path}: ${issue?.message ?? "invalid"}`.slice(0, whyCharsMax);
}

export const encodeJson = (message: unknown): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(message));
