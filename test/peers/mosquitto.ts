import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { canConnect, freePort } from "../kit/ports.ts";
import { startPeer, type RunningPeer } from "./peer.ts";

/** mosquitto on loopback, in memory only; it can be stopped and started again on its port. */
export interface Mosquitto {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Without `set_tcp_nodelay` every round trip would wait for a delayed acknowledgement. */
const ownSettings = [
  "allow_anonymous true",
  "set_tcp_nodelay true",
  "persistence false",
  // As root it would otherwise become a user who may not read its files.
  `user ${userInfo().username}`,
  "log_dest stderr",
  "log_type error",
];

/** `settings` are lines of mosquitto.conf; the files that they name are given by `files`. */
export async function startMosquitto(
  settings: (folder: string) => readonly string[] = () => [],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> {
  const port = await freePort();
  let running: RunningPeer | null = null;
  let folder = "";
  const start = async (): Promise<void> => {
    folder = await mkdtemp(join(tmpdir(), "sortline-mosquitto-"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const file = join(folder, "mosquitto.conf");
    const lines = [`listener ${port} 127.0.0.1`, ...ownSettings, ...settings(folder)];
    await writeFile(file, `${lines.join("\n")}\n`);
    running = await startPeer({
      program: "mosquitto",
      args: ["-c", file],
      isReady: () => canConnect(port),
    });
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    start,
    stop: async () => {
      const stopped = running;
      running = null;
      if (stopped === null) return;
      await stopped.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
