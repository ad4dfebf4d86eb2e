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
  /** Null: it runs elsewhere. */
  readonly broker: LabChild | null;
  /** The first of `agents`, where that is the centre as well. */
  readonly centre: LabChild;
  /** Folder of the centre's journals. */
  readonly centreDir: string;
  readonly world: LabChild;
  /** In the order of the plan's lines, one each. */
  readonly agents: readonly LabChild[];
  /** Resolves with the page's address when parcels can run. `say` is told what is being done. */
  start(say: (text: string) => void): Promise<string>;
  /** Ends whatever runs, also in the middle of `start`, which then rejects. */
  stop(): Promise<void>;
}

export interface LabOptions {
  /** Default: `lab`. Sites that share a broker have names of their own. */
  readonly site?: string;
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
  /** One that runs already, for devices and link alike; default: the lab's own. */
  readonly brokerUrl?: string;
  /** Default: the devices' broker, which they keep in any case. */
  readonly link?: LabLink;
  /** The first line's agent is the centre as well; default: that is a program of its own. */
  readonly isCentreWithLine?: boolean;
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
  const broker =
    options.brokerUrl === undefined
      ? child("broker", "simulators/broker-main.ts", ["--port", new URL(plan.brokerUrl).port])
      : null;
  const configured = async (name: string, program: string, content: object): Promise<LabChild> => {
    const file = join(plan.dataDir, `${name}.yaml`);
    // JSON is YAML as well.
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
    return child(name, program, ["--config", file]);
  };
  const world = await configured("world", "simulators/main.ts", worldOf(options, plan));
  const ownCentre = centreText(plan, Date.now());
  const agents = await Promise.all(
    plan.lineIds.map((lineId, index) => {
      const isCentre = options.isCentreWithLine === true && index === 0;
      const roles = isCentre ? { centre: ownCentre.centre } : {};
      return configured(`agent-${lineId}`, "edge/main.ts", {
        ...lineAgentText(plan, lineId),
        ...roles,
      });
    }),
  );
  const [first] = options.isCentreWithLine === true ? agents : [];
  const centre = first ?? (await configured("centre", "edge/main.ts", ownCentre));
  const others = agents.filter((each) => each !== centre);
  let isStopped = false;
  const startAll = async (...children: LabChild[]): Promise<void> => {
    if (isStopped) throw new Error("stopped while it was starting");
    await Promise.all(children.map((each) => each.start()));
  };

  return {
    plan,
    broker,
    centre,
    centreDir: join(plan.dataDir, centre.name),
    world,
    agents,
    async start(say) {
      say("starting broker and centre");
      if (broker !== null) await startAll(broker);
      await startAll(centre);
      say("starting the world and its devices");
      await startAll(world);
      say(`starting ${others.length} line agent${others.length === 1 ? "" : "s"}`);
      await startAll(...others);
      return urlOf(plan);
    },
    async stop() {
      isStopped = true;
      // When the signal came from the keyboard, the processes have got it already.
      for (const each of [...agents, world, centre, broker]) each?.retire();
      // Agents are stopped first, so that they leave their lines in order while the wires still
      // stand.
      await Promise.all(others.map((each) => each.stop()));
      for (const each of [world, centre, broker]) await each?.stop();
    },
  };
}

/**
 * The lab chooses all ports, because whatever is started anew must come back on the port it had.
 */
async function planOf(options: LabOptions): Promise<LabPlan> {
  const { site = "lab", dataDir, pageDir, speed, reviewMm, brokerUrl, link, journal } = options;
  const lineIds = Array.from({ length: options.lines }, (_, index) => `L${index + 1}`);
  const [httpPort, brokerPort, opcuaPort, ...cameraPorts] = await freePorts(3 + lineIds.length);
  return {
    site,
    dataDir,
    pageDir,
    httpPort: options.port === 0 ? (httpPort ?? 0) : options.port,
    brokerUrl: brokerUrl ?? `mqtt://127.0.0.1:${brokerPort}`,
    ...(link === undefined ? {} : { link }),
    ...(journal === undefined ? {} : { journal }),
    opcuaUrl: `opc.tcp://127.0.0.1:${opcuaPort}`,
    wiresDir: join(dataDir, "wires"),
    lineIds,
    cameraPorts: new Map(lineIds.map((id, index) => [id, cameraPorts[index] ?? 0])),
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
