import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roleHeader } from "../../protocols/actor.ts";
import { zLinesAnswer } from "../../protocols/ui/http.ts";
import { lineFile } from "../kit/line-file.ts";
import { killProgram, startProgram, type Program } from "../kit/own-programs.ts";
import { freePort } from "../kit/ports.ts";
import { startMosquitto } from "./mosquitto.ts";

/** Belts run so much faster. */
const speed = 2;

type DeviceName = "scanner" | "sorter" | "xray";
export type ProgramName = DeviceName | "agent";

/** How this line's sorter is reached. */
export interface SorterOfLine {
  /** As the agent's file has it, besides its id. */
  readonly config: (port: number) => object;
  /** How it is simulated; `config` is the agent's file. */
  readonly simulate: (port: number, config: string) => readonly string[];
}

/** One agent in both roles, mosquitto, and three simulated devices that are not yet started. */
export interface LineOfPrograms {
  /** Starts them, then kills each of these outright and starts it anew; each time to green again. */
  kill(names: readonly ProgramName[]): Promise<void>;
  close(): Promise<void>;
}

export async function startLineOfPrograms(sorter: SorterOfLine): Promise<LineOfPrograms> {
  const folder = await mkdtemp(join(tmpdir(), "sortline-simulate-"));
  const broker = await startMosquitto();
  const brokerUrl = broker.url;
  const [scannerPort, sorterPort, belt] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, "agent.json");
  const file = lineFile(folder, {
    brokerUrl,
    scannerPort,
    sorter: sorter.config(sorterPort),
    speed,
    httpPort: await freePort(),
  });
  await writeFile(config, JSON.stringify(file));
  const startAgent = () => startProgram("edge/main.ts", ["--config", config]);
  let agent = await startAgent();
  const url = String(agent.ready["url"]);
  const simulate = (...args: readonly string[]) =>
    startProgram("simulators/alone/main.ts", [...args, "--belt", String(belt)]);
  let run = 0;
  const devices: Record<DeviceName, () => Promise<Program>> = {
    scanner: () => simulate("scanner", "--tcp", String(scannerPort)),
    xray: () => simulate("xray", "--mqtt", brokerUrl, "--base", "lab/L1-xray"),
    sorter: () =>
      simulate(
        ...sorter.simulate(sorterPort, config),
        `--centre=${url}`,
        `--speed=${speed}`,
        `--run=${++run}`,
      ),
  };
  return {
    async kill(names) {
      const programs = {
        xray: await devices.xray(),
        sorter: await devices.sorter(),
        scanner: await devices.scanner(),
      };
      await untilGreens(url, 1);
      for (const name of names) {
        if (name === "agent") {
          await killProgram(agent);
          agent = await startAgent();
        } else {
          await killProgram(programs[name]);
          programs[name] = await devices[name]();
        }
        await untilGreens(url, (await greens(url)) + 2);
      }
      for (const program of Object.values(programs)) await killProgram(program);
    },
    async close() {
      await killProgram(agent);
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function greens(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/lines`, { headers: { [roleHeader]: "supervisor" } });
  const [line] = zLinesAnswer.parse(await answer.json());
  return line?.exits.green.count ?? 0;
}

async function untilGreens(url: string, least: number): Promise<void> {
  const endsAt = performance.now() + 60_000;
  while ((await greens(url)) < least) {
    if (performance.now() > endsAt) throw new Error(`not ${least} green within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
