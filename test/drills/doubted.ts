import { refreshLogs } from "./drill.ts";
import { factsOf, type JournalLog } from "./journal-log.ts";
import type { Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";

interface Doubted {
  readonly lineIds: readonly string[];
  /** So many it must have befallen. */
  readonly min: number;
  readonly findings: Findings;
}

/** Of these lines: nobody whom this reason befell, and who was not on the way into green, is in it. */
export async function judgeDoubted(
  site: DrillSite,
  code: string,
  { lineIds, min, findings }: Doubted,
): Promise<void> {
  await refreshLogs(site);
  const green: string[] = [];
  let total = 0;
  for (const lineId of lineIds) {
    const log = site.logs.get(lineId);
    if (log === undefined) continue;
    const doubted = passesWith(log, code);
    total += doubted.size;
    for (const { fact } of factsOf(log, "left")) {
      if (!doubted.has(fact.passId) || fact.exit !== "green" || fact.expected === "green") continue;
      green.push(fact.passId);
    }
  }
  findings.check(`parcels were in doubt: ${code}`, total >= min, `${total}`);
  findings.none("none of them is in green", green);
}

function passesWith(log: JournalLog, code: string): ReadonlySet<string> {
  const passes = new Set<string>();
  for (const { fact } of factsOf(log, "reasonRaised")) {
    if (fact.reason.code === code) passes.add(fact.passId);
  }
  return passes;
}
