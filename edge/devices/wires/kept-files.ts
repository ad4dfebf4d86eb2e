import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * A folder in which files are kept that have been dealt with, each under a number and the name it
 * came with. Bounded: the oldest leave. Rejects with what the file system says.
 */
export interface KeptFiles {
  /** Makes the folder if it is not there, and finds out how far its numbers have come. */
  open(): Promise<void>;
  /** Moves a file here, in one step; under which name. */
  take(path: string | Buffer, name: string): Promise<string>;
  pathOf(keptName: string): string;
  /** It has been moved elsewhere. */
  forget(keptName: string): void;
}

export function createKeptFiles(folder: string, filesMax: number): KeptFiles {
  let kept: string[] = [];
  let next = 1;

  const numberOf = (name: string): number => Number(/^\d{9}(?=-)/.exec(name)?.[0] ?? 0);

  const trim = async (): Promise<void> => {
    for (const name of kept.splice(0, Math.max(0, kept.length - filesMax))) {
      await rm(join(folder, name), { force: true });
    }
  };

  return {
    async open() {
      await mkdir(folder, { recursive: true });
      kept = (await readdir(folder)).filter((name) => numberOf(name) > 0).toSorted();
      next = Math.max(next, numberOf(kept.at(-1) ?? "") + 1);
      await trim();
    },
    async take(path, name) {
      const keptName = `${String(next).padStart(9, "0")}-${name.slice(-nameCharsMax)}`;
      next += 1;
      await rename(path, join(folder, keptName));
      kept.push(keptName);
      await trim();
      return keptName;
    },
    pathOf: (keptName) => join(folder, keptName),
    forget(keptName) {
      kept = kept.filter((name) => name !== keptName);
    },
  };
}

/** As the file came. */
export const nameBefore = (keptName: string): string => keptName.replace(/^\d{9}-/, "");

/** Most file systems take 255 bytes, and a character may have four. */
const nameCharsMax = 50;
