import { join } from "node:path";
import { replayFile, verifyFile } from "./journal-tool.ts";
import { factsOf, type JournalLog } from "./journal-log.ts";
import type { Findings } from "./report.ts";
import { startDrillSite, type DrillSite, type DrillSiteOptions } from "./site.ts";
import { unfoundedGreens } from "./green-audit.ts";
import { strayGreens, unjournalledDiverts } from "./truth-audit.ts";
import { until } from "./waiting.ts";

export interface Drill {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  run(context: DrillContext): Promise<void>;
}

export interface DrillContext {
  readonly seed: number;
  /** Manifests that a drill of the centre sends it before it is killed. */
  readonly manifests: number;
  /** So long two sites are watched on one broker. */
  readonly minutes: number;
  readonly findings: Findings;
  /** Progress. */
  readonly say: (text: string) => void;
  /** Keeps what a page shows that is opened now, where pictures are wanted. */
  readonly picture: (site: DrillSite, name: string) => Promise<void>;
  /** A page that stays open, for what it shows later. */
  readonly watch: (site: DrillSite) => Promise<Watch>;
}

export interface Watch {
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

/** From the first parcel's documents to its exit a minute, and as much again on a busy machine. */
export const greenMsMax = 180_000;

/** The site is stopped and its folder removed whatever happens. */
export async function withSite(
  context: DrillContext,
  options: Omit<DrillSiteOptions, "say" | "seed">,
  work: (site: DrillSite) => Promise<void>,
): Promise<void> {
  const site = await startDrillSite({ ...options, seed: context.seed, say: context.say });
  context.say(`${site.url}, data in ${site.dataDir}`);
  try {
    await work(site);
  } finally {
    await site.remove();
  }
}

/** Parcels that a line's journal saw leave by green, at or after a calendar time. */
export function greensLeft(site: DrillSite, lineId: string, since = 0): number {
  const log = site.logs.get(lineId);
  return log === undefined ? 0 : greensIn(log, since);
}

export function greensIn(log: Pick<JournalLog, "steps">, since = 0): number {
  let total = 0;
  for (const { step, fact } of factsOf(log, "left")) {
    if (fact.exit === "green" && step.event.wallAt >= since) total += 1;
  }
  return total;
}

/** Resolves with how long it took until each line had so many greens since then. */
export function untilGreens(site: DrillSite, count: number, since = 0): Promise<number> {
  const { lineIds } = site.lab.plan;
  return until(`${count} parcels in green on each line`, greenMsMax, async () => {
    await refreshLogs(site);
    return lineIds.every((lineId) => greensLeft(site, lineId, since) >= count);
  });
}

export async function refreshLogs(site: DrillSite): Promise<void> {
  for (const log of site.logs.values()) await log.refresh();
}

/** Law 1 and law 5, over everything that has happened so far. */
export async function judgeGreens(site: DrillSite, findings: Findings): Promise<void> {
  // The journal first: what the world tells later than that is judged the next time.
  await refreshLogs(site);
  const witness = site.witness();
  await refreshLogs(site);
  const unfounded: string[] = [];
  const stray: string[] = [];
  const unjournalled: string[] = [];
  let greens = 0;
  for (const [lineId, log] of site.logs) {
    unfounded.push(...unfoundedGreens(log.steps));
    stray.push(...strayGreens(witness, lineId, log));
    unjournalled.push(...unjournalledDiverts(witness, lineId, log));
    greens += greensLeft(site, lineId);
  }
  const inGreen = witness.journeys.filter(({ end }) => end?.exit === "green").length;
  findings.none("each green is borne out by journalled evidence", unfounded, `${greens} left`);
  findings.none("each body in green was released by that decision", stray, `${inGreen} bodies`);
  findings.none(
    "each divert that the sorter took is journalled with its decision",
    unjournalled,
    `${witness.accepted.length} taken, ${witness.fired.length} fired`,
  );
}

/** What a drill ends with, the site's processes included. */
export async function judgeEnd(site: DrillSite, findings: Findings): Promise<void> {
  await judgeGreens(site, findings);
  await site.stop();
  await judgeJournals(site, findings);
}

/** After the site was stopped: every chain is whole, and every decision can be derived again. */
export async function judgeJournals(site: DrillSite, findings: Findings): Promise<void> {
  const files = site.lab.plan.lineIds.map((lineId) => ({
    name: `journal of agent-${lineId}`,
    file: join(site.dataDir, `agent-${lineId}`, "journal.db"),
  }));
  files.push({ name: "the centre's copies", file: join(site.lab.centreDir, "copies.db") });
  for (const { name, file } of files) {
    const verified = await verifyFile(site.dataDir, file);
    findings.check(`${name}: verify is clean`, verified.code === 0, verified.text);
    await judgeReplay(name, file, findings);
  }
  await judgeDocuments(site, findings);
}

export async function judgeReplay(name: string, file: string, findings: Findings): Promise<void> {
  const { code, text } = await replayFile(file);
  const isSame = code === 0 && text.includes(" 0 differences");
  findings.check(`${name}: replay shows 0 differences`, isSame, text);
}

/** The centre decides nothing about a belt; what its own journal derives again is of documents. */
async function judgeDocuments({ dataDir, lab }: DrillSite, findings: Findings): Promise<void> {
  const name = "the centre's own journal";
  const folder = lab.centreDir;
  const file = join(folder, "centre.db");
  const own = await verifyFile(dataDir, file);
  findings.check(`${name}: verify is clean`, own.code === 0, own.text);
  const { code, text } = await replayFile(file, join(folder, "draw-keys.jsonl"));
  const isWhole = / [1-9]\d* judgments of documents were derived again/.test(text);
  const isSame = code === 0 && text.includes(" 0 differences") && !text.includes("not derived");
  findings.check(`${name}: documents are judged as they were`, isSame && isWhole, text);
}
