import { refreshLogs } from "./drill.ts";
import { factsOf, type JournalLog, type LoggedStep } from "./journal-log.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { until } from "./waiting.ts";

/** From the kill to the first green that a lease of the new centre allowed. */
const greenAgainMsMax = 6_000;
/** No line is given up sooner: what was measured is told, also beyond its limit. */
const waitMsMax = 300_000;

/**
 * Killed and started anew at once, as a supervisor does it, while parcels run. A lease outlives a
 * short outage, so that a green of before proves nothing: what counts is the first under a lease
 * of the centre that has come back.
 */
export async function judgeRestart(
  site: DrillSite,
  manifests: number,
  findings: Findings,
): Promise<void> {
  await refreshLogs(site);
  const before = new Map([...site.logs].map(([lineId, { steps }]) => [lineId, steps.length]));
  const streams = new Set([...site.logs.values()].flatMap(({ steps }) => steps.map(leasedBy)));
  const killedAt = Date.now();
  await site.lab.centre.hold();
  await site.lab.centre.start();
  const backAt = Date.now();
  const backMs = backAt - killedAt;
  findings.check(
    "the centre is back",
    true,
    `${seconds(backMs)}, ${manifests} manifests sent before`,
  );
  for (const [lineId, log] of site.logs) {
    await until(`${lineId} goes green again`, waitMsMax, async () => {
      await log.refresh();
      return greenAgainAt(log, streams) !== null;
    });
    const greenMs = (greenAgainAt(log, streams) ?? Number.POSITIVE_INFINITY) - killedAt;
    findings.check(
      `${lineId} is green again within ${seconds(greenAgainMsMax)}`,
      greenMs <= greenAgainMsMax,
      seconds(greenMs),
    );
  }
  for (const [lineId, log] of site.logs) {
    // Whoever came after the return is decided, so everybody is who asked during the outage.
    await until(`what came after is decided on ${lineId}`, waitMsMax, async () => {
      await log.refresh();
      return hasDecidedOneOf(log, backAt);
    });
    const { decided, unclaimed } = decisionsSince(log, before.get(lineId) ?? 0);
    findings.none(
      `${lineId}: every parcel has had the answer to its claim`,
      unclaimed,
      `${decided} decided since, 0 claimMissing`,
    );
  }
}

/** The stream of a message that grants a lease; null for every other step. */
function leasedBy({ machine, event }: LoggedStep): string | null {
  if (machine !== "clearance" || event.kind !== "clearance") return null;
  const { message } = event;
  return "leaseMs" in message && message.leaseMs > 0 ? message.stream : null;
}

/** Calendar time of the first green decision behind a lease of a stream that was not known. */
function greenAgainAt({ steps }: JournalLog, known: ReadonlySet<string | null>): number | null {
  let isLeased = false;
  for (const step of steps) {
    const stream = leasedBy(step);
    isLeased ||= stream !== null && !known.has(stream);
    const isGreen = step.facts.some((fact) => fact.kind === "decided" && fact.exit === "green");
    if (isLeased && isGreen) return step.event.wallAt;
  }
  return null;
}

function hasDecidedOneOf(log: JournalLog, inductedSince: number): boolean {
  const inducted = new Set<string>();
  for (const { step, fact } of factsOf(log, "inducted")) {
    if (step.event.wallAt >= inductedSince) inducted.add(fact.passId);
  }
  return [...factsOf(log, "decided")].some(({ fact }) => inducted.has(fact.passId));
}

function decisionsSince(
  { steps }: JournalLog,
  from: number,
): { readonly decided: number; readonly unclaimed: readonly string[] } {
  let decided = 0;
  const unclaimed: string[] = [];
  for (const { fact } of factsOf({ steps: steps.slice(from) }, "decided")) {
    decided += 1;
    const isMissing = fact.reasons.some(({ code }) => code === "claimMissing");
    if (isMissing) unclaimed.push(`${fact.passId} went to ${fact.exit}`);
  }
  return { decided, unclaimed };
}
