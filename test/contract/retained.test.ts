/**
 * Goal: what a broker has kept is never taken for what happens or stands now (case retained-read).
 * Method: a gateway publishes with retain before the agent's drivers are there, on the broker in
 * memory and on a real one; then the same is said live.
 */
import { afterEach, describe, expect, it } from "vitest";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import { silentLog } from "../../protocols/log.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import {
  evenEntropy,
  listen,
  onlyWires,
  realTime,
  startBroker,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

interface Site extends TimeRig {
  readonly gateway: MessageBus;
  newBus(name: string): MessageBus;
  readonly ends: (() => Promise<void>)[];
}

const inMemory = async (): Promise<Site> => {
  const time = virtualTime();
  const broker = createMemoryBroker({ clock: time.clock, latencyMs: () => 1 });
  return { ...time, gateway: broker.connect(), newBus: () => broker.connect(), ends: [] };
};

const overMqtt = async (): Promise<Site> => {
  const time = realTime();
  const broker = await startBroker();
  const gateway = openDeviceBus(broker.url, "gateway");
  let isUp = false;
  gateway.onState((isConnected) => (isUp = isConnected));
  await time.until(() => isUp, "the gateway is connected");
  const newBus = (clientId: string) =>
    openMqttBus({
      log: silentLog,
      brokerUrl: broker.url,
      clientId,
      clock: time.clock,
      entropy: evenEntropy,
    });
  return { ...time, gateway, newBus, ends: [() => gateway.close(), () => broker.stop()] };
};

const mqttReach = (base: string) => ({ kind: "mqtt", brokerUrl: "mqtt://127.0.0.1", base });
const dialect = { kind: "sortline-json" };
const json = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const readOf = (seq: number) => json({ seq, codes: [{ text: "RB123456785GB", aim: "]C0" }] });

describe.each([
  { name: "in memory", open: inMemory },
  { name: "over MQTT", open: overMqtt },
])("case retained-read: $name", ({ open }) => {
  let site: Site;
  afterEach(async () => {
    for (const end of site.ends) await end();
  });

  const keep = (topic: string, body: unknown) =>
    site.gateway.publish(topic, json(body), { retain: true, qos: 1 });
  const say = (topic: string, body: Uint8Array) => site.gateway.publish(topic, body, { qos: 1 });

  function openScanner() {
    const config = zScannerConfig.parse({ id: "s", reach: mqttReach("d/scan"), dialect });
    const wires = onlyWires({ messageBus: () => site.newBus("s") });
    const port = createScanner(config, { wires, clock: site.clock });
    site.ends.unshift(() => port.stop());
    return { port, heard: listen(port) };
  }

  it.each([7, 0])("DEV1-B4: a retained read %i is no parcel; a live one is", async (seq) => {
    site = await open();
    site.gateway.publish("d/scan/read", readOf(seq), { retain: true, qos: 1 });
    const { port, heard } = openScanner();
    await site.until(() => port.health().counters["retainedTotal"] === 1, "it is counted");
    expect(heard.said()).toEqual([]);
    const { state, reason } = port.health();
    expect(state).toBe("down");
    expect(reason).toEqual({
      code: "retained",
      params: { address: "d/scan/read", total: 1 },
    });
    say("d/scan/read", readOf(8));
    await site.until(() => heard.said().length > 0, "the live read");
    expect(heard.said()).toHaveLength(1);
    expect(port.health().state).toBe("receiving");
    expect(port.health().reason?.code).toBe("retained");
  });

  it("a retained life makes no X-ray ready, a retained item and verdict are none", async () => {
    site = await open();
    keep("d/xray/life", { state: "ready", beamOn: true, seq: 5 });
    keep("d/xray/item", { passId: null, itemSequence: 4, entryCount: 1, lengthMm: 300 });
    const config = zXrayConfig.parse({ id: "x", reach: mqttReach("d/xray"), dialect });
    const wires = onlyWires({ messageBus: () => site.newBus("x") });
    const port = createXray(config, { counter: null }, { wires, clock: site.clock });
    site.ends.unshift(() => port.stop());
    const heard = listen(port);
    await site.until(() => port.health().counters["retainedTotal"] === 2, "both are counted");
    expect(heard.said()).toEqual([]);
    expect(port.health().state).toBe("down");
    say("d/xray/life", json({ state: "notReady", beamOn: true, seq: 6 }));
    await site.until(() => heard.said().length > 0, "a live sign of life");
    expect(heard.said()).toMatchObject([{ kind: "ready", isReady: false }]);
  });

  it("a retained chute or belt begins no session of the sorter", async () => {
    site = await open();
    const event = { epoch: "e1", seq: 3, count: 500, kind: "belt" };
    const belt = { ...event, speedMmPerS: 1_000, isRunning: true, emergencyStop: false };
    keep("d/sort/event", belt);
    const config = zSorterConfig.parse({ id: "o", reach: mqttReach("d/sort"), dialect });
    const wires = onlyWires({ messageBus: () => site.newBus("o") });
    const speed = { speedMmPerS: 1_000, mmPerCount: 1 };
    const port = createSorter(config, speed, { wires, clock: site.clock });
    site.ends.unshift(() => port.stop());
    const heard = listen(port);
    await site.until(() => port.health().counters["retainedTotal"] === 1, "it is counted");
    expect(heard.said()).toEqual([]);
    expect(port.send({ kind: "cancelAll" })).toEqual({ kind: "refused", why: "noSession" });
    say("d/sort/event", json({ ...belt, seq: 4 }));
    await site.until(() => heard.said().length > 0, "a live event");
    expect(heard.said()).toMatchObject([{ kind: "belt", seq: 4 }]);
  });

  it("DEV1-B3: a read whose number goes back without a restart is dropped, counted and told", async () => {
    site = await open();
    const { port, heard } = openScanner();
    await site.until(() => port.health().reason?.code === "nothingHeardOn", "it is connected");
    expect(port.health().reason?.params?.address).toBe("d/scan/#");
    for (const seq of [8, 9, 7, 10, 0, 1]) say("d/scan/read", readOf(seq));
    await site.until(() => heard.said().length >= 5, "the others");
    expect(heard.said()).toHaveLength(5);
    expect(port.health().counters["oldReadsTotal"]).toBe(1);
    expect(port.health().reason).toMatchObject({ code: "badMessage", params: { total: 1 } });
  });

  it("the answer to a test is heard whatever its number: it is the way out", async () => {
    site = await open();
    const { port, heard } = openScanner();
    await site.until(() => port.health().reason?.code === "nothingHeardOn", "it is connected");
    say("d/scan/read", readOf(5_000));
    say("d/scan/read", json({ seq: 3, codes: [], proof: { test: "0042" } }));
    say("d/scan/read", readOf(4));
    await site.until(() => heard.said().length >= 3, "all of them");
    expect(heard.said()).toMatchObject([
      { kind: "read" },
      { kind: "read", proof: { test: "0042" } },
      { kind: "read" },
    ]);
    expect(port.health().counters["oldReadsTotal"] ?? 0).toBe(0);
  });
});
