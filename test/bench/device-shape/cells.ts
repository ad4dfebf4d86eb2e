import { join } from "node:path";
import type { Wires } from "../../../edge/devices/wires/wires.ts";
import { zReach } from "../../../edge/devices/reach.ts";
import { createScanner, zScannerConfig } from "../../../edge/devices/scanner/open-scanner.ts";
import { createSorter, zSorterConfig } from "../../../edge/devices/sorter/open-sorter.ts";
import { zFramesDialect } from "../../../edge/devices/preset-frames.ts";
import { createXray, zXrayConfig } from "../../../edge/devices/xray/open-xray.ts";
import type { DevicePort } from "../../../edge/devices/port.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import type { ByteLink, MessageBus } from "../../../protocols/transport.ts";
import { listenTcpLine } from "../../../simulators/devices/byte-links.ts";
import { openDeviceBus } from "../../../simulators/devices/mqtt-bus.ts";
import { openPtyLine } from "../../../simulators/devices/pty.ts";
import { startFrameScanner } from "../../../simulators/devices/scanner-frames.ts";
import { startMessageScanner } from "../../../simulators/devices/scanner-messages.ts";
import { createSorterMqttWire } from "../../../simulators/devices/sorter/mqtt-wire.ts";
import { createSorterOpcuaServer } from "../../../simulators/devices/sorter/opcua-server.ts";
import { createSorterTelegramWire } from "../../../simulators/devices/sorter/telegram-wire.ts";
import type { SorterWire } from "../../../simulators/devices/sorter/wire.ts";
import {
  sorterNamespaceUri,
  sorterObjectNodeName,
} from "../../../protocols/sorter/sorter-opcua.ts";
import { xrayNamespaceUri, xrayObjectNodeName } from "../../../protocols/xray/xray-opcua.ts";
import { createXrayMqttWire } from "../../../simulators/devices/xray/mqtt-wire.ts";
import { createXrayOpcuaServer } from "../../../simulators/devices/xray/opcua-server.ts";
import { createXrayTelegramWire } from "../../../simulators/devices/xray/telegram-wire.ts";
import type { XrayWire } from "../../../simulators/devices/xray/wire.ts";
import { createSorterByHand } from "../../kit/sorter-by-hand.ts";
import { plainEvents, rawBytes, rawMessages, type RawTrip } from "./raw-trips.ts";
import { createAwaited, untilSo } from "./turns.ts";

/** What cells are opened with. */
export interface CellStand {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly wires: Wires;
  readonly brokerUrl: string;
  readonly folder: string;
}

/** One of the matrix: a simulated device and the shipped driver on a real wire, and that wire alone. */
export interface OpenCell {
  /** Milliseconds of one message from the device until its driver tells of it, and of the wire alone. */
  turn(): Promise<{ readonly messageMs: number; readonly rawMs: number }>;
  close(): Promise<void>;
}

/** A device that says something when it is told to. */
interface Device {
  readonly say: () => void;
  readonly stop: () => Promise<void> | void;
}

const scannerDialect = { kind: "frames", preset: "sick" };
const publishingIntervalMs = 10;
const countsBetweenEdges = 300;

type ByteWire = "serial" | "tcp";

interface Ends {
  readonly reach: object;
  readonly device: ByteLink;
}

/** The device's end of a line that nobody has opened yet. */
async function endsOf(stand: CellStand, wire: ByteWire, name: string): Promise<Ends> {
  if (wire === "tcp") {
    const { link, listening } = listenTcpLine();
    return { reach: { kind: "tcp", host: "127.0.0.1", port: await listening }, device: link };
  }
  const path = join(stand.folder, name);
  return { reach: { kind: "serial", path, baudRate: 115_200 }, device: openPtyLine(path).link };
}

async function rawBytesOf(stand: CellStand, wire: ByteWire): Promise<RawTrip> {
  const { reach, device } = await endsOf(stand, wire, "raw");
  const parsed = zReach.parse(reach);
  if (parsed.kind !== "serial" && parsed.kind !== "tcp") throw new Error("no line of bytes");
  return rawBytes(stand.wires.byteLink(parsed), device);
}

const rawMessagesOf = ({ wires, brokerUrl }: CellStand): Promise<RawTrip> => {
  const reach = zReach.parse({ kind: "mqtt", brokerUrl, base: "raw" });
  if (reach.kind !== "mqtt") throw new Error("no broker");
  return rawMessages(wires.messageBus(reach, "raw-line"), openDeviceBus(brokerUrl, "raw-device"));
};

/** `kind` is the event that a message of the device leads to. */
async function cellOf<Event extends { readonly kind: string }>(
  port: DevicePort<Event>,
  kind: Event["kind"],
  device: Device,
  raw: RawTrip,
): Promise<OpenCell> {
  const awaited = createAwaited(port.deviceId);
  port.start((event) => {
    if (event.kind === kind) awaited.heard();
  });
  await untilHeard(port, device);
  return {
    turn: async () => ({
      rawMs: await raw.trip(),
      messageMs: await awaited.after(device.say),
    }),
    async close() {
      await port.stop();
      await device.stop();
      await raw.close();
    },
  };
}

/** Over OPC UA the plain client hears the very same event. */
async function eventCellOf<Event extends { readonly kind: string }>(
  port: DevicePort<Event>,
  kind: Event["kind"],
  device: Device,
  watched: {
    readonly endpointUrl: string;
    readonly namespaceUri: string;
    readonly name: string;
  },
): Promise<OpenCell> {
  const awaited = createAwaited(port.deviceId);
  const plain = createAwaited("a plain client");
  port.start((event) => {
    if (event.kind === kind) awaited.heard();
  });
  await untilHeard(port, device);
  const client = await plainEvents(watched.endpointUrl, watched, publishingIntervalMs);
  client.onHeard(plain.heard);
  return {
    async turn() {
      const [rawMs, messageMs] = await Promise.all([
        plain.after(() => {}),
        awaited.after(device.say),
      ]);
      return { rawMs, messageMs };
    },
    async close() {
      await client.close();
      await port.stop();
      await device.stop();
    },
  };
}

/** A scanner without a sign of life is received once it has read. */
const untilHeard = (port: DevicePort<unknown>, device: Device): Promise<void> =>
  untilSo(() => {
    const isReceived = port.health().state === "receiving";
    if (!isReceived && port.health().reason?.code === "nothingHeardOn") device.say();
    return isReceived;
  }, `${port.deviceId} is received`);

const scannerOn = ({ wires, clock }: CellStand, reach: object, dialect: object) =>
  createScanner(zScannerConfig.parse({ id: "scanner", reach, dialect }), { wires, clock });
const sorterOn = ({ wires, clock }: CellStand, reach: object, dialect: object) =>
  createSorter(
    zSorterConfig.parse({ id: "sorter", reach, dialect }),
    { speedMmPerS: 1_000, mmPerCount: 1 },
    { wires, clock },
  );
const xrayOn = ({ wires, clock }: CellStand, reach: object, dialect: object) =>
  createXray(
    zXrayConfig.parse({ id: "xray", reach, dialect }),
    { counter: null },
    { wires, clock },
  );

async function frameScanner(stand: CellStand, wire: ByteWire): Promise<OpenCell> {
  const { reach, device: link } = await endsOf(stand, wire, "scanner");
  const { format } = zFramesDialect.parse(scannerDialect);
  const scanner = startFrameScanner({ link, clock: stand.clock, format });
  const device = { say: () => scanner.read(["RB123456785GB"]), stop: () => scanner.stop() };
  const port = scannerOn(stand, reach, scannerDialect);
  return cellOf(port, "read", device, await rawBytesOf(stand, wire));
}

async function messageScanner(stand: CellStand): Promise<OpenCell> {
  const { brokerUrl, clock } = stand;
  const base = "bench/scanner";
  const bus = openDeviceBus(brokerUrl, base);
  const scanner = startMessageScanner({ bus, base, clock });
  const device = { say: () => scanner.read(["RB123456785GB"]), stop: () => scanner.stop() };
  const port = scannerOn(stand, { kind: "mqtt", brokerUrl, base }, { kind: "sortline-json" });
  return cellOf(port, "read", device, await rawMessagesOf(stand));
}

/** Its eye, covered and free in turns: nearly all of what a sorter has to say. */
function sorterDevice(
  { clock, entropy }: CellStand,
  wire: SorterWire,
  stop: Device["stop"],
): Device {
  const { model, encoder } = createSorterByHand(clock, "sorter", wire, entropy, { debounceMs: 0 });
  model.powerOn();
  let isBlocked = false;
  return {
    say() {
      isBlocked = !isBlocked;
      encoder.turnTo(encoder.count() + countsBetweenEdges);
      model.eye("eye1", isBlocked, encoder.count());
    },
    stop() {
      model.powerOff();
      return stop();
    },
  };
}

async function telegramSorter(stand: CellStand, wire: ByteWire): Promise<OpenCell> {
  const { reach, device: link } = await endsOf(stand, wire, "sorter");
  const telegrams = createSorterTelegramWire({ link, clock: stand.clock });
  const device = sorterDevice(stand, telegrams, () => telegrams.close());
  const port = sorterOn(stand, reach, { kind: "sortline-telegrams" });
  return cellOf(port, "eye", device, await rawBytesOf(stand, wire));
}

async function messageSorter(stand: CellStand): Promise<OpenCell> {
  const { brokerUrl } = stand;
  const base = "bench/sorter";
  const bus: MessageBus = openDeviceBus(brokerUrl, base);
  const device = sorterDevice(stand, createSorterMqttWire(bus, base), () => bus.close());
  const port = sorterOn(stand, { kind: "mqtt", brokerUrl, base }, { kind: "sortline-json" });
  return cellOf(port, "eye", device, await rawMessagesOf(stand));
}

async function eventSorter(stand: CellStand): Promise<OpenCell> {
  const certificatesFolder = join(stand.folder, "sorter-server");
  const server = createSorterOpcuaServer({ sorterIds: ["sorter"], port: 0, certificatesFolder });
  await server.start();
  const endpointUrl = server.endpointUrl();
  const device = sorterDevice(stand, server.wire("sorter"), () => server.stop());
  const dialect = { kind: "sortline-opcua", sorterId: "sorter" };
  const reach = { kind: "opcua", endpointUrl, publishingIntervalMs };
  return eventCellOf(sorterOn(stand, reach, dialect), "eye", device, {
    endpointUrl,
    namespaceUri: sorterNamespaceUri,
    name: sorterObjectNodeName("sorter"),
  });
}

const lifeEveryMs = 500;

/** It lives, and says when it is told to that an item has entered. */
function xrayDevice(wire: XrayWire, stop: Device["stop"]): Device {
  let itemSequence = 0;
  let seq = 0;
  const live = (): void => {
    wire.say({ kind: "life", state: "ready", beamOn: true, seq }, false);
    seq += 1;
  };
  const life = setInterval(live, lifeEveryMs);
  return {
    say() {
      itemSequence += 1;
      wire.say({ kind: "item", passId: null, itemSequence, lengthMm: 300 }, false);
    },
    async stop() {
      clearInterval(life);
      await wire.close();
      await stop();
    },
  };
}

async function telegramXray(stand: CellStand, wire: ByteWire): Promise<OpenCell> {
  const { clock, entropy } = stand;
  const { reach, device: link } = await endsOf(stand, wire, "xray");
  const device = xrayDevice(createXrayTelegramWire({ link, clock, entropy }), () => {});
  const port = xrayOn(stand, reach, { kind: "sortline-telegrams" });
  return cellOf(port, "item", device, await rawBytesOf(stand, wire));
}

async function messageXray(stand: CellStand): Promise<OpenCell> {
  const { brokerUrl } = stand;
  const base = "bench/xray";
  const device = xrayDevice(createXrayMqttWire(openDeviceBus(brokerUrl, base), base), () => {});
  const port = xrayOn(stand, { kind: "mqtt", brokerUrl, base }, { kind: "sortline-json" });
  return cellOf(port, "item", device, await rawMessagesOf(stand));
}

async function eventXray(stand: CellStand): Promise<OpenCell> {
  const { clock, entropy, folder } = stand;
  const certificatesFolder = join(folder, "xray-server");
  const options = { xrayIds: ["xray"], port: 0, certificatesFolder, clock, entropy };
  const server = createXrayOpcuaServer(options);
  await server.start();
  const endpointUrl = server.endpointUrl();
  const device = xrayDevice(server.wire("xray"), () => server.stop());
  const reach = { kind: "opcua", endpointUrl, publishingIntervalMs };
  return eventCellOf(xrayOn(stand, reach, { kind: "sortline-opcua" }), "item", device, {
    endpointUrl,
    namespaceUri: xrayNamespaceUri,
    name: xrayObjectNodeName("xray"),
  });
}

/** By the names of the matrix (`npm run matrix`). */
export const benchCells: Readonly<Record<string, (stand: CellStand) => Promise<OpenCell>>> = {
  "scanner/frames sick/serial": (stand) => frameScanner(stand, "serial"),
  "scanner/frames sick/tcp": (stand) => frameScanner(stand, "tcp"),
  "scanner/sortline-json/mqtt": messageScanner,
  "sorter/sortline-telegrams/serial": (stand) => telegramSorter(stand, "serial"),
  "sorter/sortline-telegrams/tcp": (stand) => telegramSorter(stand, "tcp"),
  "sorter/sortline-json/mqtt": messageSorter,
  "sorter/sortline-opcua/opcua": eventSorter,
  "xray/sortline-telegrams/serial": (stand) => telegramXray(stand, "serial"),
  "xray/sortline-telegrams/tcp": (stand) => telegramXray(stand, "tcp"),
  "xray/sortline-json/mqtt": messageXray,
  "xray/sortline-opcua/opcua": eventXray,
};
