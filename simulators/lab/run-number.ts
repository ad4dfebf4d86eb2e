import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMissing } from "../../protocols/file-reason.ts";

/**
 * Counts the lab's starts on a data folder, from 1. The folder knows the parcels of earlier runs as
 * released, so each start needs new ones; with seed and number a run can be had again.
 */
export function countRun(folder: string): number {
  const file = join(folder, "lab-runs");
  const run = runsIn(file) + 1;
  writeFileSync(file, `${run}\n`);
  return run;
}

function runsIn(file: string): number {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    // A number that cannot be read is not none: a run that is counted anew has parcels of an old one.
    if (isMissing(error)) return 0;
    throw error;
  }
  if (/^[1-9]\d{0,5}\n$/.test(text)) return Number(text);
  throw new Error(`${file} does not hold the number of the last run; name another --data`);
}
