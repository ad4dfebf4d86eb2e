import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  centreText,
  lineAgentText,
  type LabJournal,
  type LabLink,
  type LabPlan,
} from "./agent-files.ts";
import { createChild, type LabChild } from "./child.ts";
import { freePorts } from "./ports.ts";
import { worldText } from "./world-file.ts";

/** A lab site: broker, centre, world and line agents, each a process of its own. */
export interface Lab {
  readonly plan: LabPlan;
  readonly broker: LabChild;
  readonly centre: LabChild;
  readonly world: LabChild;
  /** In the order of the plan's lines, one each. */
  readonly agents: readonly LabChild[];
  /** Resolves with the page's address when parcels can run. `say` is told what is being done. */
  start(say: (text: string) => void): Promise<string>;
  /** Ends whatever runs, also in the middle of `start`, which then rejects. */
  stop(): Promise<void>;
}

export interface LabOptions {
  /** Kept between runs, whoever made it. */
  readonly dataDir: string;
  /** Folder of the built page; null serves none. */
  readonly pageDir: string | null;
  /** 0: any free one. */
  readonly port: number;
  readonly seed: number;
  /** Which run on the data folder this is, from 1; default: the first. */
  readonly run?: number;
  readonly speed: number;
  readonly lines: number;
  readonly officers: number;
  /** Parcels an hour on each line. */
  readonly rate: number;
  readonly reviewMm?: number;
  /** See `witness.ts`; default: none. */
  readonly witnessFile?: string;
  /** Default: the lab's own broker, which the devices keep in any case. */
  readonly link?: LabLink;
  /** Default: what keeps a lab's folder small. */
  readonly journal?: LabJournal;
  /** What a process says beyond being ready. */
  readonly onLine: (name: string, text: string) => void;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Ports are chosen and files written; nothing runs yet. */
export async function createLab(options: LabOptions): Promise<Lab> {
  const plan = await planOf(options);
  await mkdir(plan.wiresDir, { recursive: true });
  const child = (name: string, program: string, args: readonly string[]): LabChild =>
    createChild({ name, args: [join(root, program), ...args], onLine: options.onLine });
  const broker = child("broker", "simulators/broker-main.ts", [
    "--port",
    new URL(plan.brokerUrl).port,
  ]);
  const configured = async (name: string, program: string, content: object): Promise<LabChild> => {
    const file = join(plan.dataDir, `${name}.yaml`);
    // JSON is YAML as well.
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
    return child(name, program, ["--config", file]);
  };
  const centre = await configured("centre", "edge/main.ts", centreText(plan, Date.now()));
  const world = await configured("world", "simulators/main.ts", worldOf(options, plan));
  const agents = await Promise.all(
    plan.lineIds.map((lineId) =>
      configured(`agent-${lineId}`, "edge/main.ts", lineAgentText(plan, lineId)),
    ),
  );
  let isStopped = false;
  const startAll = async (...children: LabChild[]): Promise<void> => {
    if (isStopped) throw new Error("stopped while it was starting");
    await Promise.all(children.map((each) => each.start()));
  };

  return {
    plan,
    broker,
    centre,
    world,
    agents,
    async start(say) {
      say("starting broker and centre");
      await startAll(broker);
      await startAll(centre);
      say("starting the world and its devices");
      await startAll(world);
      say(`starting ${agents.length} line agent${agents.length === 1 ? "" : "s"}`);
      await startAll(...agents);
      return urlOf(plan);
    },
    async stop() {
      isStopped = true;
      // When the signal came from the keyboard, the processes have got it already.
      for (const each of [...agents, world, centre, broker]) each.retire();
      // Agents are stopped first, so that they leave their lines in order while the wires still
      // stand.
      await Promise.all(agents.map((each) => each.stop()));
      for (const each of [world, centre, broker]) await each.stop();
    },
  };
}

/**
 * The lab chooses all ports, because whatever is started anew must come back on the port it had.
 */
async function planOf(options: LabOptions): Promise<LabPlan> {
  const { dataDir, pageDir, speed, reviewMm, link, journal } = options;
  const [httpPort, brokerPort, opcuaPort] = await freePorts(3);
  return {
    site: "lab",
    dataDir,
    pageDir,
    httpPort: options.port === 0 ? (httpPort ?? 0) : options.port,
    brokerUrl: `mqtt://127.0.0.1:${brokerPort}`,
    ...(link === undefined ? {} : { link }),
    ...(journal === undefined ? {} : { journal }),
    opcuaUrl: `opc.tcp://127.0.0.1:${opcuaPort}`,
    wiresDir: join(dataDir, "wires"),
    lineIds: Array.from({ length: options.lines }, (_, index) => `L${index + 1}`),
    speed,
    ...(reviewMm === undefined ? {} : { reviewMm }),
  };
}

const urlOf = (plan: LabPlan): string => `http://127.0.0.1:${plan.httpPort}`;

function worldOf(options: LabOptions, plan: LabPlan): object {
  const { seed, run = 1, speed, officers, rate, witnessFile } = options;
  return worldText(plan, {
    seed,
    run,
    speed,
    officers,
    centreUrl: urlOf(plan),
    opcuaPort: Number(new URL(plan.opcuaUrl).port),
    parcelsPerHour: rate,
    ...(witnessFile === undefined ? {} : { witnessFile }),
  });
}
