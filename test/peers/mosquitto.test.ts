/**
 * Goal: what an MQTT 5 broker says is heard: how much it takes, why it ends a connection, what it does
 * not take (case oversize-image). Method: our buses and the link at a
 * mosquitto that is set to allow little.
 */
import { afterEach, describe, expect, it } from "vitest";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { createCollectingLog, silentLog, type Log } from "../../protocols/log.ts";
import { sent, type MessageBus } from "../../protocols/transport.ts";
import { imageSha256, startImageSite } from "../centre/kit/image-site.ts";
import { evenEntropy, realTime } from "../contract/device-rig.ts";
import { startMosquitto } from "./mosquitto.ts";

const { clock, until } = realTime();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(...given: Parameters<typeof startMosquitto>): Promise<string> {
  const broker = await startMosquitto(...given);
  closing.push(() => broker.stop());
  return broker.url;
}

interface Opened {
  readonly bus: MessageBus;
  readonly told: string[];
  ups: number;
}

function open(brokerUrl: string, clientId: string, more: { log?: Log; keepaliveS?: number } = {}) {
  const entropy = evenEntropy;
  const bus = openMqttBus({ log: silentLog, brokerUrl, clientId, clock, entropy, ...more });
  const opened: Opened = { bus, told: [], ups: 0 };
  bus.onState((isUp, reason) => {
    if (isUp) opened.ups += 1;
    else opened.told.push(`${reason?.code}: ${reason?.detail ?? ""}`);
  });
  closing.push(() => bus.close());
  return opened;
}

const isUp = (opened: Opened) => until(() => opened.ups > 0, "connected");

describe("how much it takes", () => {
  it("case oversize-image: its own limit counts where the file promises more; an image arrives without a cut", async () => {
    const url = await start(() => ["max_packet_size 100000"]);
    const site = startImageSite(url, 1_000_000);
    closing.push(site.close);
    await until(() => site.seen.images.length > 0, "the image");
    expect(site.seen.images).toEqual([imageSha256]);
    await until(() => site.alive.length > 0, "a sign of life");
    expect(site.alive.at(-1)).toMatchObject({ cuts: 0, givenUp: 0 });
    expect(site.seen.ups).toBe(1);
    for (let index = 0; index < 20; index += 1) {
      expect(site.session.claim("L1", `p-${index}`, "RB123456785GB")).toEqual({ kind: "sent" });
    }
    await until(() => site.seen.claims === 20, "all claims");
  });

  it("a broker that takes less than the link needs is not connected to, and told by its figure", async () => {
    const url = await start(() => ["max_packet_size 5000"]);
    const site = startImageSite(url, 131_072);
    closing.push(site.close);
    const device = open(url, "device");
    await isUp(device);
    expect(device.bus.packetBytesMax?.()).toBe(5_000);
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl: url,
      clientId: "link",
      clock,
      entropy: evenEntropy,
      neededPacketBytes: 16_384,
    });
    closing.push(() => bus.close());
    const details: string[] = [];
    bus.onState((_isUp, reason) => details.push(`${reason?.code}: ${reason?.detail}`));
    await until(() => details.length > 1, "why");
    expect(details.at(-1)).toMatch(/^refused: .*at most 5000 bytes, and 16384 are needed/);
    expect(site.seen.ups).toBe(0);
  });

  it("a message that it does not take ends the connection with its words, not without any", async () => {
    const url = await start(() => ["max_packet_size 5000"]);
    const device = open(url, "device");
    await isUp(device);
    expect(device.bus.publish("x", new Uint8Array(6_000), { qos: 1 })).toEqual(sent);
    await until(() => device.told.length > 1, "why");
    expect(device.told.at(-1)).toMatch(/^connectionLost: the broker ended it: Packet too large/);
  });

  it("however few it takes at once, a burst arrives whole and in order", async () => {
    const url = await start(() => ["max_inflight_messages 2"]);
    const [talker, listener] = [open(url, "talker"), open(url, "listener")];
    const heard: number[] = [];
    listener.bus.subscribe("x", (_topic, payload) => heard.push(payload[0] ?? -1));
    await isUp(talker);
    await isUp(listener);
    const numbers = Array.from({ length: 250 }, (_, index) => index);
    for (const number of numbers) {
      expect(talker.bus.publish("x", Uint8Array.of(number), { qos: 1 })).toEqual(sent);
    }
    await until(() => heard.length === numbers.length, "all");
    expect(heard).toEqual(numbers);
    expect([talker.ups, listener.ups]).toEqual([1, 1]);
  });

  it("the keep-alive that it grants is the one that counts", async () => {
    const url = await start(() => ["max_keepalive 10"]);
    const { log, lines } = createCollectingLog();
    await isUp(open(url, "patient", { log, keepaliveS: 60 }));
    const allowed = lines.find(({ message }) => message === "what the broker allows");
    expect(allowed?.fields).toMatchObject({ mqtt: 5, serverKeepAlive: 10 });
  });
});

describe("what it refuses", () => {
  const acl = { acl: "topic readwrite allowed/#\n" };
  const withAcl = (folder: string) => [`acl_file ${folder}/acl`];

  it("a message that may not be published is told, and the next one arrives", async () => {
    const url = await start(withAcl, acl);
    const { log, lines } = createCollectingLog();
    const { bus } = open(url, "device", { log });
    const heard: string[] = [];
    bus.subscribe("allowed/+", (topic) => heard.push(topic));
    await until(() => bus.publish("other/1", new Uint8Array(1), { qos: 1 }).kind === "sent", "up");
    bus.publish("allowed/2", new Uint8Array(1), { qos: 1 });
    await until(() => heard.length > 0, "the next one");
    const refusal = lines.find(({ message }) => message === "a message was not taken");
    expect(refusal?.fields).toMatchObject({ topic: "other/1" });
    expect(String(refusal?.fields?.["why"])).toContain("Not authorized");
  });

  it("a password that is wrong is access denied", async () => {
    const url = await start(() => ["allow_anonymous false"]);
    const device = open(url, "device");
    await until(() => device.told.some((told) => told.startsWith("accessDenied")), "denied");
    expect(device.ups).toBe(0);
  });
});
