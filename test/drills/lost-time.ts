import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  greenMsMax,
  judgeGreens,
  judgeJournals,
  refreshLogs,
  untilGreens,
  withSite,
  type Drill,
} from "./drill.ts";
import { factsOf } from "./journal-log.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { pause, until } from "./waiting.ts";

const rate = 1_800;
const toldMsMax = 5_000;
const backMsMax = 60_000;
const lineId = "L1";

/** Whether an alarm of this code stands on the page. */
async function isOnPage(site: DrillSite, code: string): Promise<boolean> {
  const { alarm } = await site.scene();
  return Object.values(alarm).some((each) => each.code === code && each.state === "active");
}

async function judgeReady(site: DrillSite, since: number, findings: Findings): Promise<void> {
  const readyMs = await until("/healthz is ready", backMsMax, async () => {
    return (await site.health()).status === 200;
  });
  findings.check("/healthz is ready again", true, `after ${seconds(readyMs)}`);
  await untilGreens(site, 2, since);
  const greenMs = Date.now() - since;
  findings.check(
    "parcels go green again",
    greenMs <= greenMsMax,
    `two a line in ${seconds(greenMs)}`,
  );
}

const stoppedMs = 180_000;

export const agentStopped: Drill = {
  name: "agent-stopped",
  summary: `stop a line agent's process for ${stoppedMs / 1_000} s, and let it go on`,
  run: (context) =>
    withSite(context, { lines: 2, rate }, async (site) => {
      const { findings, say } = context;
      await untilGreens(site, 2);
      const pid = site.agentOf(lineId).pid();
      if (pid === undefined) throw new Error("the agent does not run");
      const stoppedAt = Date.now();
      process.kill(pid, "SIGSTOP");
      say(`agent-${lineId} stands still`);
      try {
        await judgeStandstill(site, findings);
        await pause(Math.max(0, stoppedAt + stoppedMs - Date.now()));
      } finally {
        process.kill(pid, "SIGCONT");
      }
      const wokenAt = Date.now();
      say(`agent-${lineId} goes on`);
      const brokenMs = await until("the page says that time broke", toldMsMax, () =>
        isOnPage(site, "timeBreak"),
      );
      findings.check("the page says that time broke", true, `after ${seconds(brokenMs)}`);
      await until("/healthz says so", toldMsMax, async () => {
        return (await site.health()).timeBreaks.includes(lineId);
      });
      findings.check("/healthz says that time broke", true, lineId);
      await judgeReady(site, wokenAt, findings);
      await until("the break is over on the page", greenMsMax, async () => {
        return !(await isOnPage(site, "timeBreak"));
      });
      findings.check("the break is over once the belt has run out", true);
      await judgeBreak(site, findings);
      findings.check("nobody was started anew", site.agentOf(lineId).pid() === pid);
      await judgeGreens(site, findings);
      await site.stop();
      await judgeJournals(site, findings);
    }),
};

async function judgeStandstill(site: DrillSite, findings: Findings): Promise<void> {
  const toldMs = await until("the page says that the line is not heard", toldMsMax * 2, () =>
    isOnPage(site, "lineNotHeard"),
  );
  findings.check("the page says that the line is not heard", true, `after ${seconds(toldMs)}`);
  const { reasons } = await site.health();
  const isNamed = reasons.some((reason) => reason.includes(`agent-${lineId}`));
  findings.check("/healthz names the agent", isNamed, reasons.join("; "));
}

/** The journal has the break, and nobody who was on the belt then left by green. */
async function judgeBreak(site: DrillSite, findings: Findings): Promise<void> {
  await refreshLogs(site);
  const log = site.logs.get(lineId);
  if (log === undefined) return;
  const longest = log.steps.flatMap(({ event }) =>
    event.kind === "timeBreak" && event.byMs > stoppedMs / 2 ? [event] : [],
  );
  findings.check(
    "the journal has the break",
    longest.length > 0,
    longest.map(({ why, byMs }) => `${why} ${seconds(byMs)}`).join(", "),
  );
  const doubted = new Set<string>();
  for (const { fact } of factsOf(log, "reasonRaised")) {
    if (fact.reason.code === "timeBreak") doubted.add(fact.passId);
  }
  const green = [...factsOf(log, "left")].flatMap(({ fact }) =>
    doubted.has(fact.passId) && fact.exit === "green" && fact.expected !== "green"
      ? [fact.passId]
      : [],
  );
  findings.none("no parcel in doubt by it is in green", green, `${doubted.size} in doubt`);
}

const aheadMs = 8 * 3_600_000;
const aheadForMs = 60_000;

export const calendarJump: Drill = {
  name: "calendar-jump",
  summary: `move the centre's calendar by ${aheadMs / 3_600_000} h, and back after ${aheadForMs / 1_000} s`,
  run: async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "sortline-calendar-"));
    const file = join(folder, "offset-ms");
    const before = process.env["NODE_OPTIONS"];
    try {
      await writeFile(file, "0");
      const preload = new URL("./calendar-offset.ts", import.meta.url).href;
      process.env["SORTLINE_DRILL_CALENDAR"] = file;
      process.env["NODE_OPTIONS"] = `${before ?? ""} --import ${preload}`.trim();
      await withSite(context, { lines: 2, rate }, async (site) => {
        await jump(site, file, context.findings, context.say);
      });
    } finally {
      delete process.env["SORTLINE_DRILL_CALENDAR"];
      if (before === undefined) delete process.env["NODE_OPTIONS"];
      else process.env["NODE_OPTIONS"] = before;
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function jump(
  site: DrillSite,
  file: string,
  findings: Findings,
  say: (text: string) => void,
): Promise<void> {
  await untilGreens(site, 2);
  const jumpedAt = Date.now();
  await writeFile(file, String(aheadMs));
  say("the centre's calendar is ahead");
  const toldMs = await until("/healthz says that the calendar jumped", toldMsMax, async () => {
    return (await site.health()).calendar?.why === "jumped";
  });
  findings.check("/healthz says that the calendar jumped", true, `after ${seconds(toldMs)}`);
  await until("the page says so", toldMsMax, () => isOnPage(site, "calendarUnproved"));
  findings.check("the page says so", true, `after ${seconds(Date.now() - jumpedAt)}`);
  await pause(Math.max(0, jumpedAt + aheadForMs - Date.now()));
  const still = (await site.health()).calendar;
  findings.check(
    "it is doubted as long as it is ahead",
    still?.byMs !== undefined,
    String(still?.byMs),
  );
  await writeFile(file, "0");
  const backAt = Date.now();
  say("the centre's calendar is back");
  const overMs = await until("nobody doubts the calendar any more", toldMsMax, async () => {
    const { calendar } = await site.health();
    return calendar === undefined && !(await isOnPage(site, "calendarUnproved"));
  });
  findings.check("nobody doubts the calendar any more", true, `after ${seconds(overMs)}`);
  await judgeReady(site, backAt, findings);
  await judgeWaits(site, findings);
  await judgeGreens(site, findings);
  await site.stop();
  await judgeJournals(site, findings);
}

/** Of every parcel that the belts have seen: its manifest was not ended by a wait. */
async function judgeWaits(site: DrillSite, findings: Findings): Promise<void> {
  const waybills = new Set(site.witness().journeys.flatMap(({ labels }) => labels));
  const ended: string[] = [];
  let looked = 0;
  for (const waybill of waybills) {
    const manifest = (await site.story(waybill))?.manifest;
    if (manifest === undefined || manifest === null) continue;
    looked += 1;
    const isEnded = manifest.openReasons.some(
      ({ code, params }) =>
        (code === "comparisonFailed" && params?.["missing"] !== undefined) ||
        (code === "notActivated" && params?.["why"] === "expired"),
    );
    if (isEnded) ended.push(waybill);
  }
  findings.none("no manifest was ended by a wait", ended, `${looked} manifests`);
}
