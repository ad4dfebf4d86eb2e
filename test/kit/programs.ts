import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian has servers where an ordinary user's path does not lead. */
const furtherFolders = ["/usr/sbin", "/usr/local/sbin"];

/** Where a program lies that is no part of this project; undefined when it is not installed. */
export function pathOfProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...furtherFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
