/**
 * Goal: whoever mixes up a bare socket and ISO transport on TCP hears which of the two it is, from either
 * side, and whoever publishes below the right base on a wrong topic hears which are read. Method: hints
 * drawn from what a probe has seen, by reaches with and without `isoTcp`, and by topics.
 */
import { describe, expect, test } from "vitest";
import { hintsOf, type Probed } from "../../edge/probe/hints.ts";
import type { Seen } from "../../edge/probe/seen.ts";
import { isIsoTcp } from "../../edge/probe/bytes-seen.ts";
import { TopicsWatch } from "../../edge/probe/topics-seen.ts";
import { zReach, type MqttReach } from "../../edge/devices/reach.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { sent, type MessageBus } from "../../protocols/transport.ts";
import { hintText } from "../../protocols/words/probe-words.ts";

const isoTcp = { own: "PC", device: "02.01" };
const tcp = { kind: "tcp", host: "192.0.2.11", port: 102 };
const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");

const probed = (reach: object): Probed => ({
  kind: "sorter",
  reach: zReach.parse(reach),
  dialect: { kind: "sortline-telegrams" },
});

function seen(change: Partial<Seen> = {}, reason: DeviceReason | null = null): Seen {
  return {
    seconds: 10,
    health: { state: "down", reason, counters: {} } as unknown as Seen["health"],
    wasOpen: true,
    sample: new Uint8Array(),
    bytesTotal: 0,
    messagesTotal: 0,
    retainedTotal: 0,
    refused: null,
    variables: { turnedKeys: [], stoodLife: null, isEchoMissing: false },
    beside: {
      topics: { elsewhere: [], unread: [], silent: [] },
      sparkplugTopics: [],
      serialPaths: null,
      lineErrors: null,
    },
    ...change,
  };
}

const codes = (reach: object, what: Seen): string[] =>
  hintsOf(probed(reach), what).map(({ code }) => code);

test.each([
  ["a request for a connection", "03 00 00 16 11 e0 00 00", true],
  ["data", "03 00 00 0a 02 f0 80 41", true],
  ["its head and one byte", "03 00 00 07 02", true],
  ["less than that", "03 00 00 07", false],
  ["a length that is none", "03 00 00 05 01", false],
  ["ETX, and then nothing", "03", false],
  ["text behind ETX", "03 02 31 32 33", false],
])("%s is taken for ISO transport as it should be", (_, hex, isIt) => {
  expect(isIsoTcp(bytes(hex))).toBe(isIt);
});

test("packets where a bare socket is configured, whoever calls", () => {
  const sample = bytes("03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 50 43 c2 02 02 01");
  const what = seen({ sample, bytesTotal: sample.length });
  expect(codes(tcp, what)).toEqual(["isoTcp"]);
  const listen = { kind: "tcp-listen", host: "127.0.0.1", port: 102, from: "127.0.0.1" };
  expect(codes(listen, what)).toEqual(["isoTcp"]);
  expect(codes({ ...tcp, isoTcp }, what)).not.toContain("isoTcp");
  expect(codes({ kind: "serial", path: "/dev/ttyUSB0" }, what)).not.toContain("isoTcp");
});

test.each([
  [
    "no packets",
    deviceReason("badMessage", { detail: "ISO transport: it does not begin with 03 00" }),
    "isoTcpIsNone",
  ],
  ["no answer", deviceReason("noAnswer", { seconds: 5 }), "isoTcpUnanswered"],
  ["a call hung up on", deviceReason("connectionLost"), "isoTcpUnanswered"],
  [
    "a refusal",
    deviceReason("requestRefused", { detail: "ISO transport: reason 3" }),
    "isoTcpRefused",
  ],
])("%s where ISO transport is configured", (_, reason, code) => {
  const what = seen({ wasOpen: false }, reason);
  expect(codes({ ...tcp, isoTcp }, what)).toEqual([code]);
  expect(codes(tcp, what)).toEqual([]);
});

test("both TSAPs are named, in both languages", () => {
  const what = seen({ wasOpen: false }, deviceReason("noAnswer"));
  const [hint] = hintsOf(probed({ ...tcp, isoTcp }), what);
  for (const language of ["en", "zh-CN"] as const) {
    const text = hintText(language, hint!.code, hint!.params);
    expect(text).toContain("PC");
    expect(text).toContain("02.01");
  }
});

test("a closed port is a closed port", () => {
  const what = seen({ wasOpen: false }, deviceReason("refused", { address: "192.0.2.11:102" }));
  expect(codes({ ...tcp, isoTcp }, what)).toEqual(["portClosed"]);
});

describe("topics below the base that nobody reads", () => {
  const mqtt = { kind: "mqtt", brokerUrl: "mqtt://192.0.2.1", base: "L1/scanner" };
  const receiving = { state: "receiving", reason: null, counters: {} } as unknown as Seen["health"];
  const beside = (topics: Partial<Seen["beside"]["topics"]>): Seen["beside"] => ({
    ...seen().beside,
    topics: { elsewhere: [], unread: [], silent: [], ...topics },
  });
  const unread = ["L1/scanner/reads"];
  const silent = ["L1/scanner/read"];

  test("a sign of life that comes hides no wrong topic of the reads", () => {
    const what = { health: receiving, messagesTotal: 5 };
    expect(codes(mqtt, seen({ ...what, beside: beside({ unread, silent }) }))).toEqual([
      "unreadTopics",
    ]);
  });

  test("one more topic of a device in order is no fault", () => {
    const what = { health: receiving, messagesTotal: 5 };
    expect(codes(mqtt, seen({ ...what, beside: beside({ unread }) }))).toEqual([]);
    expect(codes(mqtt, seen({ ...what, beside: beside({ silent }) }))).toEqual([]);
  });

  test("retained messages, and a message that cannot be taken, are told as well", () => {
    const wrong = beside({ unread, silent });
    expect(codes(mqtt, seen({ retainedTotal: 1, beside: wrong }))).toEqual([
      "retainedOnly",
      "unreadTopics",
    ]);
    const refused = deviceReason("badMessage", { detail: "read codes: missing" });
    expect(codes(mqtt, seen({ messagesTotal: 1, refused, beside: wrong }))).toEqual([
      "badMessage",
      "unreadTopics",
    ]);
  });

  test("what we tell the device ourselves is not taken for its", () => {
    const topics = new TopicsWatch("L1/scanner");
    const handlers: MessageBus = {
      onState: () => {},
      subscribe: () => {},
      publish: () => sent,
      close: () => Promise.resolve(),
    };
    const bus = topics
      .wiresOf({ messageBus: () => handlers } as unknown as Wires)
      .messageBus(zReach.parse(mqtt) as MqttReach, "L1-scanner");
    bus.subscribe("L1/scanner/read", () => {});
    bus.subscribe("L1/scanner/state/+", () => {});
    bus.publish("L1/scanner/command", bytes(""));
    for (const topic of ["L1/scanner/command", "L1/scanner/state/x", "L1/scanner/log", "L1/other"])
      topics.take(topic, false);
    topics.take("L1/scanner/read", true);
    expect(topics.seen()).toEqual({
      elsewhere: ["L1/other"],
      unread: ["L1/scanner/log"],
      silent: ["L1/scanner/read"],
    });
  });
});
