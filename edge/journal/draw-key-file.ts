import { readFile } from "node:fs/promises";
import { z } from "zod";
import { fileReason, isMissing } from "../../protocols/file-reason.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import { zSha256 } from "../../protocols/sorting.ts";
import { zEpochMs } from "../../protocols/units.ts";
import { removeHalves, writeDurably } from "./durable-file.ts";

/**
 * The keys that lots were drawn with, one a line, by the version and the day from which it counts.
 * They stand in no journal, since whoever knows one can foresee its lots; they are kept, since
 * without them no auditor could draw the lots again (law 17). Only its owner may read the file.
 */
const zDrawKey = z.strictObject({
  version: z.string(),
  validFrom: zEpochMs,
  drawKeyHash: zSha256,
  drawSecretHex: z.string().regex(/^(?:[0-9a-f]{2})+$/),
});
type KeptDrawKey = z.infer<typeof zDrawKey>;

type DrawKeysRead =
  | { readonly kind: "keys"; readonly keys: readonly KeptDrawKey[] }
  | { readonly kind: "refused"; readonly why: string };

const ownerOnly = 0o600;

/** For who needs them: a file that is not there is refused. */
export const readDrawKeys = (file: string): Promise<DrawKeysRead> => keysIn(file, () => false);

/**
 * Adds the keys that the file does not hold yet, and answers with all that it holds then. The file
 * is written anew and put in its place whole, durable when this resolves. One that is not there yet
 * holds none; one that cannot be looked at may hold every key there is, and is left alone. What an
 * interrupted write has left beside it is removed.
 */
export async function keepDrawKeys(
  file: string,
  keys: readonly KeptDrawKey[],
): Promise<DrawKeysRead> {
  const held = await keysIn(file, isMissing);
  if (held.kind === "refused") return held;
  const isHeld = (key: KeptDrawKey): boolean =>
    held.keys.some(
      ({ version, drawKeyHash }) => version === key.version && drawKeyHash === key.drawKeyHash,
    );
  const added = keys.filter((key) => !isHeld(key));
  const all = [...held.keys, ...added];
  try {
    // They hold keys as well, and nobody would miss them or guard them.
    await removeHalves(file);
    if (added.length === 0) return held;
    await writeDurably(file, all.map((key) => `${JSON.stringify(key)}\n`).join(""), ownerOnly);
  } catch (error) {
    return { kind: "refused", why: `${file}: ${fileReason(error)}` };
  }
  return { kind: "keys", keys: all };
}

async function keysIn(file: string, isNone: (error: unknown) => boolean): Promise<DrawKeysRead> {
  try {
    return keysOf(file, await readFile(file, "utf8"));
  } catch (error) {
    if (isNone(error)) return { kind: "keys", keys: [] };
    return { kind: "refused", why: `${file}: ${fileReason(error)}` };
  }
}

function keysOf(file: string, text: string): DrawKeysRead {
  const keys: KeptDrawKey[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const json = parseJson(line);
    const read = json.kind === "ok" ? checkJson(zDrawKey, json.value) : json;
    // What stands there is a secret, so it is not repeated.
    if (read.kind === "invalid") {
      return { kind: "refused", why: `${file}: line ${index + 1} is no key` };
    }
    keys.push(read.value);
  }
  return { kind: "keys", keys };
}
