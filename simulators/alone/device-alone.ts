import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Bug } from "../../protocols/bug.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import { scannerPresets } from "../../protocols/scanner/presets.ts";
import type { Clock } from "../../protocols/time.ts";
import { startFolderCamera } from "../devices/camera/folder-camera.ts";
import { startHttpCamera } from "../devices/camera/http-camera.ts";
import { labProofKeys, readerTicksAhead } from "../devices/lab-formats.ts";
import { startFrameScanner } from "../devices/scanner-frames.ts";
import { startMessageScanner } from "../devices/scanner-messages.ts";
import type { SimulatedScanner } from "../devices/scanner.ts";
import { createXrayFolderWire } from "../devices/xray/folder-wire.ts";
import { startXray } from "../devices/xray/machine.ts";
import { createXrayMqttWire } from "../devices/xray/mqtt-wire.ts";
import { createXrayOpcuaServer } from "../devices/xray/opcua-server.ts";
import { createXrayTelegramWire } from "../devices/xray/telegram-wire.ts";
import type { XrayWire } from "../devices/xray/wire.ts";
import { createAlgorithm, defaultAlgorithm } from "../images/algorithm.ts";
import { renderXray, type ImageSize, type XrayPicture } from "../images/render.ts";
import { createSeededEntropy } from "../world/chance.ts";
import { defaultLayout } from "../world/layout.ts";
import type { ScannedBody } from "../world/ports.ts";
import type { BeltMessage, DeviceMessage } from "./belt-messages.ts";
import { openAnnunciator } from "./annunciator-alone.ts";
import { takeTypedWord } from "./annunciator-words.ts";
import { openAloneBus, openByteWire } from "./device-wires.ts";
import type { AloneOptions } from "./options.ts";
import { startScaleAlone, takeTypedLoad } from "./scale-alone.ts";
import { servedAs } from "./served-as.ts";
import { openSignals } from "./signals-alone.ts";

/** A device in a process of its own: the belt is somewhere else, or is a person who types. */
export interface AloneDevice {
  /** Where its wire is. */
  readonly at: string;
  take(message: BeltMessage): void;
  /** What a person has typed, as what the device sees; false where that is nothing for it. */
  takeTyped(line: string): boolean;
  stop(): Promise<void>;
}

export interface AloneParts {
  readonly clock: Clock;
  readonly tellBelt: (message: DeviceMessage) => void;
  readonly certificatesFolder: string;
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
}

export function startDeviceAlone(options: AloneOptions, parts: AloneParts): Promise<AloneDevice> {
  switch (options.device) {
    case "scanner":
      return startScanner(options, parts);
    case "scale":
      return startScale(options, parts);
    case "xray":
      return startXrayAlone(options, parts);
    case "annunciator":
      return startAnnunciator(options, parts);
    case "camera":
      return startCamera(options, parts);
    case "sorter":
    case "plc-map":
      throw new Bug("a sorter comes with its belt");
  }
}

async function startScanner(options: AloneOptions, parts: AloneParts): Promise<AloneDevice> {
  const { clock, tellBelt } = parts;
  let count = 0;
  const { device, at } = await openScanner(options, {
    clock,
    ticks: () => count + readerTicksAhead,
    onDecoded: (isGood) => tellBelt({ kind: "decoded", isGood }),
  });
  return {
    at,
    take(message) {
      if (message.kind !== "read") return;
      count = Math.floor(message.count);
      device.read(message.labels);
    },
    takeTyped(line) {
      device.read(line.split(/\s+/).filter((label) => label !== ""));
      return true;
    },
    stop: () => device.stop(),
  };
}

async function openScanner(
  options: AloneOptions,
  reader: {
    readonly clock: Clock;
    readonly ticks: () => number;
    readonly onDecoded: (isGood: boolean) => void;
  },
): Promise<{ readonly device: SimulatedScanner; readonly at: string }> {
  const { wire, preset, isPlain } = options;
  if (wire.kind === "mqtt") {
    const { brokerUrl, base } = wire;
    const bus = openAloneBus(brokerUrl, base, options);
    return { device: startMessageScanner({ bus, base, clock: reader.clock }), at: `${base}/#` };
  }
  const { link, at } = await openByteWire(wire);
  const format: ScannerFormat = { ...scannerPresets[preset], ...(isPlain ? {} : labProofKeys) };
  return { device: startFrameScanner({ ...reader, link, format }), at };
}

async function startScale(options: AloneOptions, { clock }: AloneParts): Promise<AloneDevice> {
  const { link, at } = await openByteWire(options.wire);
  const scale = startScaleAlone(options, link, clock);
  return {
    at,
    take(message) {
      if (message.kind === "settled") scale.settled(message.weightG, message.edgesMm);
    },
    takeTyped: (line) => takeTypedLoad(scale, line),
    stop: () => scale.stop(),
  };
}

/** Nothing on the belt concerns it. */
async function startAnnunciator(options: AloneOptions, parts: AloneParts): Promise<AloneDevice> {
  const opened = await openAnnunciator(options, parts);
  const { device, at } = opened;
  return {
    at,
    take: () => {},
    takeTyped: (line) => takeTypedWord(device, line),
    async stop() {
      await device.stop();
      await opened.close();
    },
  };
}

/** It sees what passes the scanner; into a folder it puts a still of each by itself. */
async function startCamera({ wire, user }: AloneOptions, parts: AloneParts): Promise<AloneDevice> {
  const { at, passes, stop } = await openCamera(wire, user, parts);
  return {
    at,
    take(message) {
      if (message.kind === "read") passes(message.labels[0] ?? "");
    },
    takeTyped(line) {
      passes(line.trim() === "" ? null : line.trim());
      return true;
    },
    stop,
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new Error(`--folder: ${path}: ${fileReason(error)}`, { cause: error });
  }
}

/** It goes on: its disk may be mounted again. */
const notPut =
  ({ log }: AloneParts) =>
  (why: string): void =>
    log({ kind: "notPut", why: `--folder: ${why}` });

interface OpenCamera {
  readonly at: string;
  /** What comes before it now. */
  readonly passes: (label: string | null) => void;
  readonly stop: () => Promise<void>;
}

async function openCamera(
  wire: AloneOptions["wire"],
  user: AloneOptions["user"],
  parts: AloneParts,
): Promise<OpenCamera> {
  if (wire.kind === "folder") {
    makeFolder(wire.path);
    const { clock } = parts;
    const camera = startFolderCamera({ folder: wire.path, clock, onNotPut: notPut(parts) });
    const passes = (label: string | null): void => {
      camera.sees(label);
      camera.trigger();
    };
    return { at: wire.path, passes, stop: () => camera.stop() };
  }
  if (wire.kind !== "http") throw new Bug(`${wire.kind} carries no stills`);
  const asks = user === null ? null : { ...user, by: "both" as const };
  const camera = await startHttpCamera({ port: wire.port, user: asks });
  return {
    at: camera.url,
    passes: (label) => camera.sees(label),
    stop: () => camera.stop(),
  };
}

async function startXrayAlone(options: AloneOptions, parts: AloneParts): Promise<AloneDevice> {
  const { seed } = options;
  const { clock } = parts;
  const { xrayWire, at, close } = await openXrayWire(options, parts);
  const { xray, mmPerCount } = defaultLayout;
  const judge = createAlgorithm(defaultAlgorithm, createSeededEntropy(seed, "algorithm"));
  const isOfFiles = options.wire.kind === "folder";
  const hasSignals = options.map !== null;
  let taken: XrayPicture | null = null;
  const device = startXray({
    wire: xrayWire,
    clock,
    knowsCounts: !isOfFiles && !hasSignals,
    // Its heart beats so often.
    ...(hasSignals ? { lifePeriodMs: 200 } : {}),
    eyeToBeamCounts: xray === null ? 0 : (xray.beamMm - xray.entryMm) / mmPerCount,
    take(bodies) {
      taken = renderXray(bodies, isOfFiles ? sizeToScale(bodies) : { widthPx: 480, heightPx: 320 });
      return taken;
    },
    judge: () => (taken === null ? { verdict: "unknown", boxes: [], latencyMs: 0 } : judge(taken)),
  });
  return {
    at,
    take(message) {
      if (message.kind === "itemCleared") {
        // The next one is not announced before this one is in.
        device.itemEntered(message.entryCount);
        device.itemCleared(message.entryCount, message.lengthMm);
      }
      if (message.kind === "itemScanned") device.itemScanned(message.bodies, message.frontCount);
    },
    takeTyped: () => false,
    async stop() {
      await device.stop();
      await close?.();
    },
  };
}

/** Of a picture of 2 mm a pixel, with the belt that is shown around an item. */
function sizeToScale(bodies: readonly ScannedBody[]): ImageSize {
  const lengthMm = bodies.reduce((sum, body) => sum + body.lengthMm, 0);
  const widthMm = Math.max(1, ...bodies.map(({ contents }) => contents.widthMm));
  return {
    widthPx: Math.max(130, Math.ceil((lengthMm + 50) / 2)),
    heightPx: Math.ceil((widthMm + 50) / 2),
  };
}

export interface OpenXrayWire {
  readonly xrayWire: XrayWire;
  readonly at: string;
  /** Of what the device does not close itself. */
  readonly close?: () => Promise<void>;
}

/**
 * Signals where a map has them; else messages over MQTT, events over OPC UA, files in folders, and
 * telegrams over all that carries bytes.
 */
async function openXrayWire(options: AloneOptions, parts: AloneParts): Promise<OpenXrayWire> {
  const { clock, certificatesFolder } = parts;
  const { wire, seed, id, map } = options;
  if (map !== null) return openSignals(options, map, { clock, certificatesFolder });
  if (wire.kind === "mqtt") {
    const { brokerUrl, base } = wire;
    const bus = openAloneBus(brokerUrl, base, options);
    return { xrayWire: createXrayMqttWire(bus, base), at: `${base}/#` };
  }
  if (wire.kind === "folder") {
    const [from, to] = [join(wire.path, "from"), join(wire.path, "to")];
    for (const folder of [from, to]) makeFolder(folder);
    const xrayWire = createXrayFolderWire({ from, to, clock, onNotPut: notPut(parts) });
    return { xrayWire, at: from };
  }
  // Each process draws its own sessions, as each start of a machine does.
  const entropy = createSeededEntropy(seed, `process ${process.pid} at ${clock.wall()}`);
  if (wire.kind === "opcua") {
    const { port } = wire;
    const xrayIds = [id];
    const server = createXrayOpcuaServer({
      xrayIds,
      port,
      certificatesFolder,
      clock,
      entropy,
      ...servedAs(options, clock.wall()),
    });
    await server.start();
    const at = server.endpointUrl();
    return { xrayWire: server.wire(id), at, close: () => server.stop() };
  }
  const { link, at } = await openByteWire(wire);
  return { xrayWire: createXrayTelegramWire({ link, clock, entropy }), at };
}
