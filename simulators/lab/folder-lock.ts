import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Keeps a second lab from writing its ports into the files of one that runs. */
export interface FolderLock {
  release(): void;
}

/** Throws when a process that is alive holds the folder; what a dead one left is taken over. */
export function lockFolder(folder: string): FolderLock {
  const file = join(folder, "lab.pid");
  const holder = holderOf(file);
  if (holder !== null) {
    throw new Error(
      `${folder} is in use by the lab with process id ${holder}; stop it, or name another --data`,
    );
  }
  writeFileSync(file, `${process.pid}\n`);
  return { release: () => rmSync(file, { force: true }) };
}

function holderOf(file: string): number | null {
  let pid: number;
  try {
    pid = Number(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
