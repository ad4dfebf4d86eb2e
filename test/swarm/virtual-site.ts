import type { Centre } from "../../edge/centre/centre.ts";
import { startCentre } from "../../edge/centre/centre.ts";
import { createDocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { ImageStore } from "../../edge/centre/image-store.ts";
import { createScale } from "../../edge/devices/open-scale.ts";
import { createScanner } from "../../edge/devices/open-scanner.ts";
import { createSorter } from "../../edge/devices/open-sorter.ts";
import { createXray } from "../../edge/devices/open-xray.ts";
import type { Wires } from "../../edge/devices/wires.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { zAgentFile, type AgentFile } from "../../edge/runtime/config/agent-file.ts";
import { centreConfigOf } from "../../edge/runtime/config/centre-config.ts";
import { lineConfigOf } from "../../edge/runtime/config/read-agent-file.ts";
import { createMemoryImageSpool } from "../../edge/runtime/image-spool.ts";
import { startLineAgent, type LineAgent } from "../../edge/runtime/line-agent.ts";
import { createRecorder, type Recorder } from "../../edge/runtime/recorder.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSorterMqttWire } from "../../simulators/devices/sorter/mqtt-wire.ts";
import { centreText, lineText } from "../../simulators/lab/agent-files.ts";
import type { LineWires } from "../../simulators/lab/lab-line.ts";
import { createMemoryBroker, type MemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { createMemoryCopies } from "./memory-copies.ts";

/**
 * A whole site in virtual time: the shipped drivers, core, link and centre on in-memory wires, in
 * one process. What it lacks of a real one is disks, sockets and the page.
 */
export interface VirtualSite {
  readonly clock: VirtualClock;
  readonly centre: Centre;
  readonly agent: LineAgent;
  readonly link: MemoryLink;
  readonly broker: MemoryBroker;
  readonly wires: LineWires;
  readonly lineId: string;
  readonly agentId: string;
  readonly rules: NonNullable<AgentFile["centre"]>["documents"];
  readonly journal: MemoryJournal;
  /** Runs the site for so long; promises are settled at every few milliseconds of its time. */
  runFor(ms: number): Promise<void>;
}

export interface VirtualSiteOptions {
  readonly seed: number;
  /** Hears every entry as it is recorded: the agent's trace. */
  readonly onEntry?: (entry: Parameters<Recorder["record"]>[0]) => void;
  /** Stands between the X-ray and its bus: what the machine says can be heard there. */
  readonly wrapXrayBus?: (bus: MessageBus) => MessageBus;
  readonly inspectionRate: number;
  readonly imageVerdictBy: "algorithm" | "officer" | "both";
  /** Milliseconds each journal sync takes. */
  readonly syncMs: () => number;
}

export const lineId = "L1";
const agentId = "agent-L1";
/** Promises of the shell are settled this often: no more often than a disk would answer. */
const quantumMs = 10;

export async function startVirtualSite(options: VirtualSiteOptions): Promise<VirtualSite> {
  const clock = createVirtualClock();
  const { file, centreSettings } = files(options, clock.wall());
  const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
  const link = createMemoryLink({ clock, carry: () => [2] });
  const wires = createWires(clock, broker);
  const journal = new MemoryJournal({
    chain: agentId,
    clock,
    hashing: "never",
    syncMs: options.syncMs,
    recordsKeptMax: 50_000,
  });
  const centre = await startCentre({
    config: centreConfigOf("lab", centreSettings),
    clock,
    entropy: createSeededEntropy(options.seed, "centre"),
    createDesk: (hooks) =>
      createDocumentDesk({ config: centreSettings.documents, clock, ...hooks }),
    link: link.centre,
    journal: new MemoryJournal({ chain: "centre", clock, hashing: "never", recordsKeptMax: 1_000 }),
    copies: createMemoryCopies(),
    images: createMemoryImages(),
  });
  const agent = startAgent(options, { clock, file, wires: wires.agent, journal, link });
  return {
    clock,
    centre,
    agent,
    link,
    broker,
    wires: {
      ...wires.world,
      xray: {
        ...wires.world.xray,
        bus: options.wrapXrayBus?.(wires.world.xray.bus) ?? wires.world.xray.bus,
      },
    },
    lineId,
    agentId,
    rules: centreSettings.documents,
    journal,
    runFor: async (ms) => {
      const endAt = clock.monotonic() + ms;
      while (clock.monotonic() < endAt) {
        clock.runFor(Math.min(quantumMs, endAt - clock.monotonic()));
        await settled();
      }
    },
  };
}

/** Lets everything that waits for a promise go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Files {
  readonly file: AgentFile;
  readonly centreSettings: NonNullable<AgentFile["centre"]>;
}

/** The lab's own files, checked as the agents check them. */
function files(options: VirtualSiteOptions, now: number): Files {
  const plan = {
    site: "lab",
    dataDir: "/nowhere",
    pageDir: "/nowhere",
    httpPort: 0,
    brokerUrl: "mqtt://127.0.0.1:1",
    opcuaUrl: "opc.tcp://127.0.0.1:1",
    wiresDir: "/nowhere",
    lineIds: [lineId],
    speed: 1,
  };
  const parsed = zAgentFile.parse(centreText(plan, now));
  if (parsed.centre === null) throw new Error("the lab's centre file has no centre");
  const line = zAgentFile.parse({
    agentId,
    site: "lab",
    dataDir: "/nowhere",
    link: { brokerUrl: plan.brokerUrl },
    lines: [{ line: lineText(lineId, 1), devices: devicesText(plan.brokerUrl) }],
  });
  const [parameters] = parsed.centre.documents.parameters;
  if (parameters === undefined) throw new Error("the lab's centre file has no parameters");
  const [role] = line.lines;
  if (role === undefined) throw new Error("the lab's agent file has no line");
  const rules = { ...role.line.rules, imageVerdictBy: options.imageVerdictBy };
  const drawSecretHex = "5a".repeat(32);
  return {
    file: { ...line, lines: [{ ...role, line: { ...role.line, rules } }] },
    centreSettings: {
      ...parsed.centre,
      lines: parsed.centre.lines.map((each) => ({ ...each, line: { ...each.line, rules } })),
      documents: {
        ...parsed.centre.documents,
        parameters: [{ ...parameters, inspectionRate: options.inspectionRate, drawSecretHex }],
      },
    },
  };
}

const devicesText = (brokerUrl: string): object => {
  const serial = (name: string): object => ({ kind: "serial", path: `/nowhere/${name}` });
  const mqtt = (name: string): object => ({ kind: "mqtt", brokerUrl, base: `lab/${name}` });
  return {
    scanner: { id: `${lineId}-scanner`, reach: serial("scanner"), format: { preset: "sick" } },
    scale: { id: `${lineId}-scale`, reach: serial("scale") },
    xray: { id: `${lineId}-xray`, reach: mqtt("xray") },
    sorter: { id: `${lineId}-sorter`, reach: mqtt("sorter") },
  };
};

function createWires(
  clock: VirtualClock,
  broker: MemoryBroker,
): { readonly agent: Wires; readonly world: LineWires } {
  const scanner = createMemoryWire({ clock, latencyMs: () => 1 });
  const scale = createMemoryWire({ clock, latencyMs: () => 1 });
  const agent: Wires = {
    byteLink: (reach) =>
      reach.kind === "serial" && reach.path.endsWith("scale") ? scale.a : scanner.a,
    messageBus: () => broker.connect(),
  };
  const world: LineWires = {
    scanner: scanner.b,
    scale: scale.b,
    xray: { bus: broker.connect(), base: "lab/xray" },
    sorter: createSorterMqttWire(broker.connect(), "lab/sorter"),
    switches: {
      scannerWireCut: (isCut) => (isCut ? scanner.cut("pulled out") : scanner.restore()),
      scaleWireCut: (isCut) => (isCut ? scale.cut("pulled out") : scale.restore()),
      brokerDown: (isDown) => (isDown ? broker.stop("killed") : broker.start()),
    },
  };
  return { agent, world };
}

interface AgentParts {
  readonly clock: VirtualClock;
  readonly file: AgentFile;
  readonly wires: Wires;
  readonly journal: MemoryJournal;
  readonly link: MemoryLink;
}

function startAgent(options: VirtualSiteOptions, parts: AgentParts): LineAgent {
  const { clock, file, wires, journal, link } = parts;
  const [role] = file.lines;
  if (role === undefined) throw new Error("no line");
  const recorder = createRecorder({
    journal,
    onHole: (why) => {
      throw new Error(`the journal has a hole: ${why}`);
    },
  });
  const deps = {
    wires,
    clock,
    opcua: {
      acquire: () => {
        throw new Error("no OPC UA in virtual time");
      },
    },
  };
  const { devices } = role;
  return startLineAgent({
    lines: [
      {
        ...lineConfigOf(role.line),
        devices: {
          scanner: createScanner(devices.scanner, deps),
          scale: devices.scale === null ? null : createScale(devices.scale, deps),
          xray: devices.xray === null ? null : createXray(devices.xray, deps),
          sorter: createSorter(devices.sorter, deps),
        },
      },
    ],
    epoch: "e1",
    chain: agentId,
    clock,
    recorder: {
      record: (entry, then) => {
        options.onEntry?.(entry);
        recorder.record(entry, then);
      },
    },
    journal,
    spool: createMemoryImageSpool(200),
    linkEnd: link.agent(agentId),
  });
}

function createMemoryImages(): ImageStore {
  const held = new Set<string>();
  const counters = { images: 0, bytes: 0, storedTotal: 0, evictedTotal: 0 };
  return {
    put: async (sha256) => {
      held.add(sha256);
      counters.storedTotal += 1;
      return "stored";
    },
    read: async () => null,
    has: (sha256) => held.has(sha256),
    counters: () => ({ ...counters, refusedTotal: 0, failedTotal: 0, damagedTotal: 0 }),
  };
}
