import { isUtf8 } from "node:buffer";
import { lstat, open, opendir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileReason, isMissing } from "../../../protocols/file-reason.ts";
import { visibleText } from "../../../protocols/visible-text.ts";
import { isHalfName, isSameFile, type SeenFile } from "./settled-files.ts";

/** So many entries are looked at, and the others once those are gone. */
const entriesMax = 2_000;

/** What a look at a folder has found. */
export interface FolderEntries {
  readonly files: readonly SeenFile[];
  /** There were no more than these. */
  readonly isWhole: boolean;
}

/**
 * Files of a device, whatever has another kind or a name of a half-written one left out. Rejects with
 * what the file system says.
 */
export async function filesIn(folder: string): Promise<FolderEntries> {
  const found: SeenFile[] = [];
  let entries = 0;
  let isAnyUnnamed = false;
  for await (const entry of await opendir(folder)) {
    entries += 1;
    if (entries > entriesMax) {
      if (found.length > 0) return { files: found, isWhole: false };
      throw new Error(`more than ${entriesMax} entries, and no file to take among them`);
    }
    if (!entry.isFile() || isHalfName(entry.name)) continue;
    const path = join(folder, entry.name);
    const shown = visibleText(entry.name);
    const file = await seenAt(path, shown);
    // Under the name that people see, it is not found.
    const way = shown === entry.name ? {} : { bytePath: Buffer.from(path) };
    if (file !== null) found.push({ ...file, ...way });
    else if (entry.name.includes(inPlaceOfBytes)) isAnyUnnamed = true;
  }
  const files = isAnyUnnamed ? [...found, ...(await unnamedIn(folder))] : found;
  return { files, isWhole: true };
}

/** What a name is read as whose bytes are no UTF-8: no file is found under it. */
const inPlaceOfBytes = "\u{FFFD}";

/** Files whose names are no UTF-8, each with its path in bytes and a name that people can read. */
async function unnamedIn(folder: string): Promise<readonly SeenFile[]> {
  const found: SeenFile[] = [];
  const entries = await readdir(folder, { encoding: "buffer", withFileTypes: true });
  const unnamed = entries.filter((entry) => entry.isFile() && !isUtf8(entry.name));
  for (const { name } of unnamed.slice(0, entriesMax)) {
    const shown = escaped(name);
    if (isHalfName(shown)) continue;
    const bytePath = Buffer.concat([Buffer.from(`${folder}/`), name]);
    const file = await seenAt(bytePath, shown);
    if (file !== null) found.push({ ...file, bytePath });
  }
  return found;
}

/** As shells write it: each byte that is no plain character as `\xff`. */
const escaped = (name: Uint8Array): string =>
  Array.from(name, (byte) =>
    byte > 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");

/** Null for one that is not there: the device has taken it back meanwhile. */
async function seenAt(path: string | Buffer, name: string): Promise<SeenFile | null> {
  try {
    const { size, mtimeMs, ino } = await lstat(path);
    return { name, bytes: size, changedAtMs: mtimeMs, inode: ino };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export const isStillThere = async (path: string | Buffer): Promise<boolean> =>
  (await seenAt(path, "")) !== null;

/** False also where that cannot be told: whoever looks at the folder again hears why. */
export const isAsSeen = (path: string | Buffer, seen: SeenFile): Promise<boolean> =>
  seenAt(path, seen.name).then(
    (now) => now !== null && isSameFile(now, seen),
    () => false,
  );

/**
 * What is in a file that was moved to `path`, or why that cannot be told: it is no longer as it was
 * seen, or cannot be read. No more is read than it had then.
 */
export async function readWhole(
  path: string | Buffer,
  seen: SeenFile,
): Promise<Uint8Array | { readonly why: string }> {
  try {
    const bytes = await readUpTo(path, seen.bytes + 1);
    const after = await seenAt(path, seen.name);
    if (after !== null && bytes.length === seen.bytes && isSameFile(after, seen)) return bytes;
    return { why: "it was still being written" };
  } catch (error) {
    return { why: fileReason(error) };
  }
}

async function readUpTo(path: string | Buffer, most: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(most);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
    }
  } finally {
    await file.close();
  }
}
