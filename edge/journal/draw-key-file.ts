import { open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { fileReason } from "../../protocols/file-reason.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import { zSha256 } from "../../protocols/sorting.ts";
import { zEpochMs } from "../../protocols/units.ts";

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

export async function readDrawKeys(file: string): Promise<DrawKeysRead> {
  try {
    return keysOf(file, await readFile(file, "utf8"));
  } catch (error) {
    return { kind: "refused", why: `${file}: ${fileReason(error)}` };
  }
}

/**
 * Adds the keys that the file does not hold yet, and answers with all that it holds then. The file
 * is written anew and put in its place whole, durable when this resolves.
 */
export async function keepDrawKeys(
  file: string,
  keys: readonly KeptDrawKey[],
): Promise<DrawKeysRead> {
  const isThere = (await stat(file).catch(() => null)) !== null;
  const held = isThere ? await readDrawKeys(file) : ({ kind: "keys", keys: [] } as const);
  if (held.kind === "refused") return held;
  const isHeld = (key: KeptDrawKey): boolean =>
    held.keys.some(
      ({ version, drawKeyHash }) => version === key.version && drawKeyHash === key.drawKeyHash,
    );
  const added = keys.filter((key) => !isHeld(key));
  if (added.length === 0) return held;
  const all = [...held.keys, ...added];
  try {
    await replace(file, all.map((key) => `${JSON.stringify(key)}\n`).join(""));
  } catch (error) {
    return { kind: "refused", why: `${file}: ${fileReason(error)}` };
  }
  return { kind: "keys", keys: all };
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

async function replace(file: string, text: string): Promise<void> {
  const aside = `${file}.part`;
  const handle = await open(aside, "w", ownerOnly);
  try {
    await handle.chmod(ownerOnly);
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(aside, file);
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
