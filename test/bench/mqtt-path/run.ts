import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readAgentMetrics, type AgentMetrics } from "../agent-metrics.ts";
import type { Broker } from "../broker.ts";
import { startNode, whileAlive, type BenchChild } from "../child.ts";
import type { FloorPlan } from "../floor.ts";
import { cpuShareBetween, usageOf } from "../process-usage.ts";
import type { GeneratorPlan, GeneratorResult, Peer } from "./generator.ts";
import { agentText, lineIdsFor, parcelsTotalMaxOf } from "./plan.ts";

/** One measurement of the scan-to-divert path: one peer, one rate. */
export interface MqttPathOptions {
  readonly broker: Broker;
  readonly folder: string;
  readonly peer: Peer;
  readonly parcelsPerS: number;
  readonly warmUpS: number;
  readonly measureS: number;
  readonly seed: number;
  /** For Node in front of the peer's program, such as `--cpu-prof`. */
  readonly nodeArgs: readonly string[];
}

export interface MqttPathRun extends GeneratorResult {
  readonly peer: Peer;
  readonly parcelsPerS: number;
  readonly linesTotal: number;
  /** Shares of one core. */
  readonly cpuShare: number;
  readonly generatorCpuShare: number;
  readonly brokerCpuShare: number;
  readonly residentMiB: number;
  /** Its own word on the measured time; null for a floor. */
  readonly agent: AgentMetrics | null;
  /** From the beginning, not only while measuring; 0 for a floor. */
  readonly commitsMissed: number;
  /** Null for a floor, whose rows are no journal. */
  readonly journalFile: string | null;
}

export async function runMqttPath(options: MqttPathOptions): Promise<MqttPathRun> {
  const { broker, peer, parcelsPerS } = options;
  const folder = join(options.folder, `mqtt-${peer}-${parcelsPerS}`);
  await mkdir(folder, { recursive: true });
  const lineIds = lineIdsFor(parcelsPerS);
  const parcelsTotalMax = parcelsTotalMaxOf(lineIds, options.warmUpS + options.measureS);
  const plan: GeneratorPlan = {
    brokerPort: broker.port,
    lineIds,
    warmUpS: options.warmUpS,
    measureS: options.measureS,
    peer,
    seed: options.seed,
  };
  const generator = await startNode({
    name: "generator",
    program: "test/bench/mqtt-path/generator.ts",
    args: [JSON.stringify(plan)],
  });
  const children: BenchChild[] = [generator];
  try {
    const started =
      peer === "agent"
        ? await startAgent(options, folder, lineIds)
        : await startFloor(options, folder, parcelsTotalMax);
    children.push(started);
    if (peer !== "agent") generator.tell("power");
    const measured = await whileAlive(
      [started, generator, broker.child],
      measure({ broker, generator, peer: started }),
    );
    const journalFile = peer === "agent" ? join(folder, "data", "journal.db") : null;
    return { peer, parcelsPerS, linesTotal: lineIds.length, ...measured, journalFile };
  } finally {
    for (const child of children.toReversed()) await child.stop();
  }
}

async function startAgent(
  { broker, nodeArgs }: MqttPathOptions,
  folder: string,
  lineIds: readonly string[],
): Promise<BenchChild> {
  const file = join(folder, "agent.json");
  const text = agentText({ brokerUrl: broker.url, dataDir: join(folder, "data"), lineIds });
  await writeFile(file, JSON.stringify(text));
  const args = ["--config", file];
  return startNode({ name: "agent", program: "edge/main.ts", args, nodeArgs });
}

function startFloor(
  { broker, nodeArgs }: MqttPathOptions,
  folder: string,
  parcelsTotal: number,
): Promise<BenchChild> {
  const plan: FloorPlan = { brokerUrl: broker.url, file: join(folder, "floor.db"), parcelsTotal };
  const args = [JSON.stringify(plan)];
  return startNode({ name: "floor", program: "test/bench/floor.ts", args, nodeArgs });
}

interface Parties {
  readonly broker: Broker;
  readonly generator: BenchChild;
  readonly peer: BenchChild;
}

async function measure({ broker, generator, peer }: Parties) {
  const metricsPort = peer.ready["metricsPort"];
  const metrics = async (): Promise<AgentMetrics | null> =>
    typeof metricsPort === "number" ? readAgentMetrics(metricsPort) : null;
  const usages = () => ({
    peer: usageOf(peer.pid),
    generator: usageOf(generator.pid),
    broker: usageOf(broker.child.pid),
  });

  await generator.said("permitted");
  generator.tell("begin");
  await generator.said("measuring");
  // Looking begins the agent's measurement of its event loop anew.
  await metrics();
  const before = usages();
  await generator.said("measured");
  const after = usages();
  const agent = await metrics();
  const { result } = (await generator.said("result")) as unknown as { result: GeneratorResult };
  const atEnd = await metrics();
  return {
    ...result,
    cpuShare: cpuShareBetween(before.peer, after.peer),
    generatorCpuShare: cpuShareBetween(before.generator, after.generator),
    brokerCpuShare: cpuShareBetween(before.broker, after.broker),
    residentMiB: after.peer.residentMiB,
    agent,
    commitsMissed: atEnd?.commitsMissedTotal ?? 0,
  };
}
