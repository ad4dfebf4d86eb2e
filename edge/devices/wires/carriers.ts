import type { z } from "zod";
import { Bug } from "../../../protocols/bug.ts";
import { deviceReason, withCommand, type DeviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { ByteLink, MessageBus, Will } from "../../../protocols/transport.ts";
import { addressOf, addressOfUrl } from "../network-reason.ts";
import type { DeviceTap } from "../device-tap.ts";
import type { Reach } from "../reach.ts";
import type { Wire } from "../wire.ts";
import type { FolderNews, FolderOrder } from "./folder-wire.ts";
import type { HttpAsk, HttpNews } from "./http-wire.ts";
import type { OpcuaEndpoint } from "./opcua/endpoint.ts";
import { tappedDialect, tappedWires } from "./tapped-wires.ts";
import type { DriverDeps } from "./wires.ts";

/** How a dialect goes over each kind of wire. What is left out cannot carry it. */
export interface Carriers<Heard, Said> {
  /** `tap` hears of the bytes anyhow; what stands in registers is told it by whoever reads them. */
  readonly bytes?: (
    link: ByteLink,
    clock: Clock,
    address: string,
    tap?: DeviceTap,
  ) => Wire<Heard, Said>;
  readonly messages?: (topics: DeviceTopics, clock: Clock) => Wire<Heard, Said>;
  /** Of `messages`: what the device is told once this agent is gone; its topic is below the base. */
  readonly will?: Will;
  /** By events and calls. */
  readonly opcua?: (endpoint: OpcuaEndpoint, clock: Clock) => Wire<Heard, Said>;
  /** By variables that are read again and again. */
  readonly opcuaVariables?: (endpoint: OpcuaEndpoint, clock: Clock) => Wire<Heard, Said>;
  readonly files?: (folder: Wire<FolderNews, FolderOrder>, clock: Clock) => Wire<Heard, Said>;
  /** By requests that the device answers. */
  readonly requests?: (http: Wire<HttpNews, HttpAsk>, clock: Clock) => Wire<Heard, Said>;
}

export interface DeviceTopics {
  readonly bus: MessageBus;
  /** Topics of the device begin with this, without a slash at the end. */
  readonly base: string;
}

interface ReachedDevice {
  readonly id: string;
  readonly dialect: { readonly kind: string };
  readonly reach: Reach;
  /** How far apart what it says may come in at most; default: as far as it likes. */
  readonly everyMsMax?: number;
}

/**
 * Opens a device's wire and lets its dialect speak on it. Once connected it says where it listens,
 * because a device that is silent there may well be heard elsewhere.
 */
export function openCarrier<Heard, Said>(
  carriers: Carriers<Heard, Said>,
  device: ReachedDevice,
  deps: DriverDeps,
): Wire<Heard, Said> {
  const wire = openLookedOn(carriers, device, deps);
  const nothingHeard = deviceReason("nothingHeardOn", { address: placeOf(device.reach) });
  return {
    ...wire,
    open: (handlers) =>
      wire.open({
        ...handlers,
        onState: (isConnected, reason) =>
          handlers.onState(
            isConnected,
            isConnected ? nothingHeard : mendable(reason, device, deps),
          ),
      }),
  };
}

/** With the command that trusts the server, where one does. */
function mendable(
  reason: DeviceReason | undefined,
  { id, reach }: ReachedDevice,
  { trustCommandOf }: DriverDeps,
): DeviceReason | undefined {
  if (reason === undefined || trustCommandOf === undefined || reach.kind !== "opcua") return reason;
  const isMended = reason.code === "notTrusted" || reason.code === "certificateRenewed";
  return isMended ? withCommand(reason, trustCommandOf(id)) : reason;
}

function placeOf(reach: Reach): string {
  switch (reach.kind) {
    case "serial":
      return reach.path;
    case "tcp":
    case "tcp-listen":
      return addressOf(reach.host, reach.port);
    case "mqtt":
      return `${reach.base}/#`;
    case "opcua":
      return addressOfUrl(reach.endpointUrl);
    case "folder":
      return reach.path;
    case "http":
      return addressOfUrl(reach.url);
  }
}

function openLookedOn<Heard, Said>(
  carriers: Carriers<Heard, Said>,
  device: ReachedDevice,
  deps: DriverDeps,
): Wire<Heard, Said> {
  const { tap, wires } = deps;
  if (tap === undefined) return openPlainCarrier(carriers, device, deps);
  const tapped = { ...deps, wires: tappedWires(wires, tap) };
  return tappedDialect(openPlainCarrier(carriers, device, tapped), tap);
}

function openPlainCarrier<Heard, Said>(
  carriers: Carriers<Heard, Said>,
  { id, dialect, reach, everyMsMax = Number.POSITIVE_INFINITY }: ReachedDevice,
  { wires, clock, tap }: DriverDeps,
): Wire<Heard, Said> {
  const { bytes, messages, will, opcua, opcuaVariables, files, requests } = carriers;
  switch (reach.kind) {
    case "serial":
    case "tcp":
    case "tcp-listen":
      if (bytes !== undefined) return bytes(wires.byteLink(reach), clock, placeOf(reach), tap);
      break;
    case "mqtt":
      if (messages !== undefined) {
        const { base } = reach;
        const whole = will && { ...will, topic: `${base}/${will.topic}` };
        return messages({ bus: wires.messageBus(reach, id, whole), base }, clock);
      }
      break;
    case "opcua":
      if (opcua !== undefined) return opcua(wires.opcuaEndpoint(reach, everyMsMax), clock);
      if (opcuaVariables !== undefined) {
        return opcuaVariables(wires.opcuaEndpoint(reach, null), clock);
      }
      break;
    case "folder":
      if (files !== undefined) return files(wires.folder(reach), clock);
      break;
    case "http":
      if (requests !== undefined) return requests(wires.http(reach), clock);
  }
  throw new Bug(`${id}: ${whyNotCarried(carriers, dialect.kind, reach.kind)}`);
}

/** For a device's configuration: a dialect that its reach cannot carry is refused by name. */
export function refuseUncarried(
  carriers: Carriers<unknown, never>,
  { dialect, reach }: Pick<ReachedDevice, "dialect" | "reach">,
  context: z.RefinementCtx,
): void {
  if (carriedBy(carriers).includes(reach.kind)) return;
  const message = whyNotCarried(carriers, dialect.kind, reach.kind);
  context.addIssue({ code: "custom", path: ["dialect", "kind"], message });
}

const whyNotCarried = (
  carriers: Carriers<unknown, never>,
  dialect: string,
  reach: Reach["kind"],
): string => {
  const carrying = [...new Set(carriedBy(carriers).map((kind) => nameOf[kind]))];
  return `the dialect ${dialect} cannot be carried by ${nameOf[reach]}; it goes over ${carrying.join(" or ")}`;
};

const carriedBy = (carriers: Carriers<unknown, never>): Reach["kind"][] => [
  ...(carriers.bytes === undefined ? [] : (["serial", "tcp", "tcp-listen"] as const)),
  ...(carriers.messages === undefined ? [] : (["mqtt"] as const)),
  ...((carriers.opcua ?? carriers.opcuaVariables) === undefined ? [] : (["opcua"] as const)),
  ...(carriers.files === undefined ? [] : (["folder"] as const)),
  ...(carriers.requests === undefined ? [] : (["http"] as const)),
];

const nameOf: Readonly<Record<Reach["kind"], string>> = {
  serial: "a serial line",
  tcp: "TCP",
  "tcp-listen": "TCP",
  mqtt: "MQTT",
  opcua: "OPC UA",
  folder: "a watched folder",
  http: "HTTP",
};
