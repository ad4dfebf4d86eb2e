// Goal: the link keeps its contract in memory and over a broker, and refuses bad bytes by name.
// Method: one contract suite for both in virtual time; then hostile payloads beside good ones.
import { describe, expect, test } from "vitest";
import { createMemoryLink, memoryLinkUnderWayMax, type Trip } from "../../edge/link/memory-link.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../edge/link/mqtt-link.ts";
import { linkMessageBytesMax } from "../../edge/link/port.ts";
import { sent, wireFull } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { describeLinkContract } from "../centre/kit/link-contract.ts";

const packetBytesMax = 131_072;

describeLinkContract("in memory", () => {
  const clock = createVirtualClock();
  const link = createMemoryLink({ clock, carry: () => [5] });
  return {
    agent: link.agent("agent-1"),
    centre: link.centre,
    cut: () => link.cut("agent-1"),
    restore: () => link.restore("agent-1"),
    settle: () => clock.runFor(50),
  };
});

describeLinkContract("MQTT", () => {
  const clock = createVirtualClock();
  const broker = createMemoryBroker({ clock, latencyMs: () => 5 });
  const bus = broker.connect();
  return {
    agent: createMqttAgentEnd({ bus, site: "zjg", agentId: "agent-1", packetBytesMax }),
    centre: createMqttCentreEnd({ bus: broker.connect(), site: "zjg", packetBytesMax }),
    cut: () => bus.cut("cable out"),
    restore: () => bus.restore(),
    settle: () => clock.runFor(50),
  };
});

describe("the memory link's faults", () => {
  test("carry may lose, repeat and reorder", () => {
    const clock = createVirtualClock();
    const fates = [[], [0, 0], [30], [10]];
    const link = createMemoryLink({ clock, carry: (_trip: Trip) => fates.shift() ?? [0] });
    const seen: number[] = [];
    link.centre.start({ onState: () => {}, onMessage: () => {}, onImage: () => {} });
    link.agent("a").start({
      onState: () => {},
      onMessage: (message) => message.kind === "journalAck" && seen.push(message.seq),
    });
    for (const seq of [1, 2, 3, 4]) link.centre.send("a", { kind: "journalAck", chain: "a", seq });
    clock.runFor(100);
    expect(seen).toEqual([2, 2, 4, 3]);
  });

  test("what is more than the wire carries is refused for that, and goes again when there is room", () => {
    const clock = createVirtualClock();
    const link = createMemoryLink({ clock, carry: () => [5] });
    const agent = link.agent("a");
    link.centre.start({ onState: () => {}, onMessage: () => {}, onImage: () => {} });
    const ask = () => agent.send({ kind: "snapshotWanted", why: "gap" });
    for (let count = 0; count < memoryLinkUnderWayMax; count += 1) expect(ask()).toEqual(sent);
    expect(ask()).toEqual(wireFull);
    clock.runFor(5);
    expect(ask()).toEqual(sent);
    expect(agent.counters()).toMatchObject({
      sentTotal: memoryLinkUnderWayMax + 1,
      unsentTotal: 1,
    });
  });
});

describe("bad input over MQTT is refused, named and counted; the good message beside it arrives", () => {
  const rig = () => {
    const clock = createVirtualClock();
    const broker = createMemoryBroker({ clock });
    const centre = createMqttCentreEnd({ bus: broker.connect(), site: "zjg", packetBytesMax });
    const heard: unknown[] = [];
    centre.start({
      onState: () => {},
      onMessage: (agentId, message) => heard.push([agentId, message.kind]),
      onImage: (agentId, passId) => heard.push([agentId, passId]),
    });
    const bus = broker.connect();
    const send = (topic: string, payload: string | Uint8Array): void => {
      const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
      bus.publish(topic, bytes);
      bus.publish("zjg/link/a/up", new TextEncoder().encode('{"kind":"snapshotWanted","why":"w"}'));
      clock.runFor(1);
    };
    return { centre, heard, send };
  };

  const hello = { kind: "hello", agentId: "b", chain: "b", lineIds: ["L1"], lastSeq: 0 };
  const told = { seq: 0, centre: null };
  const journal = { generation: 1, lastHash: "0".repeat(64), told };
  const helloOfAnother = { ...hello, ...journal, clearanceStream: null, clearanceSeq: 0, at: 0 };
  const cases: readonly (readonly [string, string, string | Uint8Array, RegExp])[] = [
    ["not UTF-8", "zjg/link/a/up", new Uint8Array([0xff, 0xfe]), /UTF-8/],
    ["not JSON", "zjg/link/a/up", "{", /JSON/],
    ["no kind", "zjg/link/a/up", "[]", /kind/],
    ["a wrong field", "zjg/link/a/up", '{"kind":"motion","belts":7}', /^motion\.belts/],
    [
      "an unknown key",
      "zjg/link/a/up",
      '{"kind":"snapshotWanted","why":"","x":1}',
      /^snapshotWanted/,
    ],
    [
      "an agent that claims to be another",
      "zjg/link/a/up",
      JSON.stringify(helloOfAnother),
      /hello\.agentId/,
    ],
    [
      "an agent that does not say what it was told",
      "zjg/link/a/up",
      JSON.stringify({ ...helloOfAnother, agentId: "a", told: undefined }),
      /^hello\.told/,
    ],
    [
      "a message that is too long",
      "zjg/link/a/up",
      new Uint8Array(linkMessageBytesMax + 1),
      /bytes/,
    ],
    ["a topic that is no id", "zjg/link/a b/up", "{}", /agent id/],
    ["an image that is no hash", "zjg/link/a/image/p1/zz/0/1", "x", /hash/],
    ["an image without bytes", `zjg/link/a/image/p1/${"a".repeat(64)}/0/1`, "", /0 bytes/],
  ];
  test.each(cases)("%s", (_name, topic, payload, why) => {
    const { centre, heard, send } = rig();
    send(topic, payload);
    expect(heard).toEqual([["a", "snapshotWanted"]]);
    expect(centre.counters()).toMatchObject({ refusedTotal: 1, receivedTotal: 1 });
    expect(centre.counters().lastRefusal).toMatch(why);
  });
});
