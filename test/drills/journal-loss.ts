import { cp, rename } from "node:fs/promises";
import { join } from "node:path";
import { zAgentsAnswer, zGenerationAnswer, zUnsettled } from "../../protocols/ui/http.ts";
import { unfoundedGreens } from "./green-audit.ts";
import {
  greenMsMax,
  greensIn,
  judgeJournals,
  judgeReplay,
  untilGreens,
  withSite,
  type Drill,
  type DrillContext,
} from "./drill.ts";
import { runJournalTool } from "./journal-tool.ts";
import { factsOf, followJournal, type JournalLog } from "./journal-log.ts";
import { seconds } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { judgeNamed, type Naming } from "./told.ts";
import { strayGreens } from "./truth-audit.ts";
import { pause, until } from "./waiting.ts";

const rate = 1_800;
const lineId = "L1";
const agentId = `agent-${lineId}`;
const chain = agentId;
const nextChain = `${agentId}.g2`;
const blindMs = 45_000;
const lostTailMs = 60_000;
const backMsMax = 90_000;

interface Loss {
  readonly name: string;
  readonly summary: string;
  /** While the agent is down: its folder is what it was not before. */
  lose(folder: string, backup: string, old: string): Promise<void>;
  /** Whether the old disk can be read again. */
  readonly isFound: boolean;
}

const losses: readonly Loss[] = [
  {
    name: "journal-lost",
    summary: "put an empty disk into a line agent, and find the old one again",
    lose: (folder, _backup, old) => rename(folder, old),
    isFound: true,
  },
  {
    name: "journal-restored",
    summary: `restore a line agent's disk from ${lostTailMs / 1_000} s ago`,
    async lose(folder, backup, old) {
      await rename(folder, old);
      await rename(backup, folder);
    },
    isFound: false,
  },
];

export const journalLosses: readonly Drill[] = losses.map((loss) => ({
  name: loss.name,
  summary: loss.summary,
  run: (context) => withSite(context, { lines: 2, rate }, (site) => drill(site, loss, context)),
}));

async function drill(site: DrillSite, loss: Loss, context: DrillContext): Promise<void> {
  const { findings, say } = context;
  const folder = join(site.dataDir, agentId);
  const [backup, old] = [`${folder}-backup`, `${folder}-old`];
  const agent = site.agentOf(lineId);
  await untilGreens(site, 2);
  await agent.hold();
  await cp(folder, backup, { recursive: true });
  const before = await readLog(join(backup, "journal.db"), chain);
  await agent.start();
  const backedUpAt = Date.now();
  await pause(lostTailMs);
  await untilGreens(site, 2, backedUpAt);

  await agent.hold();
  await loss.lose(folder, backup, old);
  const lost = await readLog(join(old, "journal.db"), chain);
  const released = waybillsReleased(lost);
  const inTail = waybillsReleased(lost, backedUpAt).size;
  findings.check("there are greens in the lost tail", inTail > 0, `${inTail} of ${released.size}`);
  await agent.start();
  say("the agent is back, with another journal");
  await judgeNamed(site, journalNaming, findings);
  await judgeAtLine(site, context);
  await context.picture(site, "not-taken");
  await pause(blindMs);
  const fork = await readLog(join(folder, "journal.db"), chain);
  const isRestored = fork.hashAt(1) === before.hashAt(1);
  const forked = stepsBehind(fork, isRestored ? before.lastSeq() : 0);
  const greens = waybillsReleased(forked);
  findings.none("nothing goes green while nobody hears it", [...greens], `in ${seconds(blindMs)}`);

  await judgeAct(site, context);
  await judgeKept(site, released, context);
  if (loss.isFound) await judgeFound(site, { old, lost }, context);
  const next = await untilBack(site, context);
  const again = [...waybillsReleased(next)].filter((waybill) => released.has(waybill));
  findings.none("no waybill of the lost journal is released again", again, `${released.size} were`);
  const logs = [["old", lost] as const, ["unheard", forked] as const, ["new", next] as const];
  for (const [name, log] of logs) {
    findings.none(
      `${name} journal: each green is borne out by evidence`,
      unfoundedGreens(log.steps),
    );
  }
  const strays = strayGreens(site.witness(), lineId, joined([lost, forked, next]));
  findings.none("each body in green was released by a decision", strays);
  await site.stop();
  await judgeJournals(site, findings);
  await judgeReplay("the lost journal", join(old, "journal.db"), findings);
}

const journalNaming: Naming = {
  onPage: ({ line, alarm }) => {
    const [told] = Object.values(alarm).filter(({ code }) => code.startsWith("journal"));
    const isAtLine = line[lineId]?.conditions.includes("journalNotTaken") === true;
    return told !== undefined && isAtLine ? `${told.lineId} ${told.code}` : null;
  },
  inHealth: ({ reasons }) => reasons.find((why) => why.startsWith(`journal of ${agentId}`)) ?? null,
};

/** At the line that it is, and at no other. */
async function judgeAtLine(site: DrillSite, { findings }: DrillContext): Promise<void> {
  const { alarm } = await site.scene();
  const elsewhere = Object.values(alarm)
    .filter(({ code, lineId: at }) => code.startsWith("journal") && at !== lineId)
    .map(({ code, lineId: at }) => `${at} ${code}`);
  findings.none("no other line is told of it", elsewhere);
}

async function judgeAct(site: DrillSite, { findings, say }: DrillContext): Promise<void> {
  const word = { askedBy: "zhou", station: "office", reason: "the disk was exchanged" };
  const answer = await post(site, `/api/agents/${agentId}/generation`, word);
  const { generation, beginsInMs } = zGenerationAnswer.parse(answer);
  say(`generation ${generation} begins in ${seconds(beginsInMs)}`);
  const tookMs = await until("the journal is taken again", backMsMax, async () => {
    const agents = zAgentsAnswer.parse(await get(site, "/api/agents"));
    const own = agents.find((each) => each.agentId === agentId);
    return own?.chain === nextChain && own.standing === "taken";
  });
  findings.check("the new generation is taken", true, `after ${seconds(tookMs)}`);
  const readyMs = await until("/healthz is ready", backMsMax, async () => {
    return (await site.health()).status === 200;
  });
  findings.check("/healthz is ready again", true, `after ${seconds(tookMs + readyMs)}`);
}

/** What went green is released at the centre, or refused until somebody settles it. */
async function judgeKept(
  site: DrillSite,
  released: ReadonlySet<string>,
  { findings }: DrillContext,
): Promise<void> {
  const refused = await unsettled(site);
  const free: string[] = [];
  for (const waybill of released) {
    if (refused.has(waybill) || (await isReleased(site, waybill))) continue;
    free.push(waybill);
  }
  findings.none(
    "each green of the lost journal is released at the centre, or unsettled",
    free,
    `${refused.size} unsettled`,
  );
}

/** The old disk is read after all: what it tells of is settled by it. */
async function judgeFound(
  site: DrillSite,
  { old, lost }: { readonly old: string; readonly lost: JournalLog },
  { findings }: DrillContext,
): Promise<void> {
  const by = ["--centre", site.url, "--by", "zhou", "--station", "office", "--complete"];
  const { code, text } = await runJournalTool(["bring-in", join(old, "journal.db"), ...by]);
  const isWhole = code === 0 && text.includes(` ${lost.lastSeq()} are held`);
  findings.check("the old disk is brought in to its end", isWhole, text);
  const refused = await unsettled(site);
  const missing: string[] = [];
  const told = new Set<string>();
  for (const { fact } of factsOf(lost, "identified")) told.add(fact.waybill);
  const open = [...told].filter((waybill) => refused.has(waybill));
  for (const waybill of waybillsReleased(lost)) {
    if (!(await isReleased(site, waybill))) missing.push(waybill);
  }
  findings.none("what the old disk tells of is settled", open, `${refused.size} others are not`);
  findings.none("what it released is released at the centre", missing);
}

async function untilBack(site: DrillSite, { findings }: DrillContext): Promise<JournalLog> {
  const log = followJournal(join(site.dataDir, agentId, "journal.db"), nextChain);
  const tookMs = await until("parcels go green again", greenMsMax, async () => {
    await log.refresh();
    return greensIn(log) >= 2;
  });
  findings.check("the line is back: parcels go green", true, `after ${seconds(tookMs)}`);
  return log;
}

async function readLog(file: string, name: string): Promise<JournalLog> {
  const log = followJournal(file, name);
  await log.refresh();
  return log;
}

type Steps = Pick<JournalLog, "steps" | "runsOpenedAt">;

function waybillsReleased(log: Pick<JournalLog, "steps">, since = 0): Set<string> {
  const released = new Set<string>();
  for (const { step, fact } of factsOf(log, "decided")) {
    if (fact.exit !== "green" || fact.waybill === null || step.event.wallAt < since) continue;
    released.add(fact.waybill);
  }
  return released;
}

/** What was written behind that record, in runs counted from 0. */
function stepsBehind(log: JournalLog, seq: number): Steps {
  const steps = log.steps.filter((step) => step.seq > seq);
  const first = steps[0]?.run ?? 0;
  return {
    steps: steps.map((step) => ({ ...step, run: step.run - first })),
    runsOpenedAt: log.runsOpenedAt.slice(first),
  };
}

/** One after the other, as if they were one journal. */
function joined(logs: readonly Steps[]): JournalLog {
  const steps: JournalLog["steps"][number][] = [];
  const runsOpenedAt: number[] = [];
  for (const log of logs) {
    const runs = runsOpenedAt.length;
    steps.push(...log.steps.map((step) => ({ ...step, run: step.run + runs })));
    runsOpenedAt.push(...log.runsOpenedAt);
  }
  return {
    steps,
    runsOpenedAt,
    lastSeq: () => steps.length,
    hashAt: () => null,
    refresh: () => Promise.resolve(),
  };
}

async function unsettled(site: DrillSite): Promise<ReadonlySet<string>> {
  const waybills = zUnsettled.parse(await get(site, "/api/unsettled"));
  return new Set(waybills.map(({ waybill }) => waybill));
}

const isReleased = async (site: DrillSite, waybill: string): Promise<boolean> =>
  (await site.story(waybill))?.manifest?.state === "RELEASED";

async function get(site: DrillSite, path: string): Promise<unknown> {
  return answerOf(path, await fetch(`${site.url}${path}`));
}

async function post(site: DrillSite, path: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json", "sortline-role": "supervisor" };
  const response = await fetch(`${site.url}${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return answerOf(path, response);
}

async function answerOf(path: string, response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
  return body;
}
