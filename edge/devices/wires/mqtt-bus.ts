import { Socket } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import {
  deviceReason,
  isSameDeviceReason,
  type DeviceReason,
} from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import { isPlainTopic, topicMatches } from "../../../protocols/topic-filter.ts";
import {
  notConnected,
  sent,
  wireFull,
  type MessageBus,
  type MessageHandler,
} from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { addressOfUrl, networkReason } from "../network-reason.ts";
import { createReopenPace, lastedMs } from "../reopen-pace.ts";
import { createPacketSizeWatch } from "./mqtt-packet-size.ts";
import { createWireLog } from "../wire-log.ts";

export interface MqttBusOptions {
  /** `mqtt://host:port`, `mqtts://...` or a WebSocket URL. */
  readonly brokerUrl: string;
  /** Unique at the broker: a second client of the same name drives the first one out. */
  readonly clientId: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Default 5 s. Health is judged by messages; this only frees a dead socket. */
  readonly keepaliveS?: number;
  /** Bytes the socket may hold before `publish` refuses. Default 32 MiB: two images. */
  readonly outgoingBytesMax?: number;
  /** QoS 1 messages that may wait for the broker's word before `publish` refuses. Default 1,000. */
  readonly unacknowledgedMax?: number;
  /** A longer incoming packet cuts the connection. Default 17 MiB: an image and its topic. */
  readonly packetBytesMax?: number;
}

const mebibyte = 1024 * 1024;

/** Losses in a row, each soon after its connect, from which a rival of the same id is supposed. */
const lossesAtOnceMin = 3;

/** How long `close` waits for the broker to take what was published before. */
const closeWaitMs = 1_000;

/**
 * A `MessageBus` over a broker (MQTT 3.1.1). Every attempt is a new client with a clean session,
 * so nothing can be left in an old one's store and sent late. "Connected" is told once all
 * subscriptions are granted. TCP_NODELAY is set at this end; without it a QoS 1 round trip takes
 * tens of milliseconds, and the broker must do the same at its end.
 *
 * Filters of one bus should not overlap: brokers differ in how often they then deliver a message.
 * State handlers hear again of a lost connection when its reason has changed.
 */
export function openMqttBus(options: MqttBusOptions): MessageBus {
  const outgoingBytesMax = options.outgoingBytesMax ?? 32 * mebibyte;
  const unacknowledgedMax = options.unacknowledgedMax ?? 1_000;
  const stateHandlers: ((isConnected: boolean, reason?: DeviceReason) => void)[] = [];
  const plainHandlers = new Map<string, MessageHandler[]>();
  const wildcardHandlers: { filter: string; handler: MessageHandler }[] = [];
  const filters = new Set<string>();
  let client: MqttClient | null = null;
  let isUp = false;
  let isClosed = false;
  const address = addressOfUrl(options.brokerUrl);
  const connectTimeoutMs = options.connectTimeoutMs ?? 5_000;
  let lastReason = deviceReason("notConnected", { address });
  const { clientId } = options;
  const log = options.log.child("mqtt", { address, clientId });
  const wireLog = createWireLog({ log, clock: options.clock });
  let unacknowledged = 0;
  let retry: Timer | null = null;
  const pace = createReopenPace(options);

  const tellUp = (): void => {
    isUp = true;
    for (const handler of stateHandlers) handler(true);
  };

  const tellDown = (reason: DeviceReason): void => {
    if (!isUp && isSameDeviceReason(reason, lastReason)) return;
    isUp = false;
    lastReason = reason;
    for (const handler of stateHandlers) handler(false, reason);
  };

  /** A broker drops the older of two clients of one id, and MQTT 3.1.1 has no word to say so. */
  const perhapsTaken = (reason: DeviceReason, lossesAtOnce: number): DeviceReason => {
    if (reason.code !== "connectionLost" || lossesAtOnce < lossesAtOnceMin) return reason;
    const detail = `perhaps another client has the id ${clientId}: lost ${lossesAtOnce} times within ${lastedMs / 1_000} s of a connect`;
    return deviceReason("clientIdTaken", { address, detail });
  };

  const dispatch: MessageHandler = (topic, payload, isRetained) => {
    for (const handler of plainHandlers.get(topic) ?? []) handler(topic, payload, isRetained);
    for (const { filter, handler } of wildcardHandlers) {
      if (topicMatches(filter, topic)) handler(topic, payload, isRetained);
    }
  };

  const connect = (): void => {
    retry = null;
    const attempt = mqtt.connect(options.brokerUrl, {
      clientId,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      connectTimeout: connectTimeoutMs,
      keepalive: options.keepaliveS ?? 5,
    });
    client = attempt;
    unacknowledged = 0;
    const isCurrent = () => client === attempt && !isClosed;

    const giveUp = (known: DeviceReason): void => {
      if (!isCurrent()) return;
      client = null;
      discard(attempt);
      const delayMs = pace.nextDelayMs();
      const reason = perhapsTaken(known, pace.shortLived());
      wireLog.closed(reason);
      tellDown(reason);
      retry = options.clock.schedule(monotonicMs(options.clock.monotonic() + delayMs), connect);
    };

    const refuse = (detail: string): void =>
      giveUp(deviceReason("accessDenied", { address, detail }));

    const isWithin = createPacketSizeWatch(options.packetBytesMax ?? 17 * mebibyte);
    // This listener is the first of all, because a packet that is too long must not even be
    // collected.
    attempt.stream.prependListener("data", (chunk: Uint8Array) => {
      if (!isWithin(chunk)) giveUp(deviceReason("frameTooLong", { address }));
      else writeTogether(attempt);
    });
    attempt.on("error", (error) => giveUp(reasonOf(error, { address, connectTimeoutMs })));
    attempt.on("close", () => giveUp(deviceReason("connectionLost", { address })));
    attempt.on("message", (topic, payload, packet) => {
      if (isCurrent()) dispatch(topic, payload, packet.retain);
    });
    attempt.on("connect", () => {
      setNoDelay(attempt);
      const ready = (): void => {
        if (!isCurrent()) return;
        pace.opened();
        wireLog.opened();
        tellUp();
      };
      if (filters.size === 0) ready();
      else subscribeAt(attempt, [...filters], ready, refuse);
    });
  };

  connect();
  return {
    onState(handler) {
      stateHandlers.push(handler);
      if (isUp) handler(true);
      else handler(false, lastReason);
    },
    subscribe(filter, handler) {
      if (!isPlainTopic(filter)) wildcardHandlers.push({ filter, handler });
      else plainHandlers.set(filter, [...(plainHandlers.get(filter) ?? []), handler]);
      if (filters.has(filter)) return;
      filters.add(filter);
      const current = client;
      if (current?.connected !== true) return;
      subscribeAt(current, [filter], undefined, (detail) => {
        // Only a new attempt leads to a state in which every subscription is granted.
        current.stream.destroy(new Error(detail));
      });
    },
    publish(topic, payload, { qos = 0, retain = false } = {}) {
      if (!isUp || client === null) return notConnected;
      if (client.stream.writableLength + payload.length > outgoingBytesMax) return wireFull;
      if (qos === 1 && unacknowledged >= unacknowledgedMax) return wireFull;
      const publisher = client;
      if (qos === 1) unacknowledged += 1;
      publisher.publish(topic, asBuffer(payload), { qos, retain }, () => {
        if (qos === 1 && client === publisher) unacknowledged -= 1;
      });
      return sent;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      isUp = false;
      retry?.cancel();
      wireLog.stop();
      const last = client;
      client = null;
      if (last === null) return;
      if (!last.connected) return discard(last);
      // What was published before goes out first, unless the broker does not take it.
      const overdue = options.clock.schedule(
        monotonicMs(options.clock.monotonic() + closeWaitMs),
        () => last.stream.destroy(),
      );
      await last
        .endAsync(false)
        .catch((error: unknown) => log.debug("not left in order", { error }));
      overdue.cancel();
      discard(last);
    },
  };
}

/** The bytes as mqtt.js wants them, not copied. */
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function subscribeAt(
  client: MqttClient,
  filters: readonly string[],
  onGranted: (() => void) | undefined,
  onRefused: (detail: string) => void,
): void {
  client.subscribe([...filters], { qos: 1 }, (error, granted) => {
    const refused = granted?.find((grant) => grant.qos >= 128);
    if (error) onRefused(error.message);
    else if (refused !== undefined) onRefused(`the broker refused "${refused.topic}"`);
    else onGranted?.();
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
  { address, connectTimeoutMs }: { readonly address: string; readonly connectTimeoutMs: number },
): DeviceReason {
  if (error.message === "connack timeout") {
    return deviceReason("noAnswer", { address, seconds: connectTimeoutMs / 1_000 });
  }
  if (!("code" in error) || typeof error.code !== "number") return networkReason(error, address);
  const code = deniedReturnCodes.has(error.code) ? "accessDenied" : "refused";
  return deviceReason(code, { address, detail: error.message });
}
