import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileReason } from "../../protocols/file-reason.ts";

/**
 * Puts a file into a folder, renamed into place; why it could not be put, in plain words, as of a folder
 * that is no longer mounted. Null: it is there.
 */
export function putFile(folder: string, name: string, bytes: Uint8Array): string | null {
  const half = join(folder, `.${name}.part`);
  try {
    writeFileSync(half, bytes);
    renameSync(half, join(folder, name));
    return null;
  } catch (error) {
    return `${folder}: ${fileReason(error)}`;
  }
}
