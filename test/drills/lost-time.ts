import { judgeDoubted } from "./doubted.ts";
import {
  greenMsMax,
  judgeEnd,
  refreshLogs,
  untilGreens,
  withSite,
  type Drill,
  type DrillContext,
} from "./drill.ts";
import { withMovedClocks, type ClockOffsets } from "./moved-clocks.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { alarmNaming, judgeBack, judgeNamed, judgeOver, type Naming } from "./told.ts";
import { pause } from "./waiting.ts";

const rate = 1_800;
const hourMs = 3_600_000;

const stoppedMs = 180_000;
const stoppedLine = "L1";

/** Nobody is heard, so that the centre has to see it for itself. */
const silence: Naming = {
  onPage: ({ line }) => (line[stoppedLine]?.isHeard === false ? `${stoppedLine} not heard` : null),
  inHealth: ({ reasons }) => reasons.find((why) => why.includes(`agent-${stoppedLine}`)) ?? null,
};

const brokenTime = (lineIds: readonly string[]): Naming => {
  const { onPage } = alarmNaming("timeBreak", lineIds);
  return {
    onPage,
    inHealth: ({ timeBreaks }) =>
      lineIds.every((lineId) => timeBreaks.includes(lineId)) ? timeBreaks.join(" ") : null,
  };
};

export const agentStopped: Drill = {
  name: "agent-stopped",
  summary: `stop a line agent's process for ${stoppedMs / 1_000} s, and let it go on`,
  run: (context) =>
    withSite(context, { lines: 2, rate }, async (site) => {
      const { findings, say } = context;
      await untilGreens(site, 2);
      const pid = site.agentOf(stoppedLine).pid();
      if (pid === undefined) throw new Error("the agent does not run");
      const stoppedAt = Date.now();
      process.kill(pid, "SIGSTOP");
      say(`agent-${stoppedLine} stands still`);
      try {
        await judgeNamed(site, silence, findings);
        await context.picture(site, "standstill");
        await pause(Math.max(0, stoppedAt + stoppedMs - Date.now()));
      } finally {
        process.kill(pid, "SIGCONT");
      }
      const wokenAt = Date.now();
      say(`agent-${stoppedLine} goes on`);
      const naming = brokenTime([stoppedLine]);
      await judgeNamed(site, naming, findings);
      await context.picture(site, "goes-on");
      await judgeBack(site, findings, wokenAt);
      await judgeOver(site, naming, findings, greenMsMax);
      await judgeBreaks(site, [stoppedLine], { why: "stalled", msMin: stoppedMs / 2, findings });
      findings.check("nobody was started anew", site.agentOf(stoppedLine).pid() === pid);
      await judgeEnd(site, findings);
    }),
};

interface BreakWanted {
  readonly why: "slept" | "stalled";
  readonly msMin: number;
  readonly findings: Findings;
}

/** The journals have the break, and nobody who was on the belt then left by green. */
async function judgeBreaks(
  site: DrillSite,
  lineIds: readonly string[],
  { why, msMin, findings }: BreakWanted,
): Promise<void> {
  await refreshLogs(site);
  for (const lineId of lineIds) {
    const steps = site.logs.get(lineId)?.steps ?? [];
    const breaks = steps.flatMap(({ machine, event }) =>
      machine === "line" && event.kind === "timeBreak" && event.byMs > msMin ? [event] : [],
    );
    const told = breaks.map((each) => `${each.why} ${seconds(each.byMs)}`).join(", ");
    const isSo = breaks.length === 1 && breaks[0]?.why === why;
    findings.check(`the journal of ${lineId} has the break, once`, isSo, told);
  }
  // A standstill concerns only those at the readers, and nobody need be there.
  const min = why === "slept" ? lineIds.length : 0;
  await judgeDoubted(site, "timeBreak", { lineIds, min, findings });
}

const aheadMs = 8 * hourMs;
const aheadForMs = 60_000;

const unprovedCalendar: Naming = {
  onPage: alarmNaming("calendarUnproved", ["L1"]).onPage,
  inHealth: ({ calendar }) =>
    calendar === undefined ? null : `${calendar.why} ${seconds(calendar.byMs)}`,
};

export const calendarJump: Drill = {
  name: "calendar-jump",
  summary: `move the centre's calendar by ${aheadMs / hourMs} h, and back after ${aheadForMs / 1_000} s`,
  run: (context) =>
    withMovedClocks(["centre"], (move) =>
      withSite(context, { lines: 2, rate }, (site) => jump(site, move, context)),
    ),
};

type Move = (offsets: ClockOffsets) => Promise<void>;

async function jump(site: DrillSite, move: Move, context: DrillContext): Promise<void> {
  const { findings, say } = context;
  await untilGreens(site, 2);
  const jumpedAt = Date.now();
  await move({ calendarMs: aheadMs, bootMs: 0 });
  say("the centre's calendar is ahead");
  await judgeNamed(site, unprovedCalendar, findings);
  await context.picture(site, "ahead");
  await pause(Math.max(0, jumpedAt + aheadForMs - Date.now()));
  const still = unprovedCalendar.inHealth(await site.health());
  findings.check("it is doubted as long as it is ahead", still !== null, still ?? "");
  await move({ calendarMs: 0, bootMs: 0 });
  const backAt = Date.now();
  say("the centre's calendar is back");
  await judgeOver(site, unprovedCalendar, findings);
  await judgeBack(site, findings, backAt);
  await judgeWaits(site, findings);
  await judgeEnd(site, findings);
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

const sleptMs = 8 * hourMs;

/**
 * The machine with everything on it: its calendar and the clock that counts through a sleep are
 * further, the monotonic clock is where it was. For the world no time has passed, as if everything
 * around the belt had stood still too: that is the worst case, since all evidence still fits.
 */
export const suspend: Drill = {
  name: "suspend",
  summary: `suspend the machine that all of it runs on for ${sleptMs / hourMs} h`,
  run: (context) =>
    withMovedClocks(["centre", "world", "agent-L1", "agent-L2"], (move) =>
      withSite(context, { lines: 2, rate }, (site) => sleep(site, move, context)),
    ),
};

async function sleep(site: DrillSite, move: Move, context: DrillContext): Promise<void> {
  const { findings, say } = context;
  const { lineIds } = site.lab.plan;
  await untilGreens(site, 2);
  const pids = site.lab.agents.map((agent) => agent.pid()).join(" ");
  await move({ calendarMs: sleptMs, bootMs: sleptMs });
  const wokenAt = Date.now() + sleptMs;
  say("everybody has slept");
  const naming = brokenTime(lineIds);
  await judgeNamed(site, naming, findings);
  await context.picture(site, "woken");
  const { calendar } = await site.health();
  findings.check("nobody doubts the calendar for it", calendar === undefined, calendar?.why);
  await judgeBack(site, findings, wokenAt);
  await judgeOver(site, naming, findings, greenMsMax);
  await judgeBreaks(site, lineIds, { why: "slept", msMin: sleptMs / 2, findings });
  const after = site.lab.agents.map((agent) => agent.pid()).join(" ");
  findings.check("nobody was started anew", after === pids, pids);
  await judgeWaits(site, findings);
  await judgeEnd(site, findings);
}
