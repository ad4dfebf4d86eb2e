import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { inject } from "vitest";
import type { DeviceHealthChanged, DevicePort } from "../../edge/devices/port.ts";
import { realWires, type Wires } from "../../edge/devices/wires/wires.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { silentLog } from "../../protocols/log.ts";
import type { Clock, Entropy } from "../../protocols/time.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startMosquitto } from "../peers/mosquitto.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** In the layer `peers`: foreign programs stand at the other end, not our own or npm's. */
    readonly hasRealPeers: true;
  }
}

export const hasRealPeers = (): boolean => inject("hasRealPeers") ?? false;

/** A clock and the way to wait in its time: real time passes by itself, virtual time is driven. */
export interface TimeRig {
  readonly clock: Clock;
  /** Resolves once `isSo`; throws, naming `what`, when it is not so within the bound. */
  readonly until: (isSo: () => boolean, what: string) => Promise<void>;
}

const waitMsMax = 10_000;

export function virtualTime(): TimeRig {
  const clock = createVirtualClock();
  return {
    clock,
    async until(isSo, what) {
      for (let waitedMs = 0; !isSo(); waitedMs += 1) {
        if (waitedMs > waitMsMax) throw new Error(`not within ${waitMsMax} virtual ms: ${what}`);
        clock.runFor(1);
      }
    },
  };
}

export function realTime(): TimeRig {
  return {
    clock: createSystemClock(),
    async until(isSo, what) {
      const endsAt = performance.now() + waitMsMax;
      while (!isSo()) {
        if (performance.now() > endsAt) throw new Error(`not within ${waitMsMax} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
  };
}

/** Back-off without surprises. */
export const evenEntropy: Entropy = { next: () => 0.5 };

/** The agent's own wires. */
export const agentWires = (clock: Clock, certificatesFolder = "/nowhere"): Wires =>
  realWires({
    clientIdOf: (deviceId) => `site:agent-1:line:${deviceId}`,
    clock,
    entropy: evenEntropy,
    certificatesFolder,
    log: silentLog,
  });

/** Wires of which there are only these. */
export const onlyWires = (some: Partial<Wires>): Wires => ({
  byteLink: noSuchWire,
  messageBus: noSuchWire,
  opcuaEndpoint: noSuchWire,
  folder: noSuchWire,
  http: noSuchWire,
  ...some,
});

const noSuchWire = (): never => {
  throw new Error("this rig has no such wire");
};

/** Everything a port has told, in order. */
export function listen<Event extends { readonly kind: string }>(port: DevicePort<Event>) {
  const events: (Event | DeviceHealthChanged)[] = [];
  port.start((event) => events.push(event));
  const isHealth = (event: Event | DeviceHealthChanged): event is DeviceHealthChanged =>
    event.kind === "healthChanged";
  return {
    all: events,
    /** Without changes of health. */
    said: () => events.filter((event) => !isHealth(event)) as Event[],
    healthStates: () => events.filter(isHealth).map(({ health }) => health.state),
  };
}

export interface TestBroker {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A real broker that can be stopped and started again on its port. */
export const startBroker = (): Promise<TestBroker> =>
  hasRealPeers() ? startMosquitto() : startAedes();

async function startAedes(): Promise<TestBroker> {
  let port = 0;
  let stopNow: () => Promise<void> = async () => {};
  const start = async (): Promise<void> => {
    const aedes = await Aedes.createBroker();
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      aedes.handle(socket);
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    stopNow = async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    };
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    stop: async () => {
      const stop = stopNow;
      stopNow = async () => {};
      await stop();
    },
    start,
  };
}

/** A port of this machine that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export function temporaryFolder(): { path(name: string): string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "sortline-"));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A device whose power can be cut, as its driver judges it. */
interface SilencedDevice extends Pick<TimeRig, "until"> {
  setSilent(isSilent: boolean): void;
  /** All that its health was told to be. */
  healthStates(): readonly string[];
  /** While it is down. */
  onDown?(): void;
}

const silencesMax = 5;

/**
 * A device that falls silent is told as stale, then as down, and is received again once it speaks.
 * Where this very process stood still for as long as that takes, it cannot have said "stale": then
 * the device falls silent once more. Answers how often it was down.
 */
export async function fallsSilent(device: SilencedDevice): Promise<number> {
  for (let downs = 1; downs <= silencesMax; downs += 1) {
    const toldBefore = device.healthStates().length;
    const told = (): readonly string[] => device.healthStates().slice(toldBefore);
    device.setSilent(true);
    await device.until(() => told().includes("down"), "down");
    device.onDown?.();
    device.setSilent(false);
    await device.until(() => told().at(-1) === "receiving", "receiving again");
    if (told().join() === "stale,down,receiving") return downs;
  }
  throw new Error(`not once in ${silencesMax} times: stale, then down`);
}
