// Goal: the link's two ends meet over a real broker with real sockets, and find each other again
// after it was gone. Method: a broker on loopback, stopped and started on its port.
import { silentLog } from "../../protocols/log.ts";
import { afterAll, expect, test } from "vitest";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../edge/link/mqtt-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { notConnected, sent, type MessageBus } from "../../protocols/transport.ts";
import { startBroker } from "../contract/device-rig.ts";
import { record } from "./kit/records.ts";
import { until } from "./kit/site.ts";

const clock = createSystemClock();
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const connect = (brokerUrl: string, clientId: string): MessageBus => {
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
  const broker = await startBroker();
  closing.push(() => broker.stop());
  const agent = createMqttAgentEnd({
    bus: connect(broker.url, "a"),
    site: "zjg",
    agentId: "a",
    packetBytesMax: 131_072,
  });
  const centre = createMqttCentreEnd({
    bus: connect(broker.url, "c"),
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
    const claims = Array.from({ length: 500 }, (_, n) => {
      const waybill = `W${1_000 + n}`;
      return { passId: `p${n}`, waybill, record: record(waybill) };
    });
    const place = { stream: "s", seq: 1 };
    const message = { kind: "snapshotPart", ...place, claims } as const;
    expect(centre.send("a", { kind: "clearance", message })).toEqual(sent);
    expect(agent.send({ kind: "claim", lineId: "L1", passId: "p", waybill: "W001" })).toEqual(sent);
    expect(agent.sendImage("p", "a".repeat(64), new Uint8Array(300_000))).toEqual(sent);
    await until("all three", () => heard.length === 3);
    expect(heard.toSorted()).toEqual(["a claim", "a p 300000", "clearance"]);
  };
  await exchange();
  await broker.stop();
  await until("cut", () => !up.agent && !up.centre);
  expect(agent.send({ kind: "snapshotWanted", why: "" })).toEqual(notConnected);
  await broker.start();
  await exchange();
  // While it is away, each new reason is told.
  const changes = states.filter((state, at) => state !== states[at - 1]);
  expect(changes.slice(-3)).toEqual([true, false, true]);
});
