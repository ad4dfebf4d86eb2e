import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import type { XrayPort } from "../../edge/devices/xray/xray.ts";
import type { OpcuaEndpoint, OpcuaEventHandlers } from "../../edge/devices/wires/opcua/endpoint.ts";
import type { OpcuaEventSource } from "../../edge/devices/wires/opcua/session.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { fromOpcuaCall } from "../../protocols/opcua-methods.ts";
import { notConnected, sent, type ByteLink, type MessageBus } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import {
  xrayEventFields,
  xrayMethodNodeName,
  xrayMethods,
} from "../../protocols/xray/xray-opcua.ts";
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
import { createXrayOpcuaServer } from "../../simulators/devices/xray/opcua-server.ts";
import {
  createXrayOpcuaWire,
  type XrayOpcuaEvent,
} from "../../simulators/devices/xray/opcua-wire.ts";
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
  /** Raises an event that the machine would not. */
  raise(event: XrayOpcuaEvent): void;
  /** The subscription lives, and delivers nothing more until it is made anew. */
  silence(): void;
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

/** One object of a server, without a server: what is raised and called arrives a millisecond later. */
function memoryEndpoint(clock: TimeRig["clock"], take: (payload: Uint8Array) => void) {
  let watched: { source: OpcuaEventSource; handlers: OpcuaEventHandlers } | null = null;
  let isUp = true;
  let isSilent = false;
  /** Grows whenever what is under way is lost. */
  let connection = 0;
  const later = (act: () => void): void => {
    const since = connection;
    clock.schedule(monotonicMs(clock.monotonic() + 1), () => {
      if (since === connection) act();
    });
  };
  const endpoint: OpcuaEndpoint = {
    watchEvents(source, handlers) {
      watched = { source, handlers };
      later(() => handlers.onState(isUp));
      return {
        revive() {
          isSilent = false;
        },
        stop() {
          watched = null;
        },
      };
    },
    watchVariables() {
      throw new Error("an X-ray machine has no variables");
    },
    call({ method, inputs }) {
      if (!isUp) return notConnected;
      const called = "name" in method ? method.name : method.browseName;
      const known = xrayMethods.find(({ name }) => called === xrayMethodNodeName("xray-1", name));
      if (known === undefined) throw new Error(`there is no method ${called}`);
      const values = inputs.map(({ value }) => value);
      later(() => take(fromOpcuaCall(known, values)));
      return sent;
    },
    async close() {
      watched = null;
    },
  };
  return {
    endpoint,
    raise: (event: XrayOpcuaEvent): void => {
      const values: Readonly<Record<string, unknown>> = Object.fromEntries(
        Object.entries(xrayEventFields).map(([key, name]) => [
          name,
          event[key as keyof XrayOpcuaEvent],
        ]),
      );
      if (!isUp || isSilent) return;
      later(() => watched?.handlers.onFields(watched.source.fields.map((name) => values[name])));
    },
    silence: (): void => {
      isSilent = true;
    },
    setUp: (next: boolean): void => {
      isUp = next;
      connection += 1;
      const reason = deviceReason("connectionLost");
      watched?.handlers.onState(next, next ? undefined : reason);
    },
  };
}

export async function overMemoryEvents(machine: MachineOptions = {}): Promise<EventRig> {
  const time = virtualTime();
  const { clock } = time;
  const object = memoryEndpoint(clock, (payload) => void deviceWire.take(payload));
  const entropy = createSeededEntropy(1, "epochs of the X-ray");
  const deviceWire = createXrayOpcuaWire({ clock, entropy, pieceBytes, raise: object.raise });
  const wires = onlyWires({ opcuaEndpoint: () => object.endpoint });
  const reach = { kind: "opcua", endpointUrl: "opc.tcp://localhost:4840" };
  const port = portOn(time, wires, reach, { kind: "sortline-opcua" }, eventAges);
  const device = machineOn(deviceWire, clock, machine);
  return {
    ...time,
    port,
    device,
    deviceWire,
    raise: object.raise,
    silence: object.silence,
    cut: async () => object.setUp(false),
    restore: async () => object.setUp(true),
    async close() {
      await port.stop();
      await device.stop();
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
    raise: (event) => server.raise("xray-1", event),
    silence: () => server.silenceSubscriptions(),
    cut: () => server.stop(),
    restore: () => server.start(),
    async close() {
      await port.stop();
      await device.stop();
      await server.stop();
    },
  };
}
