import { join } from "node:path";
import { judgeRestart } from "./centre-restart.ts";
import {
  greensLeft,
  judgeGreens,
  judgeJournals,
  refreshLogs,
  untilGreens,
  withSite,
  type Drill,
} from "./drill.ts";
import { answerIn, factsOf, followJournal, type JournalLog } from "./journal-log.ts";
import { sendManifests } from "./many-manifests.ts";
import { seconds, type Findings } from "./report.ts";
import { pageSocket, type DrillSite } from "./site.ts";
import { namedMsMax } from "./told.ts";
import { pause, until } from "./waiting.ts";

const cutMs = 60_000;
const leaseMs = 15_000;
const rate = 2_400;
const catchUpMsMax = 60_000;
const countsMsMax = 60_000;

export const centreKill: Drill = {
  name: "centre-kill",
  summary: `kill -9 the centre, full of manifests; then once more, down for ${cutMs / 1_000} s`,
  run: (context) =>
    withSite(context, { lines: 2, rate }, async (site) => {
      const { findings, say, manifests } = context;
      say(`the centre is sent ${manifests} manifests`);
      await sendManifests(site.url, manifests);
      await untilGreens(site, 3);
      say("the centre is killed and started anew");
      await judgeRestart(site, manifests, findings);
      const pids = site.lab.agents.map((agent) => agent.pid());
      const watch = await context.watch(site);
      const page = await openSocket(site);
      say("the centre is killed and kept down");
      const cutting = cutCentre(site, cutMs);
      await until(
        "a page hears that it is cut off",
        namedMsMax,
        () => page.readyState === WebSocket.CLOSED,
      );
      findings.check("a page hears that it is cut off", true);
      await pause(namedMsMax);
      await watch.picture("gone");
      const cut = await cutting;
      say("the centre is back");
      await watch.picture("back");
      await watch.close();
      const backAt = Date.now();
      judgeCut(site, cut, findings);
      await judgeCatchUp(site, cut, findings);
      const greenMs = await untilGreens(site, 1, backAt);
      findings.check("parcels go green again", true, `after ${seconds(greenMs)}`);
      findings.check(
        "the agents ran on",
        site.lab.agents.every((agent, index) => agent.pid() === pids[index]),
        `pids ${pids.join(" ")}`,
      );
      await judgeGreens(site, findings);
      await judgeReleases(site, findings);
      await site.stop();
      await judgeJournals(site, findings);
    }),
};

async function openSocket(site: DrillSite): Promise<WebSocket> {
  const socket = pageSocket(site.url);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("/ws: refused")));
  });
  return socket;
}

export interface Cut {
  readonly from: number;
  readonly to: number;
  /** The furthest record of each line's journal when the centre was ready again. */
  readonly lastSeqs: ReadonlyMap<string, number>;
}

/** Killed and held down; resolves when it is ready again. */
export async function cutCentre(site: DrillSite, forMs: number): Promise<Cut> {
  const from = Date.now();
  await site.lab.centre.hold();
  await pause(forMs);
  const to = Date.now();
  await site.lab.centre.start();
  await refreshLogs(site);
  const lastSeqs = new Map([...site.logs].map(([lineId, log]) => [lineId, log.lastSeq()]));
  return { from, to, lastSeqs };
}

/** Without the centre: lines run on, what has its claim goes green while the lease runs. */
export function judgeCut(site: DrillSite, { from, to }: Cut, findings: Findings): void {
  for (const [lineId, log] of site.logs) {
    const during = (at: number): boolean => at >= from && at < to;
    let left = 0;
    let decided = 0;
    let lastGreenMs = 0;
    const late: string[] = [];
    const asked = unansweredClaims(log, from, to);
    const unclaimed: string[] = [];
    for (const { step, fact } of factsOf(log, "left")) {
      if (during(step.event.wallAt)) left += 1;
      if (asked.has(fact.passId) && fact.exit !== "inspection") {
        unclaimed.push(`${fact.passId} left by ${fact.exit}`);
      }
    }
    for (const { step, fact } of factsOf(log, "decided")) {
      if (!during(step.event.wallAt)) continue;
      decided += 1;
      if (fact.exit !== "green") continue;
      lastGreenMs = step.event.wallAt - from;
      if (lastGreenMs > leaseMs) late.push(`${fact.passId} after ${seconds(lastGreenMs)}`);
    }
    findings.check(`${lineId} ran on`, left > 0, `${decided} decided and ${left} left in the cut`);
    findings.none(
      `${lineId}: nothing went green beyond its lease`,
      late,
      `the last after ${seconds(lastGreenMs)}`,
    );
    findings.none(
      `${lineId}: without an answer to its claim a parcel went to inspection`,
      unclaimed,
      `${asked.size} not answered`,
    );
  }
}

/** Passes that asked during the cut and had no answer in their whole journey. */
function unansweredClaims(log: JournalLog, from: number, to: number): ReadonlySet<string> {
  const asked = new Set<string>();
  for (const { event, commands } of log.steps) {
    for (const command of commands) {
      if (command.kind === "claim" && event.wallAt >= from && event.wallAt < to) {
        asked.add(command.passId);
      }
    }
  }
  for (const { event } of log.steps) {
    if (event.kind === "answerTold" || event.kind === "claimAnswer") {
      asked.delete(answerIn(event).passId);
    }
  }
  return asked;
}

/** Everything catches up: the copies and the counts. */
export async function judgeCatchUp(site: DrillSite, cut: Cut, findings: Findings): Promise<void> {
  const healthMs = await until("the centre says that it is ready", catchUpMsMax, async () => {
    return (await site.health()).status === 200;
  });
  findings.check("/healthz is ready again", true, `after ${seconds(healthMs)}`);
  for (const [lineId, log] of site.logs) {
    const wanted = cut.lastSeqs.get(lineId) ?? 0;
    const copy = followJournal(join(site.dataDir, "centre", "copies.db"), `agent-${lineId}`);
    const tookMs = await until(
      `the copy of ${lineId} has record ${wanted}`,
      catchUpMsMax,
      async () => {
        await copy.refresh();
        return copy.lastSeq() >= wanted;
      },
    );
    await log.refresh();
    const differing: string[] = [];
    for (let seq = 1; seq <= copy.lastSeq(); seq += 1) {
      if (copy.hashAt(seq) !== log.hashAt(seq)) differing.push(`record ${seq}`);
    }
    findings.none(
      `the centre's copy of ${lineId} is the journal`,
      differing,
      `${copy.lastSeq()} records, ${wanted} of them within ${seconds(tookMs)}`,
    );
  }
  const counted = await countsAgree(site);
  findings.check("/api/lines counts what the journals saw leave", true, counted);
}

/** Parcels leave all the time, so it is a moment at which both say the same that is waited for. */
async function countsAgree(site: DrillSite): Promise<string> {
  let told = "";
  await until("the counts agree", countsMsMax, async () => {
    await refreshLogs(site);
    const lines = await site.lines();
    told = lines
      .map(
        ({ id, exits }) =>
          `${id} ${exits.green.count} ${exits.red.count} ${exits.inspection.count}`,
      )
      .join(", ");
    return lines.every(({ id, exits }) => {
      const log = site.logs.get(id);
      if (log === undefined) return false;
      const counts = { green: 0, red: 0, inspection: 0 };
      for (const { fact } of factsOf(log, "left")) counts[fact.exit] += 1;
      return (["green", "red", "inspection"] as const).every(
        (exit) => exits[exit].count === counts[exit],
      );
    });
  });
  return `green, red, inspection: ${told}`;
}

/** A waybill is released where a green decision for it was acted on, and nowhere else. */
async function judgeReleases(site: DrillSite, findings: Findings): Promise<void> {
  const released = new Set<string>();
  const seen = new Set<string>();
  for (const log of site.logs.values()) {
    for (const { fact } of factsOf(log, "decided")) {
      if (fact.waybill === null) continue;
      seen.add(fact.waybill);
      if (fact.exit === "green") released.add(fact.waybill);
    }
  }
  const wrong: string[] = [];
  for (const waybill of seen) {
    const state = (await site.story(waybill))?.manifest?.state ?? "unknown";
    if ((state === "RELEASED") !== released.has(waybill)) wrong.push(`${waybill} is ${state}`);
  }
  const greens = [...site.logs.keys()].reduce((sum, line) => sum + greensLeft(site, line), 0);
  findings.none(
    "the centre holds released what went green, and nothing else",
    wrong,
    `${released.size} of ${seen.size} waybills released, ${greens} parcels in green`,
  );
}
