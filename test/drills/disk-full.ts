import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, rm, rmdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AlarmCode } from "../../protocols/alarms.ts";
import {
  greenMsMax,
  judgeEnd,
  refreshLogs,
  untilGreens,
  withSite,
  type Drill,
  type DrillContext,
} from "./drill.ts";
import { factsOf } from "./journal-log.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { alarmNaming, judgeNamed, type Naming } from "./told.ts";
import { pause, until } from "./waiting.ts";

const run = promisify(execFile);

const rate = 1_200;
const lineId = "L1";
const agentId = `agent-${lineId}`;
/** Enough for some minutes of images and journal, and small beside any machine's memory. */
const diskMebibytes = 96;
/** The log beside the journal has room of its own for a while. */
const leftMsMax = 300_000;
const leftForMs = 20_000;
const backMsMax = 90_000;

export const diskFull: Drill = {
  name: "disk-full",
  summary: "fill a line agent's disk until it has to leave, and make room again",
  run: async (context) => {
    const disk = await mkdtemp(join(tmpdir(), "sortline-disk-"));
    const refusal = await mountSmallDisk(disk);
    if (refusal !== null) {
      await rmdir(disk);
      return context.findings.check(
        "skipped: it needs a small disk of its own, and none can be mounted here",
        true,
        refusal,
      );
    }
    try {
      const prepare = async (dataDir: string): Promise<void> => {
        await mkdir(join(disk, agentId));
        await symlink(join(disk, agentId), join(dataDir, agentId));
      };
      await withSite(context, { lines: 1, rate, prepare }, async (site) => {
        await fillUp(site, join(disk, "filler"), context);
      });
    } finally {
      await run("umount", [disk]);
      await rmdir(disk);
    }
  },
};

/** Null: it is mounted. */
async function mountSmallDisk(at: string): Promise<string | null> {
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${diskMebibytes}m`, "tmpfs", at]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.trim().replaceAll("\n", "; ") : String(error);
  }
}

/** Takes what is left again and again, as a program would that does not know when to stop. */
function startFiller(file: string): { stop(): Promise<void> } {
  const isWanted = { now: true };
  const chunk = Buffer.alloc(256 * 1_024, 1);
  const fill = async (): Promise<void> => {
    const handle = await open(file, "a");
    try {
      while (isWanted.now) {
        const { bytesWritten } = await handle.write(chunk).catch(() => ({ bytesWritten: 0 }));
        if (bytesWritten < chunk.length) await pause(50);
      }
    } finally {
      await handle.close();
    }
  };
  const filling = fill();
  return {
    stop: async () => {
      isWanted.now = false;
      await filling;
      await rm(file, { force: true });
    },
  };
}

async function fillUp(
  site: DrillSite,
  file: string,
  { findings, say, picture }: DrillContext,
): Promise<void> {
  await untilGreens(site, 2);
  const fullAt = Date.now();
  const filler = startFiller(file);
  say(`the disk of ${agentId} is being filled`);
  try {
    await judgeNamed(site, fullDisk, findings);
    await picture(site, "full");
    await judgeFull(site, findings);
    await picture(site, "left");
    await pause(leftForMs);
    await judgeStillTold(site, findings);
  } finally {
    await filler.stop();
  }
  const roomAt = Date.now();
  say("there is room again");
  await judgeBack(site, roomAt, findings);
  await judgeImages(site, fullAt, findings);
  await judgeEnd(site, findings);
}

/** What `/healthz` says of the agent with these words. */
const reasonWith = (reasons: readonly string[], words: string): string | null =>
  reasons.find((reason) => reason.includes(agentId) && reason.includes(words)) ?? null;

/** By its alarm, or by the last word of an agent that left before it could tell of the disk. */
const fullDisk: Naming = {
  onPage: (scene) => {
    const left = alarmNaming("controllerLeft", [lineId]).onPage(scene);
    const isWhy = left?.includes("diskFull") === true;
    return alarmNaming("diskFull", [lineId]).onPage(scene) ?? (isWhy ? left : null);
  },
  inHealth: ({ reasons }) => reasonWith(reasons, "disk full"),
};

const isOnPage = async (site: DrillSite, code: AlarmCode): Promise<boolean> =>
  alarmNaming(code, [lineId]).onPage(await site.scene()) !== null;

/** Whichever wants room first is told: an image that is not kept, or why the agent leaves. */
async function judgeFull(site: DrillSite, findings: Findings): Promise<void> {
  const costs = ["imagesNotKept", "controllerLeft"] as const;
  const costMs = await until("the page says what the full disk costs", leftMsMax, async () =>
    (await Promise.all(costs.map((code) => isOnPage(site, code)))).includes(true),
  );
  findings.check("the page says what the full disk costs", true, `after ${seconds(costMs)}`);
  const leftMs = await until("the agent says why it leaves", leftMsMax, () =>
    isOnPage(site, "controllerLeft"),
  );
  findings.check("the agent says why it leaves", true, `after ${seconds(leftMs)}`);
  const { line } = await site.scene();
  const conditions = line[lineId]?.conditions ?? [];
  const why = "controllerLeft:diskFull";
  findings.check("its last word stands at the line", conditions.includes(why), conditions.join());
}

/** It is started anew all the time meanwhile, and nobody may be told that it is well. */
async function judgeStillTold(site: DrillSite, findings: Findings): Promise<void> {
  const { status, reasons } = await site.health();
  const isTold = status === 503 && reasonWith(reasons, "left: diskFull") !== null;
  findings.check("/healthz says it as long as it lasts", isTold, reasons.join("; "));
  const isNamed = fullDisk.onPage(await site.scene()) !== null;
  const isShown = isNamed && (await isOnPage(site, "controllerLeft"));
  findings.check("the page says it as long as it lasts", isShown);
}

async function judgeBack(site: DrillSite, roomAt: number, findings: Findings): Promise<void> {
  await until("/healthz is ready", backMsMax, async () => (await site.health()).status === 200);
  findings.check("/healthz is ready by itself", true, `after ${seconds(Date.now() - roomAt)}`);
  await until("the alarms are over", backMsMax, async () => {
    const codes = ["diskFull", "imagesNotKept", "controllerLeft"] as const;
    const standing = await Promise.all(codes.map((code) => isOnPage(site, code)));
    return !standing.includes(true);
  });
  findings.check("its alarms are over", true, `after ${seconds(Date.now() - roomAt)}`);
  await untilGreens(site, 2, roomAt);
  const greenMs = Date.now() - roomAt;
  findings.check(
    "parcels go green again by themselves",
    greenMs <= greenMsMax,
    `two in ${seconds(greenMs)}`,
  );
}

/** What our disk did not take is not told as a fault of the X-ray. */
async function judgeImages(site: DrillSite, fullAt: number, findings: Findings): Promise<void> {
  await refreshLogs(site);
  const log = site.logs.get(lineId);
  if (log === undefined) return;
  const blamed = [...factsOf(log, "condition")].flatMap(({ step, fact }) =>
    fact.code === "tunnelUnknown" && fact.holds && step.event.wallAt >= fullAt
      ? [JSON.stringify(fact.params)].filter((text) => text.includes("imageMissing"))
      : [],
  );
  const lost = log.steps.filter(({ event }) => event.kind === "xrayImageLost").length;
  findings.none("nobody blames the X-ray for it", blamed, `${lost} images were lost`);
}
