import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
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

const places = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

/** `more` is for mosquitto alone. */
export async function startBroker(folder: string, more: readonly string[] = []): Promise<Broker> {
  const mosquitto = places.find((place) => spawnSync(place, ["-h"]).error === undefined);
  const child =
    mosquitto === undefined
      ? await startNode({ name: "broker", program: "simulators/broker-main.ts" })
      : await startMosquitto(mosquitto, folder, more);
  const port = Number(child.ready["port"]);
  const name = mosquitto === undefined ? "aedes" : `mosquitto ${versionOf(mosquitto)}`;
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

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const versionOf = (program: string): string =>
  /version (\S+)/.exec(spawnSync(program, ["-h"], { encoding: "utf8" }).stdout)?.[1] ?? "";

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
