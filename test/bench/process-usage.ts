import { readFileSync } from "node:fs";

/** What a process has used so far, from outside (`proc(5)`). */
export interface ProcessUsage {
  readonly at: number;
  readonly cpuMs: number;
  readonly residentMiB: number;
}

/** `USER_HZ`, which every Linux of today has at 100. */
const msPerTick = 10;
const bytesPerPage = 4_096;

export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may hold spaces; after it the fields are counted from state, 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return {
    at: performance.now(),
    cpuMs: ticks * msPerTick,
    residentMiB: (pages * bytesPerPage) / 2 ** 20,
  };
}

/** Share of one core between two looks, 1 for a whole one. */
export const cpuShareBetween = (before: ProcessUsage, after: ProcessUsage): number =>
  (after.cpuMs - before.cpuMs) / (after.at - before.at);
