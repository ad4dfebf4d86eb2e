import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import type { XrayPort } from "../../edge/devices/xray/xray.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import type { ByteLink, MessageBus } from "../../protocols/transport.ts";
import { callTcpLine, listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import {
  startXray,
  type SimulatedXray,
  type XrayDevice,
} from "../../simulators/devices/xray/machine.ts";
import { createXrayMqttWire } from "../../simulators/devices/xray/mqtt-wire.ts";
import {
  createXrayTelegramWire,
  type XrayTelegramWire,
} from "../../simulators/devices/xray/telegram-wire.ts";
import {
  createXrayOpcuaServer,
  type XrayOpcuaServer,
} from "../../simulators/devices/xray/opcua-server.ts";
import type { XrayWire } from "../../simulators/devices/xray/wire.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import type { ScannedBody } from "../../simulators/world/ports.ts";
import {
  agentWires,
  freePort,
  onlyWires,
  realTime,
  startBroker,
  temporaryFolder,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

/** One X-ray machine and one driver at the two ends of a wire. */
export interface XrayRig extends TimeRig {
  readonly port: XrayPort;
  readonly device: SimulatedXray;
  /** The machine's end, to say what the machine itself would not. */
  readonly deviceWire: XrayWire;
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export interface TopicRig extends XrayRig {
  sendRaw(topic: string, bytes: Uint8Array): void;
}

export interface TelegramRig extends XrayRig {
  readonly deviceWire: XrayTelegramWire;
  sendRaw(bytes: Uint8Array): void;
}

export interface EventRig extends XrayRig {
  readonly server: XrayOpcuaServer;
}

const base = "site/L1/xray";
const ages = { staleAfterMs: 250, downAfterMs: 500 };
/** Over OPC UA silence is longer than the time between two publishings and two signs of life. */
const eventAges = { staleAfterMs: 700, downAfterMs: 1_000 };

/** What differs from one machine to the next. */
export type MachineOptions = Pick<XrayDevice, "knowsCounts" | "energies">;

/** The picture's grey tells the items apart: it is the length of the first body. */
const machineOn = (
  wire: XrayWire,
  clock: TimeRig["clock"],
  machine: MachineOptions,
): SimulatedXray =>
  startXray({
    ...machine,
    eyeToBeamCounts: 1_000,
    wire,
    clock,
    lifePeriodMs: 100,
    take: (bodies) => ({
      widthPx: 4,
      heightPx: 2,
      high: new Uint16Array(8).fill(greyOf(bodies)),
      low: new Uint16Array(8).fill(1),
    }),
    judge: (bodies) => ({
      verdict: greyOf(bodies) > 500 ? "suspect" : "clear",
      boxes: [],
      latencyMs: 20,
    }),
  });
const greyOf = (bodies: readonly ScannedBody[]): number => bodies[0]?.lengthMm ?? 0;

/** A parcel as the beam meets it. */
export const bodyOf = (lengthMm: number): ScannedBody => ({
  lengthMm,
  contents: { seed: 1, wrapping: "carton", widthMm: 200, items: [] },
});

/** The shipped driver, as it is configured. */
function portOn(
  time: TimeRig,
  wires: Wires,
  reach: object,
  dialect: object,
  silence: object = ages,
): XrayPort {
  const config = zXrayConfig.parse({ id: "xray-1", reach, dialect, ...silence });
  return createXray(config, { counter: null }, { wires, clock: time.clock });
}

function topicRig(
  time: TimeRig,
  wires: Wires,
  brokerUrl: string,
  bus: MessageBus,
  machine: MachineOptions,
): Omit<TopicRig, "cut" | "restore"> {
  const deviceWire = createXrayMqttWire(bus, base);
  const reach = { kind: "mqtt", brokerUrl, base };
  const port = portOn(time, wires, reach, { kind: "sortline-json" });
  const device = machineOn(deviceWire, time.clock, machine);
  return {
    ...time,
    port,
    device,
    deviceWire,
    sendRaw: (topic, bytes) => bus.publish(`${base}/${topic}`, bytes, { qos: 1 }),
    async close() {
      await port.stop();
      await device.stop();
    },
  };
}

export async function overMemoryBroker(machine: MachineOptions = {}): Promise<TopicRig> {
  const time = virtualTime();
  const broker = createMemoryBroker({ clock: time.clock, latencyMs: () => 1 });
  const deviceBus = broker.connect();
  const wires = onlyWires({ messageBus: () => broker.connect() });
  return {
    ...topicRig(time, wires, "mqtt://broker", deviceBus, machine),
    cut: async () => broker.stop("stopped"),
    restore: async () => broker.start(),
  };
}

export async function overMqtt(machine: MachineOptions = {}): Promise<TopicRig> {
  const time = realTime();
  const broker = await startBroker();
  const wires = agentWires(time.clock);
  const rig = topicRig(time, wires, broker.url, openDeviceBus(broker.url, "device-1"), machine);
  return {
    ...rig,
    cut: () => broker.stop(),
    restore: () => broker.start(),
    async close() {
      await rig.close();
      await broker.stop();
    },
  };
}

/** An image takes several telegrams. */
const pieceBytes = 8;

function telegramRig(
  time: TimeRig,
  wires: Wires,
  reach: object,
  link: ByteLink,
  machine: MachineOptions,
): Omit<TelegramRig, "cut" | "restore"> {
  const { clock } = time;
  const entropy = createSeededEntropy(1, "sessions of the X-ray");
  const deviceWire = createXrayTelegramWire({ link, clock, entropy, pieceBytes });
  const port = portOn(time, wires, reach, { kind: "sortline-telegrams" });
  const device = machineOn(deviceWire, clock, machine);
  return {
    ...time,
    port,
    device,
    deviceWire,
    sendRaw: (bytes) => link.write(bytes),
    async close() {
      await port.stop();
      await device.stop();
    },
  };
}

export async function overMemoryBytes(machine: MachineOptions = {}): Promise<TelegramRig> {
  const time = virtualTime();
  const wire = createMemoryWire({ clock: time.clock, latencyMs: () => 1, chunkBytes: () => 7 });
  const wires = onlyWires({ byteLink: () => wire.a });
  return {
    ...telegramRig(time, wires, { kind: "tcp", host: "device", port: 1 }, wire.b, machine),
    cut: async () => wire.cut("cut"),
    restore: async () => wire.restore(),
  };
}

export async function overTcp(machine: MachineOptions = {}): Promise<TelegramRig> {
  const time = realTime();
  const line = listenTcpLine();
  const reach = { kind: "tcp", host: "127.0.0.1", port: await line.listening };
  return {
    ...telegramRig(time, agentWires(time.clock), reach, line.link, machine),
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
  };
}

/** The machine calls the line. */
export async function overCalledTcp(machine: MachineOptions = {}): Promise<TelegramRig> {
  const time = realTime();
  const [host, port] = ["127.0.0.1", await freePort()];
  const line = callTcpLine(host, port);
  const reach = { kind: "tcp-listen", host, port, from: host };
  return {
    ...telegramRig(time, agentWires(time.clock), reach, line.link, machine),
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
  };
}

export async function overSerial(machine: MachineOptions = {}): Promise<TelegramRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("xray");
  const line = openPtyLine(path);
  const rig = telegramRig(
    time,
    agentWires(time.clock),
    { kind: "serial", path },
    line.link,
    machine,
  );
  return {
    ...rig,
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
    async close() {
      await rig.close();
      folder.remove();
    },
  };
}

export async function overOpcua(
  folder: (name: string) => string,
  machine: MachineOptions = {},
): Promise<EventRig> {
  const time = realTime();
  const { clock } = time;
  const server = createXrayOpcuaServer({
    xrayIds: ["xray-1", "neighbour"],
    port: 0,
    certificatesFolder: folder("server"),
    clock,
    entropy: createSeededEntropy(1, "epochs of the X-ray"),
    pieceBytes,
  });
  await server.start();
  const deviceWire = server.wire("xray-1");
  const wires = agentWires(clock, folder("client"));
  const reach = { kind: "opcua", endpointUrl: server.endpointUrl() };
  const port = portOn(time, wires, reach, { kind: "sortline-opcua" }, eventAges);
  const device = machineOn(deviceWire, clock, machine);
  return {
    ...time,
    port,
    device,
    deviceWire,
    server,
    cut: () => server.stop(),
    restore: () => server.start(),
    async close() {
      await port.stop();
      await device.stop();
      await server.stop();
    },
  };
}
