import { mkdir, mkdtemp, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileReason, isMissing } from "../../protocols/file-reason.ts";

/** Makes the folder and all that leads to it. Throws, in words about `--data`, when nobody can. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await make(folder);
  } catch (error) {
    throw refusal(`${folder} cannot be made`, error);
  }
  try {
    await rmdir(await mkdtemp(join(folder, ".lab-")));
  } catch (error) {
    throw refusal(`${folder} cannot be written`, error);
  }
}

/**
 * Folders are made one at a time, because Node's own way to make all of them never ends below
 * `/proc`.
 */
async function make(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (isTaken(error) && (await stat(folder)).isDirectory()) return;
    if (!isMissing(error) || dirname(folder) === folder) throw error;
    await make(dirname(folder));
    await mkdir(folder);
  }
}

const refusal = (sentence: string, error: unknown): Error => {
  // Below a folder that is there and takes none, as in /proc, "no such folder" would be a riddle.
  const why = isMissing(error) ? "" : `: ${fileReason(error)}`;
  return new Error(`--data: ${sentence}${why}; name another folder`, { cause: error });
};

const isTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EEXIST";
