// Goal: the running site keeps its promises while parts of it die (laws 1,
// 4 to 6, 11, 12, 14). Method: one real lab on a short belt, on free ports and in a folder of its
// own; an agent killed, the centre killed, the OPC UA server stopped; judged from outside. The long
// version is `npm run drills`.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Scene } from "../../protocols/ui/scene.ts";
import { judgeRestarts, killAgent, untilLoaded, type Restart } from "../drills/agent-kill.ts";
import { cutCentre, judgeCut, judgeCatchUp } from "../drills/centre-kill.ts";
import { deviceTold, judgeTold } from "../drills/device-out.ts";
import { judgeGreens, judgeJournals, untilGreens } from "../drills/drill.ts";
import { createFindings, type Findings } from "../drills/report.ts";
import { startDrillSite, stopSites, type DrillSite } from "../drills/site.ts";
import { until } from "../drills/waiting.ts";

/** A minute when the machine is quiet; nothing here waits for time alone. */
const limitMs = 300_000;
const centreDownMs = 5_000;
const serverDownMs = 3_000;
const rate = 3_600;
/** A belt of 15 m. */
const reviewMm = 1_000;
const loadedFrom = 6;

let site: DrillSite;
let restart: Restart;

beforeAll(async () => {
  site = await startDrillSite({ seed: 1, lines: 1, rate, reviewMm, say: () => {} });
  await untilGreens(site, 1);
}, limitMs);

afterAll(stopSites, limitMs);

const agentPids = (): string => site.lab.agents.map((agent) => agent.pid()).join(" ");

/** All claims of one test, so that each failure shows the others' measurements, too. */
async function claims(judge: (findings: Findings) => Promise<void>): Promise<void> {
  const told: string[] = [];
  const findings = createFindings((line) => told.push(line));
  await judge(findings);
  expect(findings.failed, told.join("\n")).toEqual([]);
  expect(told).not.toEqual([]);
}

test("the centre is killed: the line runs on, the centre catches up", { timeout: limitMs }, () =>
  claims(async (findings) => {
    const pids = agentPids();
    const cut = await cutCentre(site, centreDownMs);
    judgeCut(site, cut, findings);
    await judgeCatchUp(site, cut, findings);
    findings.check("the agent ran on", agentPids() === pids);
  }),
);

test("an agent that is killed under load is back by itself", { timeout: limitMs }, async () => {
  await untilLoaded(site, "L1", loadedFrom);
  restart = await killAgent(site, "L1");
});

test("the OPC UA server stops: told, and over by itself", { timeout: limitMs }, () =>
  claims(async (findings) => {
    const pids = agentPids();
    const told = (scene: Scene): string | null => deviceTold(scene, "L1-sorter");
    // The agent that was killed just now connects anew: what is told of that is another outage.
    await until("the sorter is received", limitMs, async () => {
      const received = await site.receivedDevices();
      return received.has("L1-sorter") && told(await site.scene()) === null;
    });
    const from = Date.now();
    await site.breakFor("sorterServerDown", serverDownMs / 1_000);
    await judgeTold(site, { down: ["L1-sorter"], told }, findings);
    await untilGreens(site, 1, from + serverDownMs);
    findings.check("the agent ran on", agentPids() === pids);
  }),
);

test("no green without evidence, none of the belt that was lost", { timeout: limitMs }, () =>
  claims(async (findings) => {
    await judgeRestarts(site, "L1", [restart], findings);
    await judgeGreens(site, findings);
  }),
);

test("verify and replay find nothing", { timeout: limitMs }, async () => {
  await site.stop();
  await claims((findings) => judgeJournals(site, findings));
});
