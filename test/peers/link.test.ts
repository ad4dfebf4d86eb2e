/**
 * Goal: the link keeps its contract over mosquitto, and what has an order keeps it there.
 * Method: the suite that both other links pass, and a burst of all kinds at once. A barrier on each
 * end's own connection says that what was sent before it has arrived.
 */
import { describe, expect, it } from "vitest";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../edge/link/mqtt-link.ts";
import { silentLog } from "../../protocols/log.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { describeLinkContract } from "../centre/kit/link-contract.ts";
import { evenEntropy, realTime } from "../contract/device-rig.ts";
import { startMosquitto } from "./mosquitto.ts";

const packetBytesMax = 131_072;
const site = "zjg";

/** A bus with a way to hear when all that was sent on it has gone to the other one. */
interface End {
  readonly bus: MessageBus;
  readonly passed: Set<string>;
  isUp: boolean;
}

async function openRig() {
  const { clock, until } = realTime();
  const broker = await startMosquitto();
  const open = (name: string): End => {
    const entropy = evenEntropy;
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl: broker.url,
      clientId: name,
      clock,
      entropy,
    });
    const end: End = { bus, passed: new Set(), isUp: false };
    bus.onState((isUp) => (end.isUp = isUp));
    bus.subscribe(`barrier/${name}/+`, (topic) => end.passed.add(topic));
    return end;
  };
  const [one, other] = [open("agent"), open("centre")];
  let barriers = 0;
  const bothAre = (isUp: boolean) =>
    until(() => one.isUp === isUp && other.isUp === isUp, `both ends ${isUp ? "up" : "down"}`);
  const pass = async (from: End, to: End, name: string): Promise<void> => {
    barriers += 1;
    const topic = `barrier/${name}/${barriers}`;
    from.bus.publish(topic, new Uint8Array(), { qos: 1 });
    await until(() => to.passed.has(topic), topic);
  };
  return {
    agent: createMqttAgentEnd({ bus: one.bus, site, agentId: "agent-1", packetBytesMax }),
    centre: createMqttCentreEnd({ bus: other.bus, site, packetBytesMax }),
    cut: async () => {
      await broker.stop();
      await bothAre(false);
    },
    restore: async () => {
      await broker.start();
      await bothAre(true);
    },
    settle: async () => {
      if (one.isUp !== other.isUp) await bothAre(true);
      if (!one.isUp) return;
      await pass(one, other, "centre");
      await pass(other, one, "agent");
    },
    ready: () => bothAre(true),
    close: async () => {
      await one.bus.close();
      await other.bus.close();
      await broker.stop();
    },
  };
}

describeLinkContract("mosquitto", async () => {
  const rig = await openRig();
  await rig.ready();
  return rig;
});

describe("what must not overtake, over mosquitto", () => {
  it("claims and journal arrive in the order in which they were sent, in a burst of both", async () => {
    const rig = await openRig();
    await rig.ready();
    const heard: string[] = [];
    rig.centre.start({
      onState: () => {},
      onMessage: (_agentId, message) => {
        if (message.kind === "claim") heard.push(message.passId);
        if (message.kind === "journal") heard.push(`j${message.records[0]?.seq}`);
      },
      onImage: () => {},
    });
    await rig.settle();
    const sent: string[] = [];
    for (let seq = 1; seq <= 300; seq += 1) {
      const hashes = { prevHash: "0".repeat(64), hash: "1".repeat(64) };
      const record = { chain: "agent-1", seq, body: "x".repeat(seq), ...hashes };
      expect(rig.agent.send({ kind: "journal", records: [record] })).toEqual({ kind: "sent" });
      const claim = { kind: "claim", lineId: "L1", passId: `p${seq}`, waybill: "W001" } as const;
      expect(rig.agent.send(claim)).toEqual({ kind: "sent" });
      sent.push(`j${seq}`, `p${seq}`);
    }
    await rig.settle();
    expect(heard).toEqual(sent);
    await rig.close();
  });
});
