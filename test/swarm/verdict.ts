import type { RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";

/** Without faults at least this share of what may be released is, and of licence parcels red. */
const livenessMin = 0.999;

export const hasNoFaults = ({ faultPlan }: RunOptions): boolean =>
  Object.keys(faultPlan).length === 0;

export const isQuiet = (options: RunOptions): boolean =>
  hasNoFaults(options) && options.readerLag === null;

/** What is wrong with a run; empty when nothing is. */
export function faultsOf(result: RunResult, options: RunOptions): string[] {
  const wrong = [
    ...result.wrongCommands.map((each) => `commanded to green without evidence: ${each}`),
    ...result.wrongGreens.map((each) => `in green without evidence: ${each}`),
    ...result.broken,
  ];
  if (!isQuiet(options)) return wrong;
  const { releasable, licence } = result;
  // What nothing binds is not released; what lacks a licence only may not be told from it, either.
  if (options.binding === "none") return wrong;
  if (releasable.green < releasable.total * livenessMin) {
    wrong.push(`only ${releasable.green} of ${releasable.total} releasable parcels went green`);
  }
  if (licence.red < licence.total * livenessMin) {
    wrong.push(`only ${licence.red} of ${licence.total} licence parcels went red`);
  }
  const alarmed = alarmedOf(result);
  if (alarmed > 0) wrong.push(`${alarmed} unexpected in green though nothing was broken`);
  return wrong;
}

export const alarmedOf = ({ alarmedGreens }: RunResult): number =>
  Object.values(alarmedGreens).reduce((sum, count) => sum + count, 0);
