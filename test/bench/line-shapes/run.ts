import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentFileInput } from "../../../edge/runtime/config/agent-file.ts";
import type { WorldFileInput } from "../../../simulators/config.ts";
import { centreText, lineAgentText, type LabPlan } from "../../../simulators/lab/agent-files.ts";
import { worldText } from "../../../simulators/lab/world-file.ts";
import { readAgentMetrics, type AgentMetrics } from "../agent-metrics.ts";
import { freePort } from "../../kit/ports.ts";
import type { Broker } from "../broker.ts";
import { startNode, whileAlive, type BenchChild } from "../child.ts";
import { cpuShareBetween, usageOf } from "../process-usage.ts";
import type { WorldResult } from "./world.ts";

/**
 * Default lines with their whole set of devices, a real centre and a real broker, driven by the
 * lab's world. The agents are configured as the lab configures them; only their number of lines,
 * and in the larger shape the wire of their sorters, differ.
 */
export interface LineShapeOptions {
  readonly broker: Broker;
  readonly folder: string;
  readonly name: string;
  /** Each agent's lines, and the rate of each. */
  readonly agents: readonly { readonly agentId: string; readonly lines: readonly LinePlan[] }[];
  readonly sorters: "opcua" | "mqtt";
  readonly image: { readonly widthPx: number; readonly heightPx: number };
  readonly warmUpS: number;
  readonly measureS: number;
  readonly seed: number;
  readonly nodeArgs: readonly string[];
}

export interface LinePlan {
  readonly lineId: string;
  readonly parcelsPerHour: number;
}

export interface LineShapeRun {
  readonly result: WorldResult;
  readonly sorters: LineShapeOptions["sorters"];
  readonly agents: readonly AgentUse[];
  readonly worldCpuShare: number;
  readonly imageBytes: number;
}

export interface AgentUse {
  readonly agentId: string;
  readonly lines: readonly LinePlan[];
  readonly startMs: number;
  readonly cpuShare: number;
  readonly residentMiB: number;
  readonly metrics: AgentMetrics;
  readonly journalFile: string;
}

const site = "bench";
const commitLeadMs = 400;
/** Two energies of 16 bit. */
const bytesPerPixel = 4;

export async function runLineShape(options: LineShapeOptions): Promise<LineShapeRun> {
  const folder = join(options.folder, options.name);
  const plan = await planOf(options, folder);
  const children: BenchChild[] = [];
  const start = async (name: string, program: string, args: readonly string[], nodeArgs = [""]) => {
    const used = nodeArgs.filter((arg) => arg !== "");
    const child = await startNode({ name, program, args, nodeArgs: used });
    children.push(child);
    return child;
  };
  try {
    const centreFile = await write(folder, "centre", quietCentre(options, plan));
    const centre = await start("centre", "edge/main.ts", ["--config", centreFile]);
    const centreUrl = String(centre.ready["url"]);
    const worldFile = await write(folder, "world", await worldOf(options, plan, centreUrl));
    const world = await start("world", "test/bench/line-shapes/world.ts", [
      "--config",
      worldFile,
      String(commitLeadMs),
    ]);
    const agents: BenchChild[] = [];
    for (const { agentId, lines } of options.agents) {
      const text = agentOf(options, plan, { agentId, lines });
      const file = await write(folder, agentId, text);
      const args = ["--config", file];
      agents.push(await start(agentId, "edge/main.ts", args, [...options.nodeArgs]));
    }
    return await whileAlive(children, measure(options, world, { agents, folder }));
  } finally {
    for (const child of children.toReversed()) await child.stop();
  }
}

async function planOf(options: LineShapeOptions, folder: string): Promise<LabPlan> {
  const wiresDir = join(folder, "wires");
  await mkdir(wiresDir, { recursive: true });
  return {
    site,
    dataDir: folder,
    pageDir: folder,
    httpPort: await freePort(),
    brokerUrl: options.broker.url,
    opcuaUrl: `opc.tcp://127.0.0.1:${await freePort()}`,
    wiresDir,
    lineIds: options.agents.flatMap(({ lines }) => lines.map(({ lineId }) => lineId)),
    speed: 1,
  };
}

async function write(folder: string, name: string, content: object): Promise<string> {
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(content));
  return file;
}

type CentreText = AgentFileInput & { readonly centre: NonNullable<AgentFileInput["centre"]> };

/** The lab's centre without a page, and without parcels drawn for inspection by chance. */
function quietCentre({ agents }: LineShapeOptions, plan: LabPlan): CentreText {
  const text = centreText(plan, Date.now()) as CentreText;
  const { documents } = text.centre;
  const agentOfLine = new Map(
    agents.flatMap(({ agentId, lines }) => lines.map(({ lineId }) => [lineId, agentId] as const)),
  );
  return {
    ...text,
    centre: {
      ...text.centre,
      pageDir: null,
      lines: text.centre.lines.map(({ agentId, line }) => ({
        agentId: agentOfLine.get(line.id) ?? agentId,
        line,
      })),
      documents: {
        ...documents,
        parameters: documents.parameters.map((each) => ({ ...each, inspectionRate: 0 })),
      },
    },
  };
}

type AgentText = AgentFileInput & { readonly lines: NonNullable<AgentFileInput["lines"]> };

const sorterBaseOf = (lineId: string): string => `${site}/devices/${lineId}-sorter`;

/** One agent with the lab's own text for each of its lines. */
function agentOf(
  { sorters, broker }: LineShapeOptions,
  plan: LabPlan,
  { agentId, lines }: LineShapeOptions["agents"][number],
): AgentFileInput {
  const texts = lines.flatMap(({ lineId }) => (lineAgentText(plan, lineId) as AgentText).lines);
  return {
    agentId,
    site,
    dataDir: join(plan.dataDir, agentId),
    link: { brokerUrl: broker.url },
    metricsPort: 0,
    lines: texts.map(({ line, devices }) => ({
      line,
      devices:
        sorters === "opcua"
          ? devices
          : {
              ...devices,
              sorter: {
                id: `${line.id}-sorter`,
                reach: { kind: "mqtt", brokerUrl: broker.url, base: sorterBaseOf(line.id) },
                dialect: { kind: "sortline-json" },
              },
            },
    })),
  };
}

/** Parcels whose exits follow from what they are: see `expected-exit.ts`. */
const scenario = {
  comparisonMismatch: 0,
  weightMismatch: 0,
  documentsLate: 0,
  acceptanceMissing: 0,
  inspectionOrdered: 0,
  unknownStatus: 0,
  doubleLabel: 0,
  duplicateWaybill: 0,
};

async function worldOf(
  { agents, sorters, seed, image }: LineShapeOptions,
  plan: LabPlan,
  centreUrl: string,
): Promise<WorldFileInput> {
  const text = worldText(plan, {
    seed,
    speed: 1,
    centreUrl,
    opcuaPort: Number(new URL(plan.opcuaUrl).port),
    officers: 0,
    parcelsPerHour: 1_200,
  });
  const rates = new Map(
    agents.flatMap(({ lines }) =>
      lines.map(({ lineId, parcelsPerHour }) => [lineId, parcelsPerHour] as const),
    ),
  );
  return {
    ...text,
    sorters,
    image,
    lines: text.lines.map((line) => ({
      ...line,
      ...(sorters === "mqtt" ? { sorterBase: sorterBaseOf(line.id) } : {}),
      scenario: { ...scenario, parcelsPerHour: rates.get(line.id) ?? 1_200 },
    })),
  };
}

async function measure(
  { warmUpS, measureS, agents, sorters, image }: LineShapeOptions,
  world: BenchChild,
  started: { readonly agents: readonly BenchChild[]; readonly folder: string },
): Promise<LineShapeRun> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const metricsOf = (child: BenchChild) => readAgentMetrics(Number(child.ready["metricsPort"]));
  const usages = () => started.agents.map(({ pid }) => usageOf(pid));

  await pause(warmUpS * 1_000);
  await Promise.all(started.agents.map(metricsOf));
  const before = { world: usageOf(world.pid), agents: usages() };
  world.tell("measure");
  await pause(measureS * 1_000);
  world.tell("finish");
  const after = { world: usageOf(world.pid), agents: usages() };
  const metrics = await Promise.all(started.agents.map(metricsOf));
  const { result } = (await world.said("result")) as unknown as { result: WorldResult };
  return {
    result,
    sorters,
    worldCpuShare: cpuShareBetween(before.world, after.world),
    imageBytes: image.widthPx * image.heightPx * bytesPerPixel,
    agents: started.agents.flatMap((child, index) => {
      const plan = agents[index];
      const from = before.agents[index];
      const to = after.agents[index];
      const own = metrics[index];
      if (!plan || !from || !to || !own) return [];
      return {
        ...plan,
        startMs: child.startMs,
        cpuShare: cpuShareBetween(from, to),
        residentMiB: to.residentMiB,
        metrics: own,
        journalFile: join(started.folder, plan.agentId, "journal.db"),
      };
    }),
  };
}
