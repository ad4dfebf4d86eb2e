import { readdirSync, rmSync, statSync } from "node:fs";
import { enableCompileCache, flushCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";
import { fileReason } from "../../protocols/file-reason.ts";

/**
 * Keeps what this program was compiled to beside its packages, so that the next start need not strip
 * types and compile again: about half a second sooner, in which the lines of a centre that was killed
 * release nothing. It is as trusted as the code beside which it lies, each piece counts only for the very
 * text it was made of, and `npm ci` clears it. Where that folder may not be written, starts take as long
 * as without it.
 */
export interface CompiledCode {
  /**
   * Writes what is new; else Node does it when the program ends, and a killed one never. Called when all
   * is loaded and nothing runs yet that must not wait. Answers why the folder is not tidied, for the log.
   */
  keep(): string | null;
}

const besidePackages = join(import.meta.dirname, "../../node_modules/.cache/sortline");

/** Called before anything large is loaded. */
export function useCompiledCode(folder = besidePackages): CompiledCode {
  enableCompileCache(folder);
  return {
    keep: () => {
      flushCompileCache();
      return removeUnfinished(getCompileCacheDir());
    },
  };
}

/** Node writes each piece under a name with six characters behind a dot first, and then renames it. */
const unfinished = /\.[A-Za-z0-9]{6}$/;
/** Longer than any program takes for a piece. */
const unfinishedMsMin = 3_600_000;

/** What a killed program or a full disk has left half written; nobody else would ever remove it. */
function removeUnfinished(folder: string | undefined): string | null {
  if (folder === undefined) return null;
  try {
    for (const name of readdirSync(folder).filter((each) => unfinished.test(each))) {
      const path = join(folder, name);
      const begun = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - begun > unfinishedMsMin) rmSync(path, { force: true });
    }
    return null;
  } catch (error) {
    return fileReason(error);
  }
}
