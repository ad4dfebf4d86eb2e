import type { AlarmCode } from "../../protocols/alarms.ts";
import type { Scene } from "../../protocols/ui/scene.ts";
import { greenMsMax, untilGreens } from "./drill.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite, SiteHealth } from "./site.ts";
import { until } from "./waiting.ts";

/** In which a fault is named on the page and in `/healthz`, from when it can be. */
export const namedMsMax = 5_000;
/** What is late is still waited for, so that the drill says how late it was. */
const waitedForMsMax = 6 * namedMsMax;
const readyMsMax = 60_000;

/** Where a fault has to stand; each answers with what it says, or null while it does not. */
export interface Naming {
  readonly onPage: (scene: Scene) => string | null;
  readonly inHealth: (health: SiteHealth) => string | null;
}

/** An alarm of this code at each of these lines. */
export const alarmNaming = (code: AlarmCode, lineIds: readonly string[]): Naming => ({
  onPage: (scene) => standsAt(code, lineIds, activeAlarms(scene)),
  inHealth: ({ alarms }) => standsAt(code, lineIds, alarms),
});

type Told = Pick<Scene["alarm"][string], "lineId" | "code" | "params">;

const activeAlarms = ({ alarm }: Scene): readonly Told[] =>
  Object.values(alarm).filter(({ state }) => state === "active");

function standsAt(code: string, lineIds: readonly string[], alarms: readonly Told[]) {
  const told = lineIds.map((lineId) =>
    alarms.find((alarm) => alarm.code === code && alarm.lineId === lineId),
  );
  if (told.includes(undefined)) return null;
  return told
    .map((alarm) => `${alarm?.lineId} ${code} ${Object.values(alarm?.params ?? {}).join(" ")}`)
    .map((text) => text.trim())
    .join(", ");
}

/** From now on at the latest the fault can be named. */
export async function judgeNamed(
  site: DrillSite,
  naming: Naming,
  findings: Findings,
): Promise<void> {
  const from = performance.now();
  await Promise.all([
    judgePlace("the page names the fault", async () => naming.onPage(await site.scene())),
    judgePlace("/healthz names the fault", async () => naming.inHealth(await site.health())),
  ]);

  async function judgePlace(claim: string, look: () => Promise<string | null>): Promise<void> {
    let words: string | null = null;
    await until(claim, waitedForMsMax, async () => (words = await look()) !== null);
    const tookMs = performance.now() - from;
    findings.check(claim, tookMs <= namedMsMax, `after ${seconds(tookMs)}: ${words}`);
  }
}

/** And when it is over, nobody names it any more. */
export async function judgeOver(
  site: DrillSite,
  naming: Naming,
  findings: Findings,
  msMax = readyMsMax,
): Promise<void> {
  const tookMs = await until("nobody names the fault any more", msMax, async () => {
    const [scene, health] = [await site.scene(), await site.health()];
    return naming.onPage(scene) === null && naming.inHealth(health) === null;
  });
  findings.check("nobody names the fault any more", true, `after ${seconds(tookMs)}`);
}

/** The line is back without anybody's help; `since` is on the journals' calendar. */
export async function judgeBack(site: DrillSite, findings: Findings, since: number): Promise<void> {
  const from = performance.now();
  const readyMs = await until("/healthz is ready", readyMsMax, async () => {
    return (await site.health()).status === 200;
  });
  findings.check("/healthz is ready again", true, `after ${seconds(readyMs)}`);
  await untilGreens(site, 2, since);
  const greenMs = performance.now() - from;
  const isInTime = greenMs <= greenMsMax;
  findings.check("parcels go green again", isInTime, `two a line in ${seconds(greenMs)}`);
}
