import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canConnect, freePort } from "../kit/ports.ts";
import { pathOfProgram } from "../kit/programs.ts";
import { startNode, startProcess, type BenchChild } from "./child.ts";

/** A broker in a process of its own: mosquitto where it is installed, else the lab's. */
export interface Broker {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly child: BenchChild;
}

/**
 * Without `set_tcp_nodelay` a QoS 1 round trip waits for delayed acknowledgements. The limits are
 * what a site of this size would set: the defaults hold a client to 20 messages under way.
 */
const mosquittoSettings = [
  "allow_anonymous true",
  "set_tcp_nodelay true",
  "persistence false",
  "max_inflight_messages 1000",
  "max_queued_messages 100000",
  "log_type error",
  "log_type warning",
  "log_dest stderr",
];

/** `more` is for mosquitto alone. */
export async function startBroker(folder: string, more: readonly string[] = []): Promise<Broker> {
  const mosquitto = pathOfProgram("mosquitto");
  if (mosquitto === undefined) return startLabBroker();
  const child = await startMosquitto(mosquitto, folder, more);
  return brokerOf(`mosquitto ${versionOf(mosquitto)}`, child);
}

export const startLabBroker = async (): Promise<Broker> =>
  brokerOf("aedes", await startNode({ name: "broker", program: "simulators/broker-main.ts" }));

function brokerOf(name: string, child: BenchChild): Broker {
  const port = Number(child.ready["port"]);
  return { name, url: `mqtt://127.0.0.1:${port}`, port, child };
}

async function startMosquitto(
  program: string,
  folder: string,
  more: readonly string[],
): Promise<BenchChild> {
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  await writeFile(
    file,
    [`listener ${port} 127.0.0.1`, ...mosquittoSettings, ...more, ""].join("\n"),
  );
  const child = await startProcess({
    name: "broker",
    command: [program, "-c", file],
    isReady: () => canConnect(port),
  });
  return { ...child, ready: { kind: "ready", port } };
}

const versionOf = (program: string): string =>
  /version (\S+)/.exec(spawnSync(program, ["-h"], { encoding: "utf8" }).stdout)?.[1] ?? "";
