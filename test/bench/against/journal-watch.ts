import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalSizes } from "./figures.ts";

/**
 * Looks again and again at how large the journals below a folder are: a bench removes them when it
 * ends, and not every build's bench says how large they were. It replays each journal after it is
 * closed, which takes longer than a few looks, so the last look has the final size.
 */
export interface JournalWatch {
  /** After a last look: how large each journal was when last seen. */
  stop(): JournalSizes;
}

const everyMs = 250;
/** A bench's folder, a repeat's, a run's, the agent's data; images lie deeper. */
const depthMax = 5;
const journalName = "journal.db";

export function watchJournals(folder: string): JournalWatch {
  const sizes = new Map<string, number>();
  const timer = setInterval(() => look(folder, depthMax, sizes), everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      look(folder, depthMax, sizes);
      return sizes;
    },
  };
}

/** What comes and goes meanwhile is not there. */
function look(folder: string, depth: number, sizes: Map<string, number>): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth > 1) look(path, depth - 1, sizes);
      else if (entry.name === journalName) sizes.set(path, statSync(path).size);
    }
  } catch {
    return;
  }
}
