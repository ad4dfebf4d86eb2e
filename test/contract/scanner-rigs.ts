import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import type { ScannerPort } from "../../edge/devices/scanner/scanner.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { encodeScannerText } from "../../protocols/scanner/encoder.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { callTcpLine, listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { startFrameScanner } from "../../simulators/devices/scanner-frames.ts";
import { startMessageScanner } from "../../simulators/devices/scanner-messages.ts";
import type { SimulatedScanner } from "../../simulators/devices/scanner.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { openSocatLine } from "../peers/socat.ts";
import {
  agentWires,
  freePort,
  hasRealPeers,
  onlyWires,
  realTime,
  startBroker,
  temporaryFolder,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

/** One scanner and one driver at the two ends of a wire. */
export interface ScannerRig extends TimeRig {
  readonly port: ScannerPort;
  readonly device: SimulatedScanner;
  /** Puts bytes on the wire that no healthy device would send, as a frame or message. */
  sendRaw(bytes: Uint8Array): void;
  /** A text in a frame of this device, whatever it says; undefined where it sends messages. */
  frameOf?(text: string): Uint8Array;
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** A fast heartbeat, so that tests on real wires need not wait for seconds. */
const periodMs = 100;
const heartbeat = { pattern: "HB", periodMs };
const frames = { kind: "frames", preset: "sick", heartbeat } as const;
const colaB = { kind: "frames", preset: "sick-cola-b", heartbeat } as const;
const messages = { kind: "sortline-json" } as const;
const base = "site/L1/scanner";

function byteRig(
  time: TimeRig,
  wires: Wires,
  reach: object,
  deviceLink: ByteLink,
  dialect: object = frames,
): Pick<ScannerRig, "port" | "device" | "sendRaw" | "frameOf"> {
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect });
  const { format } = zFramesDialect.parse(dialect);
  return {
    port: createScanner(config, { wires, clock: time.clock }),
    device: startFrameScanner({
      link: deviceLink,
      clock: time.clock,
      format,
    }),
    sendRaw: (bytes) => deviceLink.write(bytes),
    frameOf: (text) => encodeScannerText(format, text),
  };
}

const overMemoryBytes = (): Promise<ScannerRig> => overMemory(frames);
const overMemoryColaB = (): Promise<ScannerRig> => overMemory(colaB);

async function overMemory(dialect: object): Promise<ScannerRig> {
  const time = virtualTime();
  const wire = createMemoryWire({ clock: time.clock, latencyMs: () => 1, chunkBytes: () => 4 });
  const wires = onlyWires({ byteLink: () => wire.a });
  const reach = { kind: "tcp", host: "device", port: 2111 };
  const rig = byteRig(time, wires, reach, wire.b, dialect);
  return {
    ...time,
    ...rig,
    cut: async () => wire.cut("cut"),
    restore: async () => wire.restore(),
    async close() {
      await rig.port.stop();
      await rig.device.stop();
    },
  };
}

async function overSerial(): Promise<ScannerRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scanner");
  const line = openPtyLine(path);
  const wires = agentWires(time.clock);
  const rig = byteRig(time, wires, { kind: "serial", path }, line.link);
  return {
    ...time,
    ...rig,
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
    async close() {
      await rig.port.stop();
      await rig.device.stop();
      folder.remove();
    },
  };
}

/** The device speaks TCP, and socat makes a serial line of it. */
async function overSocat(): Promise<ScannerRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scanner");
  const device = listenTcpLine();
  const port = await device.listening;
  const wires = agentWires(time.clock);
  const rig = byteRig(time, wires, { kind: "serial", path }, device.link);
  const line = await openSocatLine(path, port);
  return {
    ...time,
    ...rig,
    cut: () => line.unplug(),
    restore: () => line.replug(),
    async close() {
      await rig.port.stop();
      await rig.device.stop();
      await line.unplug();
      folder.remove();
    },
  };
}

const overTcp = (): Promise<ScannerRig> => listening(frames);
const overTcpColaB = (): Promise<ScannerRig> => listening(colaB);

async function listening(dialect: object): Promise<ScannerRig> {
  const time = realTime();
  const line = listenTcpLine();
  const port = await line.listening;
  const wires = agentWires(time.clock);
  const rig = byteRig(time, wires, { kind: "tcp", host: "127.0.0.1", port }, line.link, dialect);
  return {
    ...time,
    ...rig,
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
    async close() {
      await rig.port.stop();
      await rig.device.stop();
    },
  };
}

/** The reader calls, and the line's agent waits for it. */
async function overCall(): Promise<ScannerRig> {
  const time = realTime();
  const host = "127.0.0.1";
  const port = await freePort();
  const line = callTcpLine(host, port);
  const reach = { kind: "tcp-listen", host, port, from: host };
  const rig = byteRig(time, agentWires(time.clock), reach, line.link);
  return {
    ...time,
    ...rig,
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
    async close() {
      await rig.device.stop();
      await rig.port.stop();
    },
  };
}

const ages = { staleAfterMs: 2.5 * periodMs, downAfterMs: 5 * periodMs };

async function overMemoryMessages(): Promise<ScannerRig> {
  const time = virtualTime();
  const { clock } = time;
  const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
  const deviceBus = broker.connect();
  const reach = { kind: "mqtt", brokerUrl: "mqtt://broker", base };
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect: messages, ...ages });
  const wires = onlyWires({ messageBus: () => broker.connect() });
  const port = createScanner(config, { wires, clock });
  const device = startMessageScanner({ bus: deviceBus, base, clock, lifePeriodMs: periodMs });
  return {
    ...time,
    port,
    device,
    sendRaw: (bytes) => deviceBus.publish(`${base}/read`, bytes, { qos: 1 }),
    cut: async () => broker.stop("stopped"),
    restore: async () => broker.start(),
    async close() {
      await port.stop();
      await device.stop();
    },
  };
}

async function overMqtt(): Promise<ScannerRig> {
  const time = realTime();
  const { clock } = time;
  const broker = await startBroker();
  const deviceBus = openDeviceBus(broker.url, "device-1");
  const reach = { kind: "mqtt", brokerUrl: broker.url, base };
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect: messages, ...ages });
  const wires = agentWires(clock);
  const port = createScanner(config, { wires, clock });
  const device = startMessageScanner({ bus: deviceBus, base, clock, lifePeriodMs: periodMs });
  return {
    ...time,
    port,
    device,
    sendRaw: (bytes) => deviceBus.publish(`${base}/read`, bytes, { qos: 1 }),
    cut: () => broker.stop(),
    restore: () => broker.start(),
    async close() {
      await port.stop();
      await device.stop();
      await broker.stop();
    },
  };
}

export const scannerRigs = [
  { wire: "frames in memory", isBytes: true, open: overMemoryBytes },
  { wire: "frames on a serial line", isBytes: true, open: overSerial },
  { wire: "frames over TCP", isBytes: true, open: overTcp },
  { wire: "frames over TCP, called by the reader", isBytes: true, open: overCall },
  { wire: "CoLa-B in memory", isBytes: true, open: overMemoryColaB },
  { wire: "CoLa-B over TCP", isBytes: true, open: overTcpColaB },
  { wire: "messages in memory", isBytes: false, open: overMemoryMessages },
  { wire: "messages over MQTT", isBytes: false, open: overMqtt },
  ...(hasRealPeers()
    ? [{ wire: "frames on a serial line of socat", isBytes: true, open: overSocat }]
    : []),
] as const;
