import type { HornRule } from "../alarms/annunciation.ts";
import type { AnnunciatorPort } from "../devices/annunciator/annunciator.ts";
import type { DeviceHealthChanged, DevicePort } from "../devices/port.ts";
import type { ScalePort } from "../devices/scale/scale.ts";
import type { ScannerPort } from "../devices/scanner/scanner.ts";
import type { SorterPort } from "../devices/sorter/sorter.ts";
import type { XrayPort } from "../devices/xray/xray.ts";
import type { UpMessage } from "../../protocols/link.ts";
import type { ProofCommand } from "../../protocols/scanner/read-proof.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { DeviceKind } from "../../protocols/sorting.ts";
import type { DeviceLog } from "./device-log.ts";
import type { LineAnnunciator } from "./line-annunciator.ts";
import type { LineCamera, LineCameras } from "./line-cameras.ts";
import type { LineHost } from "./line-host.ts";
import type { XrayInlet } from "./xray-inlet.ts";

/** The machines of one line. */
export interface LineDevices {
  readonly scanner: ScannerPort;
  /** A second reader, which witnesses for the first; null where there is none. */
  readonly witness: ScannerPort | null;
  readonly scale: ScalePort | null;
  readonly xray: XrayPort | null;
  readonly sorter: SorterPort;
  /** Horn and stack light, with when the horn sounds; null where there is none. */
  readonly annunciator: { readonly port: AnnunciatorPort; readonly horn: HornRule } | null;
  readonly cameras: readonly LineCamera[];
}

interface LineDevice {
  readonly kind: DeviceKind;
  readonly port: Pick<DevicePort<unknown>, "deviceId" | "health" | "stop">;
}

export interface DeviceWiring {
  readonly host: LineHost;
  readonly inlet: XrayInlet;
  /** Null where there is no annunciator. */
  readonly annunciator: Pick<LineAnnunciator, "silence"> | null;
  readonly cameras: Pick<LineCameras, "hear">;
  readonly deviceLog: DeviceLog;
  readonly onBelt: (event: Extract<SorterEvent, { kind: "belt" }>) => void;
}

/** From each device's events to what the core calls them. */
export function connectDevices(devices: LineDevices, wiring: DeviceWiring): void {
  const { host } = wiring;
  const { scanner, witness, scale, xray, sorter } = devices;
  const annunciator = devices.annunciator?.port;
  const health = (deviceId: string, { health }: DeviceHealthChanged): void => {
    wiring.deviceLog.tell(deviceId, health);
    host.receive({ kind: "health", deviceId, state: health.state, reason: health.reason });
  };

  scanner.start((event) => {
    if (event.kind === "healthChanged") health(scanner.deviceId, event);
    else host.receive({ ...event, deviceId: scanner.deviceId });
  });
  witness?.start((event) => {
    if (event.kind === "healthChanged") health(witness.deviceId, event);
    else host.receive({ ...event, deviceId: witness.deviceId });
  });
  scale?.start((event) => {
    if (event.kind === "healthChanged") health(scale.deviceId, event);
    else host.receive(event);
  });
  xray?.start((event) => {
    if (event.kind === "healthChanged") health(xray.deviceId, event);
    else wiring.inlet.take(event);
  });
  annunciator?.start((event) => {
    if (event.kind === "healthChanged") health(annunciator.deviceId, event);
    else wiring.annunciator?.silence();
  });
  for (const { port } of devices.cameras) {
    port.start((event) => {
      if (event.kind === "healthChanged") health(port.deviceId, event);
      else wiring.cameras.hear(port.deviceId, event);
    });
  }
  sorter.start((event) => {
    if (event.kind === "healthChanged") health(sorter.deviceId, event);
    else if (event.kind === "gap") host.receive({ kind: "sorterGap", missed: event.missed });
    else {
      if (event.kind === "belt") wiring.onBelt(event);
      host.receiveSorter(event);
    }
  });
}

/** What does not get through proves nothing, and the core sees that no answer bears it. */
export function tellDevice(
  { scanner, witness, scale }: LineDevices,
  deviceId: string,
  command: ProofCommand,
): void {
  const device = [scanner, witness, scale].find((each) => each?.deviceId === deviceId);
  device?.tell(command);
}

export function devicesOf(all: LineDevices): LineDevice[] {
  const { scanner, witness, scale, xray, sorter, annunciator, cameras } = all;
  const devices: LineDevice[] = [{ kind: "scanner", port: scanner }];
  if (witness !== null) devices.push({ kind: "scanner", port: witness });
  if (scale !== null) devices.push({ kind: "scale", port: scale });
  if (xray !== null) devices.push({ kind: "xray", port: xray });
  devices.push({ kind: "sorter", port: sorter });
  if (annunciator !== null) devices.push({ kind: "annunciator", port: annunciator.port });
  for (const { port } of cameras) devices.push({ kind: "camera", port });
  return devices;
}

export type DeviceReport = Extract<UpMessage, { kind: "health" }>["devices"][number];

/** `own` are counters that this side of the wire keeps about the device. */
export function reportOf(
  { kind, port }: LineDevice,
  own: Readonly<Record<string, number>>,
): DeviceReport {
  const { state, reason, counters, clock } = port.health();
  const all = { ...counters, ...own };
  const report = { id: port.deviceId, deviceKind: kind, health: state, reason, counters: all };
  return clock === undefined ? report : { ...report, clock };
}
