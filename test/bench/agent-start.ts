import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lineAgentText } from "../../simulators/lab/agent-files.ts";
import { freePort } from "../kit/ports.ts";
import type { Broker } from "./broker.ts";
import { startNode } from "./child.ts";
import { usageOf } from "./process-usage.ts";

/** How long a default line's agent takes from being spawned to its ready line, and what it holds. */
export interface AgentStart {
  /** Median of the starts. */
  readonly startMs: number;
  readonly startMsMax: number;
  /** With serial, MQTT and OPC UA clients loaded, trying to reach devices that are not there. */
  readonly residentMiB: number;
}

const settleMs = 2_000;

export async function measureAgentStart(
  broker: Broker,
  folder: string,
  startsTotal: number,
): Promise<AgentStart> {
  const plan = {
    site: "bench",
    dataDir: folder,
    pageDir: folder,
    httpPort: 0,
    brokerUrl: broker.url,
    opcuaUrl: `opc.tcp://127.0.0.1:${await freePort()}`,
    wiresDir: folder,
    lineIds: ["L1"],
    speed: 1,
  };
  const file = join(folder, "start.json");
  await writeFile(file, JSON.stringify(lineAgentText(plan, "L1")));
  const startsMs: number[] = [];
  let residentMiB = 0;
  for (let count = 0; count < startsTotal; count += 1) {
    const agent = await startNode({
      name: "agent",
      program: "edge/main.ts",
      args: ["--config", file],
    });
    startsMs.push(agent.startMs);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    residentMiB = Math.max(residentMiB, usageOf(agent.pid).residentMiB);
    await agent.stop();
  }
  startsMs.sort((one, other) => one - other);
  return {
    startMs: startsMs[startsMs.length >> 1] ?? Number.NaN,
    startMsMax: startsMs.at(-1) ?? Number.NaN,
    residentMiB,
  };
}
