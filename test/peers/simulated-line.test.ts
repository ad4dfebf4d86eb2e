/**
 * Goal: three simulated devices, each in a process of its own, and one agent make a working line;
 * whichever is killed and started again, parcels leave by green again.
 * Method: the real programs on real wires, mosquitto between them, and a belt that runs twice as fast;
 * each device is killed outright and started anew.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { roleHeader } from "../../protocols/actor.ts";
import { zLinesAnswer } from "../../protocols/ui/http.ts";
import { labProofKeys } from "../../simulators/devices/lab-formats.ts";
import { centreText, lineText } from "../../simulators/lab/agent-files.ts";
import { killProgram, startProgram, type Program } from "../kit/own-programs.ts";
import { freePort } from "../kit/ports.ts";
import { startMosquitto, type Mosquitto } from "./mosquitto.ts";

const speed = 2;

describe("three devices and an agent", () => {
  let folder = "";
  let url = "";
  let broker: Mosquitto;
  let devices: Record<"scanner" | "xray" | "sorter", () => Promise<Program>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sortline-simulate-"));
    broker = await startMosquitto();
    const brokerUrl = broker.url;
    const [scannerPort, opcuaPort, belt] = [await freePort(), await freePort(), await freePort()];
    const plan = {
      site: "lab",
      dataDir: folder,
      pageDir: null,
      httpPort: 0,
      brokerUrl,
      opcuaUrl: `opc.tcp://127.0.0.1:${opcuaPort}`,
      wiresDir: folder,
      lineIds: ["L1"],
      speed,
    };
    // One agent in both roles, and a line without a scale.
    const centre = centreText(plan, Date.now()) as CentreFile;
    const line = lineText("L1", speed) as LineText;
    line.layout.scale = null;
    // The token has 110 ms until the front is there, also where the machine has much to do.
    Object.assign(line.layout.scanner, { binding: { kind: "echo", sendMm: 220 } });
    line.rules["weight"] = null;
    centre.centre["lines"] = [{ agentId: "agent-L1", line }];
    const file = {
      ...centre,
      agentId: "agent-L1",
      lines: [
        {
          line,
          devices: {
            scanner: {
              id: "L1-scanner",
              reach: { kind: "tcp", host: "127.0.0.1", port: scannerPort },
              dialect: { kind: "frames", preset: "sick", ...labProofKeys },
            },
            scale: null,
            xray: {
              id: "L1-xray",
              reach: { kind: "mqtt", brokerUrl, base: "lab/L1-xray" },
              dialect: { kind: "sortline-json" },
            },
            sorter: {
              id: "L1-sorter",
              reach: { kind: "opcua", endpointUrl: plan.opcuaUrl },
              dialect: { kind: "sortline-opcua", sorterId: "L1-sorter" },
            },
          },
        },
      ],
    };
    const config = join(folder, "agent.json");
    await writeFile(config, JSON.stringify(file));
    const agent = await startProgram("edge/main.ts", ["--config", config]);
    url = String(agent.ready["url"]);
    const simulate = (...args: readonly string[]) =>
      startProgram("simulators/alone/main.ts", [...args, "--belt", String(belt)]);
    let run = 0;
    devices = {
      scanner: () => simulate("scanner", "--tcp", String(scannerPort)),
      xray: () => simulate("xray", "--mqtt", brokerUrl, "--base", "lab/L1-xray"),
      sorter: () =>
        simulate(
          "sorter",
          `--opcua=${opcuaPort}`,
          `--centre=${url}`,
          `--speed=${speed}`,
          `--run=${++run}`,
        ),
    };
  });
  afterAll(async () => {
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  });

  interface LineText {
    readonly layout: { scale: object | null; scanner: object };
    readonly rules: Record<string, unknown>;
  }
  interface CentreFile {
    readonly centre: Record<string, unknown>;
  }

  const greens = async (): Promise<number> => {
    const answer = await fetch(`${url}/api/lines`, { headers: { [roleHeader]: "supervisor" } });
    const [line] = zLinesAnswer.parse(await answer.json());
    return line?.exits.green.count ?? 0;
  };

  const untilGreens = async (least: number): Promise<void> => {
    const endsAt = performance.now() + 60_000;
    while ((await greens()) < least) {
      if (performance.now() > endsAt) throw new Error(`not ${least} green within 60 s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  test("make a working line, whichever of them is killed and started again", async () => {
    const programs = {
      xray: await devices.xray(),
      sorter: await devices.sorter(),
      scanner: await devices.scanner(),
    };
    await untilGreens(1);
    for (const name of ["scanner", "sorter", "xray"] as const) {
      await killProgram(programs[name]);
      programs[name] = await devices[name]();
      const before = await greens();
      await untilGreens(before + 2);
    }
  }, 150_000);
});
