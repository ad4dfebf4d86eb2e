import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import type { ScannerPort } from "../../edge/devices/scanner/scanner.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { encodeScannerText } from "../../protocols/scanner/encoder.ts";
import type { ScannerPresetName } from "../../protocols/scanner/presets.ts";
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
const ourMessages = { kind: "sortline-json" };
/** Ours again, read as another maker's would be. */
const mappedMessages = {
  kind: "json-map",
  read: { topic: "read", codes: "codes", text: "text", aim: "aim", seq: "seq" },
  life: { topic: "life" },
};
const base = "site/L1/scanner";

function byteRig(
  time: TimeRig,
  wires: Wires,
  reach: object,
  deviceLink: ByteLink,
  dialect: object,
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

async function overSerial(dialect: object): Promise<ScannerRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scanner");
  const line = openPtyLine(path);
  const wires = agentWires(time.clock);
  const rig = byteRig(time, wires, { kind: "serial", path }, line.link, dialect);
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
async function overSocat(dialect: object): Promise<ScannerRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scanner");
  const device = listenTcpLine();
  const port = await device.listening;
  const wires = agentWires(time.clock);
  const rig = byteRig(time, wires, { kind: "serial", path }, device.link, dialect);
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

async function overTcp(dialect: object): Promise<ScannerRig> {
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
async function overCall(dialect: object): Promise<ScannerRig> {
  const time = realTime();
  const host = "127.0.0.1";
  const port = await freePort();
  const line = callTcpLine(host, port);
  const reach = { kind: "tcp-listen", host, port, from: host };
  const rig = byteRig(time, agentWires(time.clock), reach, line.link, dialect);
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
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect: ourMessages, ...ages });
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

async function overMqtt(dialect: object): Promise<ScannerRig> {
  const time = realTime();
  const { clock } = time;
  const broker = await startBroker();
  const deviceBus = openDeviceBus(broker.url, "device-1");
  const reach = { kind: "mqtt", brokerUrl: broker.url, base };
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect, ...ages });
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

/** What a reader answers to commands, and what people are told of the refusal. */
interface Answers {
  readonly taken: string;
  readonly refused: string;
  readonly named: string;
}
const sickAnswers: Answers = { taken: "sAN mTCgateon 1", refused: "sFA 5", named: "sFA 5" };
const answersOf: Readonly<Record<ScannerPresetName, Answers | null>> = {
  sick: sickAnswers,
  "sick-cola-b": sickAnswers,
  keyence: { taken: "OK,LON", refused: "ER,LON,00", named: "ER,LON,00" },
  cognex: { taken: "||[0]", refused: "||[101]", named: "invalid command (101)" },
  datalogic: null,
  honeywell: null,
};

/** A reader of frames, as its maker delivers it but for a heartbeat. */
function readerOf(preset: ScannerPresetName, open: (dialect: object) => Promise<ScannerRig>) {
  const dialect = { kind: "frames", preset, heartbeat };
  return {
    format: zFramesDialect.parse(dialect).format,
    answers: answersOf[preset],
    open: () => open(dialect),
  };
}

const readerInMemory = (preset: ScannerPresetName) => ({
  wire: `${preset} in memory`,
  cell: null,
  ...readerOf(preset, overMemory),
});

const bytesOver = {
  serial: { open: overSerial, name: "on a serial line" },
  tcp: { open: overTcp, name: "over TCP" },
  "tcp-listen": { open: overCall, name: "over TCP, called by the reader" },
} as const;

const reader = <P extends ScannerPresetName, W extends keyof typeof bytesOver>(
  preset: P,
  wire: W,
) => ({
  wire: `${preset} ${bytesOver[wire].name}`,
  cell: `scanner/frames ${preset}/${wire}` as const,
  ...readerOf(preset, bytesOver[wire].open),
});

/** A gateway that sends messages. */
const messages = { format: null, answers: null } as const;

export const scannerRigs = [
  readerInMemory("sick"),
  reader("sick", "serial"),
  reader("sick", "tcp"),
  reader("sick", "tcp-listen"),
  readerInMemory("sick-cola-b"),
  reader("sick-cola-b", "tcp"),
  reader("keyence", "serial"),
  reader("cognex", "tcp"),
  reader("datalogic", "serial"),
  reader("honeywell", "tcp"),
  { ...messages, wire: "messages in memory", cell: null, open: overMemoryMessages },
  {
    ...messages,
    wire: "messages over MQTT",
    cell: "scanner/sortline-json/mqtt",
    open: () => overMqtt(ourMessages),
  },
  {
    ...messages,
    wire: "mapped messages over MQTT",
    cell: "scanner/json-map/mqtt",
    open: () => overMqtt(mappedMessages),
  },
  ...(hasRealPeers()
    ? [{ wire: "sick on a serial line of socat", cell: null, ...readerOf("sick", overSocat) }]
    : []),
] as const;
