import { z } from "zod";

/**
 * Where something stands in another maker's JSON: keys with dots between them, an element of a list
 * as `[n]` from 0, as in `result.codes[0].data`.
 */
export const zJsonPath = z
  .string()
  .max(200)
  .regex(
    /^[^.[\]]+(?:\[\d{1,3}\])*(?:\.[^.[\]]+(?:\[\d{1,3}\])*)*$/,
    "keys with dots between them, elements as [n], such as result.codes[0]",
  );

/** What stands there, undefined where nothing does. Looks at own keys alone. */
export function valueAt(json: unknown, path: string): unknown {
  let at = json;
  for (const [, index, key = ""] of path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
    if (index !== undefined) at = Array.isArray(at) ? (at as unknown[])[Number(index)] : undefined;
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null && !Array.isArray(json);
