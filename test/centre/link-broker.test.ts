// Goal: the link's two ends meet over a real broker with real sockets, and find each other again
// after it was gone. Method: aedes on loopback, stopped and started on its port.
import { silentLog } from "../../protocols/log.ts";
import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { Aedes } from "aedes";
import { afterAll, expect, test } from "vitest";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../edge/link/mqtt-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { record } from "./kit/records.ts";
import { until } from "./kit/site.ts";

const clock = createSystemClock();
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

interface Broker {
  readonly port: number;
  stop(): Promise<void>;
}

async function startBroker(port: number): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const server: Server = createServer({ noDelay: true }, aedes.handle);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const connect = (port: number, clientId: string): MessageBus => {
  const brokerUrl = `mqtt://127.0.0.1:${port}`;
  const bus = openMqttBus({
    log: silentLog,
    brokerUrl,
    clientId,
    clock,
    entropy: { next: Math.random },
  });
  closing.push(() => bus.close());
  return bus;
};

test("both ways, images too, and again after the broker was gone", async () => {
  let broker = await startBroker(0);
  const { port } = broker;
  const agent = createMqttAgentEnd({
    bus: connect(port, "a"),
    site: "zjg",
    agentId: "a",
    packetBytesMax: 131_072,
  });
  const centre = createMqttCentreEnd({
    bus: connect(port, "c"),
    site: "zjg",
    packetBytesMax: 131_072,
  });
  const heard: string[] = [];
  const states: boolean[] = [];
  const up = { agent: false, centre: false };
  centre.start({
    onState: (isConnected) => {
      up.centre = isConnected;
    },
    onMessage: (agentId, message) => heard.push(`${agentId} ${message.kind}`),
    onImage: (agentId, passId, _sha256, bytes) =>
      heard.push(`${agentId} ${passId} ${bytes.byteLength}`),
  });
  agent.start({
    onState: (isConnected) => {
      up.agent = isConnected;
      states.push(isConnected);
    },
    onMessage: (message) => heard.push(message.kind),
  });
  const exchange = async (): Promise<void> => {
    await until("connected", () => up.agent && up.centre);
    heard.length = 0;
    const records = Array.from({ length: 500 }, (_, n) => record(`W${1_000 + n}`));
    const place = { stream: "s", seq: 1 };
    const message = { kind: "snapshotPart", ...place, records } as const;
    expect(centre.send("a", { kind: "clearance", message })).toBe(true);
    expect(agent.send({ kind: "claim", lineId: "L1", passId: "p", waybill: "W001" })).toBe(true);
    expect(agent.sendImage("p", "a".repeat(64), new Uint8Array(300_000))).toBe(true);
    await until("all three", () => heard.length === 3);
    expect(heard.toSorted()).toEqual(["a claim", "a p 300000", "clearance"]);
  };
  await exchange();
  await broker.stop();
  await until("cut", () => !up.agent && !up.centre);
  expect(agent.send({ kind: "snapshotWanted", why: "" })).toBe(false);
  broker = await startBroker(port);
  closing.push(() => broker.stop());
  await exchange();
  expect(states.slice(-3)).toEqual([true, false, true]);
});
