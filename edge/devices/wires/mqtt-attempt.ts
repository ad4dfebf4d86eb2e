import { Socket } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock } from "../../../protocols/time.ts";
import {
  sent,
  wireFull,
  type MessageHandler,
  type PublishOptions,
  type Sending,
} from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { networkReason } from "../network-reason.ts";
import { createPacketSizeWatch } from "./mqtt-packet-size.ts";

export interface MqttAttemptOptions {
  readonly brokerUrl: string;
  /** As people are told it. */
  readonly address: string;
  readonly clientId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly connectTimeoutMs: number;
  readonly keepaliveS: number;
  readonly outgoingBytesMax: number;
  readonly unacknowledgedMax: number;
  readonly packetBytesMax: number;
  /** What is asked for at the connect. */
  readonly filters: () => readonly string[];
  /** At most once: the broker has granted every filter. */
  readonly onReady: () => void;
  readonly onMessage: MessageHandler;
  /** At most once, also when it never was ready. Afterwards nothing more is told. */
  readonly onOver: (reason: DeviceReason) => void;
}

/**
 * One attempt at a broker, and the connection itself while it lasts: a client with a clean session,
 * so that nothing can be left in its store and be sent late.
 */
export interface MqttAttempt {
  publish(topic: string, payload: Uint8Array, how: Required<PublishOptions>): Sending;
  /** For a filter that came after the connect; one that is refused ends the attempt. */
  subscribe(filter: string): void;
  /** Tells nothing any more. What was published before goes out first, if the broker takes it. */
  close(): Promise<void>;
}

/** How long `close` waits for the broker to take what was published before. */
const closeWaitMs = 1_000;

export function openMqttAttempt(options: MqttAttemptOptions): MqttAttempt {
  const { address, onMessage, outgoingBytesMax, unacknowledgedMax } = options;
  const client = mqtt.connect(options.brokerUrl, {
    clientId: options.clientId,
    clean: true,
    protocolVersion: 4,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: options.connectTimeoutMs,
    keepalive: options.keepaliveS,
    // Its default asks at each step of each packet whether somebody debugs the package.
    log: () => {},
  });
  let isOver = false;
  let unacknowledged = 0;

  const over = (reason: DeviceReason): void => {
    if (isOver) return;
    isOver = true;
    discard(client);
    options.onOver(reason);
  };
  const refused = (detail: string): void => over(deviceReason("accessDenied", { address, detail }));
  const ready = (): void => {
    if (!isOver) options.onReady();
  };

  const isWithin = createPacketSizeWatch(options.packetBytesMax);
  // This listener is the first of all, because a packet that is too long must not even be
  // collected.
  client.stream.prependListener("data", (chunk: Uint8Array) => {
    if (!isWithin(chunk)) over(deviceReason("frameTooLong", { address }));
    else writeTogether(client);
  });
  client.on("error", (error) => over(reasonOf(error, options)));
  client.on("close", () => over(deviceReason("connectionLost", { address })));
  client.on("message", (topic, payload, packet) => {
    if (!isOver) onMessage(topic, payload, packet.retain);
  });
  client.on("connect", () => {
    setNoDelay(client);
    const filters = options.filters();
    if (filters.length === 0) ready();
    else subscribeAt(client, filters, { granted: ready, refused });
  });

  return {
    publish(topic, payload, how) {
      const needsWord = how.qos === 1;
      if (client.stream.writableLength + payload.length > outgoingBytesMax) return wireFull;
      if (needsWord && unacknowledged >= unacknowledgedMax) return wireFull;
      if (needsWord) unacknowledged += 1;
      client.publish(topic, asBuffer(payload), how, () => {
        if (needsWord) unacknowledged -= 1;
      });
      return sent;
    },
    subscribe(filter) {
      if (!client.connected) return;
      subscribeAt(client, [filter], {
        granted: () => {},
        // Only a new attempt leads to a state in which every subscription is granted.
        refused: (detail) => client.stream.destroy(new Error(detail)),
      });
    },
    close() {
      isOver = true;
      return leave(client, options);
    },
  };
}

async function leave(
  client: MqttClient,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  if (!client.connected) return discard(client);
  const overdue = clock.schedule(monotonicMs(clock.monotonic() + closeWaitMs), () =>
    client.stream.destroy(),
  );
  await client.endAsync(false).catch((error: unknown) => log.debug("not left in order", { error }));
  overdue.cancel();
  discard(client);
}

/** The bytes as mqtt.js wants them, not copied. */
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface Asked {
  readonly granted: () => void;
  readonly refused: (detail: string) => void;
}

function subscribeAt(client: MqttClient, filters: readonly string[], asked: Asked): void {
  client.subscribe([...filters], { qos: 1 }, (error, grants) => {
    const refused = grants?.find((grant) => grant.qos >= 128);
    if (error) asked.refused(error.message);
    else if (refused !== undefined) asked.refused(`the broker refused "${refused.topic}"`);
    else asked.granted();
  });
}

/** Ends an attempt for good; whatever it still says is of no interest. */
function discard(client: MqttClient): void {
  client.removeAllListeners();
  client.on("error", () => {});
  client.end(true);
}

/**
 * What the messages of one chunk cause, above all an acknowledgement each, leaves in one write
 * instead of many: a write costs more than all else that is done for a message.
 */
function writeTogether({ stream }: MqttClient): void {
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** Over TCP and TLS mqtt.js's stream is a socket; over WebSocket it is not, and sets it itself. */
function setNoDelay(client: MqttClient): void {
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
}

/** CONNACK: bad user name or password, not authorized. */
const deniedReturnCodes: ReadonlySet<unknown> = new Set([4, 5]);

function reasonOf(
  error: Error,
  { address, connectTimeoutMs }: Pick<MqttAttemptOptions, "address" | "connectTimeoutMs">,
): DeviceReason {
  if (error.message === "connack timeout") {
    return deviceReason("noAnswer", { address, seconds: connectTimeoutMs / 1_000 });
  }
  if (!("code" in error) || typeof error.code !== "number") return networkReason(error, address);
  const code = deniedReturnCodes.has(error.code) ? "accessDenied" : "refused";
  return deviceReason(code, { address, detail: error.message });
}
