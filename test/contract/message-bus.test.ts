/**
 * Goal: a message bus behaves alike over a real broker and in memory: nothing is queued while it is
 * down, subscriptions survive, and it stays bounded.
 * Method: the agent's bus and the memory bus through the same facts, with the broker stopped and
 * started; then what only a real broker can do wrong.
 */
import { silentLog } from "../../protocols/log.ts";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { notConnected, sent, wireFull, type MessageBus } from "../../protocols/transport.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import {
  evenEntropy,
  hasRealPeers,
  realTime,
  startBroker,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

interface BusRig extends TimeRig {
  connect(name: string): MessageBus;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const inMemory = async (): Promise<BusRig> => {
  const time = virtualTime();
  const broker = createMemoryBroker({ clock: time.clock, latencyMs: () => 1 });
  return {
    ...time,
    connect: () => broker.connect(),
    stop: async () => broker.stop("stopped"),
    start: async () => broker.start(),
  };
};
const overMqtt = async (): Promise<BusRig> => {
  const time = realTime();
  const broker = await startBroker();
  const { clock } = time;
  return {
    ...time,
    connect: (clientId) =>
      openMqttBus({ log: silentLog, brokerUrl: broker.url, clientId, clock, entropy: evenEntropy }),
    stop: () => broker.stop(),
    start: () => broker.start(),
  };
};
const betweenBoth = async (): Promise<BusRig> => {
  const time = realTime();
  const broker = await startBroker();
  const { clock } = time;
  return {
    ...time,
    connect: (clientId) =>
      clientId === "talker"
        ? openDeviceBus(broker.url, clientId)
        : openMqttBus({
            log: silentLog,
            brokerUrl: broker.url,
            clientId,
            clock,
            entropy: evenEntropy,
          }),
    stop: () => broker.stop(),
    start: () => broker.start(),
  };
};

describe.each([
  { name: "in memory", open: inMemory },
  { name: "agent to agent over MQTT", open: overMqtt },
  { name: "device to agent over MQTT", open: betweenBoth },
])("message bus, $name", ({ open }) => {
  let rig: BusRig;
  let talker: MessageBus;
  let listener: MessageBus;
  let talkerIsUp = false;
  let listenerIsUp = false;
  const heard: string[] = [];

  beforeEach(async () => {
    rig = await open();
    heard.length = 0;
    talker = rig.connect("talker");
    listener = rig.connect("listener");
    talker.onState((isUp) => (talkerIsUp = isUp));
    listener.onState((isUp) => (listenerIsUp = isUp));
    listener.subscribe("a/+", (topic, payload) =>
      heard.push(`${topic} ${new TextDecoder().decode(payload)}`),
    );
    await rig.until(() => talkerIsUp && listenerIsUp, "both connected");
  });
  afterEach(async () => {
    await talker.close();
    await listener.close();
    await rig.stop();
  });

  it("delivers in order, and only what the filter asks for", async () => {
    talker.publish("a/1", ascii("one"));
    talker.publish("b/1", ascii("not asked for"));
    talker.publish("a/2", ascii("two"));
    await rig.until(() => heard.length >= 2, "two messages");
    expect(heard).toEqual(["a/1 one", "a/2 two"]);
  });

  it("law 6, PR5.6-1: while the broker is away publishing is refused, and nothing is sent later", async () => {
    await rig.stop();
    await rig.until(() => !talkerIsUp && !listenerIsUp, "both disconnected");
    expect(talker.publish("a/1", ascii("late"), { qos: 1 })).toEqual(notConnected);
    await rig.start();
    await rig.until(() => talkerIsUp && listenerIsUp, "both connected again");
    expect(talker.publish("a/2", ascii("in time"), { qos: 1 })).toEqual(sent);
    await rig.until(() => heard.length > 0, "a message");
    expect(heard).toEqual(["a/2 in time"]);
  });

  it("a retained message meets who subscribes later", async () => {
    talker.publish("kept", ascii("state"), { qos: 1, retain: true });
    talker.publish("a/1", ascii("after it"), { qos: 1 });
    await rig.until(() => heard.length > 0, "the broker has both");
    listener.subscribe("kept", (_topic, payload) => heard.push(new TextDecoder().decode(payload)));
    await rig.until(() => heard.length > 1, "the retained message");
    expect(heard.at(-1)).toBe("state");
  });

  it("after close nothing is delivered, published or told", async () => {
    await listener.close();
    expect(listener.publish("a/1", ascii("from the grave"))).toEqual(notConnected);
    const third = rig.connect("third");
    const alsoHeard: string[] = [];
    let thirdIsUp = false;
    third.subscribe("a/+", (topic) => alsoHeard.push(topic));
    third.onState((isUp) => (thirdIsUp = isUp));
    await rig.until(() => thirdIsUp, "the third is connected");
    talker.publish("a/9", ascii("to whom it may concern"));
    await rig.until(() => alsoHeard.length > 0, "the third hears it");
    expect(heard).toEqual([]);
    await third.close();
  });
});

describe("a device's bus", () => {
  it("is away while a subscription is refused, and hears once it is granted", async () => {
    let attempts = 0;
    const server = createServer((socket) => {
      socket.on("error", () => {});
      attempts += 1;
      const grant = attempts === 1 ? 0x80 : 0x01;
      socket.once("data", () => {
        socket.write(Uint8Array.from([0x20, 0x02, 0x00, 0x00]));
        socket.once("data", (subscribe: Buffer) => {
          socket.write(Uint8Array.from([0x90, 0x03, ...subscribe.subarray(2, 4), grant]));
          if (attempts > 1) socket.write(Uint8Array.from([0x30, 0x04, 0x00, 0x01, 0x78, 0x37]));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { until } = realTime();
    const { port } = server.address() as AddressInfo;
    const bus = openDeviceBus(`mqtt://127.0.0.1:${port}`, "device-1");
    const told: string[] = [];
    bus.subscribe("x", (topic, payload) => told.push(`${topic} ${payload[0]}`));
    bus.onState((isUp, reason) => told.push(isUp ? "up" : `${reason?.code}: ${reason?.detail}`));
    await until(() => told.includes("x 55"), "the message");
    const refused = expect.stringContaining('connectionLost: "x" is not granted');
    expect(told.slice(1)).toEqual(["up", refused, "up", "x 55"]);
    await bus.close();
    server.close();
  });
});

describe("the agent's bus and a real broker", () => {
  it("refuses what would wait too long: unacknowledged messages and unsent bytes are bounded", async () => {
    const { clock, until } = realTime();
    const broker = await startBroker();
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl: broker.url,
      clientId: "bounded",
      clock,
      entropy: evenEntropy,
      unacknowledgedMax: 3,
      outgoingBytesMax: 1_000,
    });
    let isUp = false;
    bus.onState((up) => (isUp = up));
    await until(() => isUp, "connected");
    expect(bus.publish("x", new Uint8Array(1_001))).toEqual(wireFull);
    const accepted = [1, 2, 3, 4].map(() => bus.publish("x", ascii("1"), { qos: 1 }));
    expect(accepted).toEqual([sent, sent, sent, wireFull]);
    // One of less weight is sent alone, so that none of the others waits behind many.
    expect(bus.publish("x", ascii("m"), { qos: 1, isMinor: true })).toEqual(wireFull);
    const isMinorSent = (): boolean =>
      bus.publish("x", ascii("m"), { qos: 1, isMinor: true }).kind === "sent";
    await until(isMinorSent, "all are acknowledged");
    expect(bus.publish("x", ascii("m"), { qos: 1, isMinor: true })).toEqual(wireFull);
    expect(bus.publish("x", ascii("n"), { qos: 1 })).toEqual(sent);
    await until(() => bus.publish("x", ascii("1"), { qos: 1 }).kind === "sent", "room again");
    await bus.close();
    await broker.stop();
  });

  it("keeps out a packet over the limit, by cutting the connection where the broker cannot be told", async () => {
    const { clock, until } = realTime();
    const broker = await startBroker();
    const open = (clientId: string, packetBytesMax?: number) =>
      openMqttBus({
        log: silentLog,
        brokerUrl: broker.url,
        clientId,
        clock,
        entropy: evenEntropy,
        ...(packetBytesMax === undefined ? {} : { packetBytesMax }),
      });
    const careful = open("careful", 1_000);
    const careless = open("careless");
    const states: string[] = [];
    const heard: number[] = [];
    let isUp = false;
    careful.onState((up, reason) => states.push(up ? "up" : (reason?.code ?? "")));
    careful.subscribe("x", (_topic, payload) => heard.push(payload.length));
    careless.onState((up) => (isUp = up));
    await until(() => isUp && states.at(-1) === "up", "both connected");
    careless.publish("x", new Uint8Array(2_000));
    const isTold = hasRealPeers();
    const ups = () => states.filter((state) => state === "up").length;
    if (!isTold) await until(() => ups() === 2, "connected again");
    careless.publish("x", new Uint8Array(500));
    await until(() => heard.length > 0, "the next message");
    expect(heard).toEqual([500]);
    expect(states.includes("frameTooLong")).toBe(!isTold);
    expect(ups()).toBe(isTold ? 1 : 2);
    await careful.close();
    await careless.close();
    await broker.stop();
  });

  /**
   * A broker of the standard's own bytes: it answers each CONNECT with what `answer` says, and
   * whatever comes then with `next`.
   */
  async function startScripted(
    answer: (level: number) => readonly number[] | "hangUp",
    next: (packet: Buffer) => readonly number[] = () => [],
    bounds: { readonly unacknowledgedMax?: number } = {},
  ) {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (connect: Buffer) => {
        const said = answer(connect[connect.indexOf("MQTT") + 4] ?? 0);
        if (said === "hangUp") socket.destroy();
        else socket.write(Uint8Array.from(said));
        socket.once("data", (packet: Buffer) => socket.write(Uint8Array.from(next(packet))));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { clock, until } = realTime();
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
      clientId: "agent-1:line",
      clock,
      entropy: evenEntropy,
      ...bounds,
    });
    const told: string[] = [];
    bus.onState((isUp, reason) => told.push(isUp ? "up" : `${reason?.code}: ${reason?.detail}`));
    const close = async (): Promise<void> => {
      await bus.close();
      server.close();
    };
    return { bus, told, until, close };
  }
  const welcome5 = [0x20, 0x03, 0x00, 0x00, 0x00];
  const welcome4 = [0x20, 0x02, 0x00, 0x00];

  it("case duplicate-client-id: session taken over (0x8E) is told at the first time", async () => {
    const takenOver = [0xe0, 0x02, 0x8e, 0x00];
    const { told, until, close } = await startScripted(() => [...welcome5, ...takenOver]);
    await until(() => told.length > 2, "why");
    expect(told.slice(1, 3)).toEqual([
      "up",
      "clientIdTaken: the broker says that another client has taken the id agent-1:line",
    ]);
    await close();
  });

  it("however much waits for a broker that takes little, it is gone with the connection", async () => {
    const oneAtOnce = [0x20, 0x06, 0x00, 0x00, 0x03, 0x21, 0x00, 0x01];
    const shuttingDown = [0xe0, 0x02, 0x8b, 0x00];
    const { bus, told, until, close } = await startScripted(
      () => oneAtOnce,
      () => shuttingDown,
      { unacknowledgedMax: 5_000 },
    );
    await until(() => told.at(-1) === "up", "connected");
    for (let index = 0; index < 5_000; index += 1) {
      expect(bus.publish("x", ascii("1"), { qos: 1 })).toEqual(sent);
    }
    await until(() => told.length > 3, "connected again");
    expect(told.slice(1)).toEqual([
      "up",
      "connectionLost: the broker ended it: Server shutting down (139)",
      "up",
    ]);
    await close();
  });

  it("what comes before the subscription is granted is heard after the connection is told", async () => {
    const read = [0x30, 0x05, 0x00, 0x01, 0x78, 0x00, 0x37];
    const granted = (subscribe: Buffer) => [0x90, 0x04, ...subscribe.subarray(2, 4), 0x00, 0x01];
    const { bus, told, until, close } = await startScripted(() => [...welcome5, ...read], granted);
    bus.subscribe("x", (topic, payload) => told.push(`${topic} ${payload[0]}`));
    await until(() => told.length > 2, "the message");
    expect(told.slice(1)).toEqual(["up", "x 55"]);
    await close();
  });

  it.each([
    { how: "by CONNACK", no: [0x20, 0x02, 0x00, 0x01], told: ["up"] },
    { how: "by hanging up", no: "hangUp" as const, told: ["connectionLost: undefined", "up"] },
  ])("who refuses MQTT 5 $how is spoken to in 3.1.1", async ({ no, told: expected }) => {
    const levels: number[] = [];
    const { told, until, close } = await startScripted((level) => {
      levels.push(level);
      return level === 5 ? no : welcome4;
    });
    await until(() => told.at(-1) === "up", "connected");
    expect(told.slice(1)).toEqual(expected);
    expect(levels).toEqual([5, 4]);
    await close();
  });

  it("survives something that is no broker, and says what it saw", async () => {
    const { clock, until } = realTime();
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl: `mqtt://127.0.0.1:${port}`,
      clientId: "lost",
      clock,
      entropy: evenEntropy,
    });
    const reasons: string[] = [];
    bus.onState((_isUp, reason) => reasons.push(reason?.code ?? "up"));
    await until(() => reasons.length > 1, "a reason");
    expect(reasons[0]).toBe("notConnected");
    expect(reasons).not.toContain("up");
    await bus.close();
    server.close();
  });
});
