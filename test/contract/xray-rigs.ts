import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import type { XrayPort } from "../../edge/devices/xray/xray.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { startXray, type SimulatedXray } from "../../simulators/devices/xray.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import type { ScannedBody } from "../../simulators/world/ports.ts";
import {
  agentWires,
  onlyWires,
  realTime,
  startBroker,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

/** One X-ray machine and one driver at the two ends of a broker. */
export interface XrayRig extends TimeRig {
  readonly port: XrayPort;
  readonly device: SimulatedXray;
  sendRaw(topic: string, bytes: Uint8Array): void;
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

const base = "site/L1/xray";
const ages = { staleAfterMs: 250, downAfterMs: 500 };

/** The picture's grey tells the items apart: it is the length of the first body. */
const machineOn = (bus: MessageBus, clock: TimeRig["clock"]): SimulatedXray =>
  startXray({
    eyeToBeamCounts: 1_000,
    bus,
    base,
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

async function overMemory(): Promise<XrayRig> {
  const time = virtualTime();
  const { clock } = time;
  const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
  const deviceBus = broker.connect();
  const config = zXrayConfig.parse({
    id: "xray-1",
    reach: { kind: "mqtt", brokerUrl: "mqtt://broker", base },
    dialect: { kind: "sortline-json" },
    ...ages,
  });
  const wires = onlyWires({ messageBus: () => broker.connect() });
  const port = createXray(config, { counter: null }, { wires, clock });
  const device = machineOn(deviceBus, clock);
  return {
    ...time,
    port,
    device,
    sendRaw: (topic, bytes) => deviceBus.publish(`${base}/${topic}`, bytes, { qos: 1 }),
    cut: async () => broker.stop("stopped"),
    restore: async () => broker.start(),
    async close() {
      await port.stop();
      await device.stop();
    },
  };
}

async function overMqtt(): Promise<XrayRig> {
  const time = realTime();
  const { clock } = time;
  const broker = await startBroker();
  const deviceBus = openDeviceBus(broker.url, "device-1");
  const config = zXrayConfig.parse({
    id: "xray-1",
    reach: { kind: "mqtt", brokerUrl: broker.url, base },
    dialect: { kind: "sortline-json" },
    ...ages,
  });
  const wires = agentWires(clock);
  const port = createXray(config, { counter: null }, { wires, clock });
  const device = machineOn(deviceBus, clock);
  return {
    ...time,
    port,
    device,
    sendRaw: (topic, bytes) => deviceBus.publish(`${base}/${topic}`, bytes, { qos: 1 }),
    cut: () => broker.stop(),
    restore: () => broker.start(),
    async close() {
      await port.stop();
      await device.stop();
      await broker.stop();
    },
  };
}

export const xrayRigs = [
  { wire: "in memory", open: overMemory },
  { wire: "over MQTT", open: overMqtt },
] as const;
