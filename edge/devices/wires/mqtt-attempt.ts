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
  type Will,
} from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import {
  grantOf,
  reasonOfDisconnect,
  reasonOfError,
  wantsOtherVersion,
  type BrokerGrant,
} from "./mqtt-broker-word.ts";
import type { MqttCredentials } from "./mqtt-credentials.ts";
import { createEarlyMessages } from "./mqtt-early-messages.ts";
import { createPacketSizeWatch } from "./mqtt-packet-size.ts";
import { createSendWindow, type SendWindow } from "./mqtt-send-window.ts";

/** MQTT 5, in which a broker says what it allows, or 3.1.1. */
export type MqttVersion = 5 | 4;

export interface MqttAttemptOptions {
  readonly brokerUrl: string;
  /** Win over what the URL says. */
  readonly credentials: MqttCredentials;
  /** As people are told it. */
  readonly address: string;
  readonly clientId: string;
  readonly version: MqttVersion;
  readonly clock: Clock;
  readonly log: Log;
  readonly connectTimeoutMs: number;
  readonly keepaliveS: number;
  readonly outgoingBytesMax: number;
  readonly unacknowledgedMax: number;
  readonly packetBytesMax: number;
  readonly neededPacketBytes: number;
  readonly will: Will | null;
  /** What is asked for at the connect. */
  readonly filters: () => readonly string[];
  /** At most once: the broker has granted every filter. */
  readonly onReady: () => void;
  /** After `onReady`. */
  readonly onMessage: MessageHandler;
  /** The broker refused one message, and kept the connection. */
  readonly onNotTaken: (topic: string, error: Error) => void;
  /** At most once, also when it never was ready. Afterwards nothing more is told. */
  readonly onOver: (ending: MqttEnding) => void;
}

export interface MqttEnding {
  readonly reason: DeviceReason;
  /** It was taken in, whatever came then. */
  readonly wasWelcome: boolean;
  /** The broker says that it does not know the version. */
  readonly isVersionRefused: boolean;
}

/**
 * One attempt at a broker, and the connection itself while it lasts: a client with a clean session,
 * so that nothing can be left in its store and be sent late.
 */
export interface MqttAttempt {
  publish(topic: string, payload: Uint8Array, how: Required<PublishOptions>): Sending;
  /** For a filter that came after the connect; one that is refused ends the attempt. */
  subscribe(filter: string): void;
  /** The longest packet that the broker says it takes; null when it says nothing. */
  packetBytesMax(): number | null;
  /** Tells nothing any more. What was published before goes out first, if the broker takes it. */
  close(): Promise<void>;
}

/** How long `close` waits for the broker to take what was published before. */
const closeWaitMs = 1_000;

export function openMqttAttempt(options: MqttAttemptOptions): MqttAttempt {
  const { address, version, onMessage, outgoingBytesMax, unacknowledgedMax } = options;
  const client = mqtt.connect(options.brokerUrl, {
    ...options.credentials,
    // A certificate that is not proved is no certificate.
    rejectUnauthorized: true,
    clientId: options.clientId,
    clean: true,
    protocolVersion: version,
    ...(version === 5 ? { properties: { maximumPacketSize: options.packetBytesMax } } : {}),
    ...(options.will === null ? {} : { will: willOf(options.will) }),
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: options.connectTimeoutMs,
    keepalive: options.keepaliveS,
    // Its default asks at each step of each packet whether somebody debugs the package.
    log: () => {},
  });
  let isOver = false;
  let isReady = false;
  let grant: BrokerGrant | null = null;
  let sending = createSendWindow(0);
  const early = createEarlyMessages(options.packetBytesMax);

  const over = (reason: DeviceReason, isVersionRefused = false): void => {
    if (isOver) return;
    isOver = true;
    // The client then answers for whatever was sent, and what waits would be sent within each answer.
    sending.drop();
    discard(client, options.log);
    options.onOver({ reason, wasWelcome: grant !== null, isVersionRefused });
  };
  const refused = (detail: string): void => over(deviceReason("accessDenied", { address, detail }));
  const ready = (): void => {
    if (isOver) return;
    isReady = true;
    options.onReady();
    early.deliver();
  };

  const isWithin = createPacketSizeWatch(options.packetBytesMax);
  // This listener is the first of all, because a packet that is too long must not even be
  // collected.
  client.stream.prependListener("data", (chunk: Uint8Array) => {
    if (!isWithin(chunk)) over(deviceReason("frameTooLong", { address }));
    else writeTogether(client);
  });
  client.on("error", (error) => over(reasonOfError(error, options), wantsOtherVersion(error)));
  client.on("disconnect", (packet) => over(reasonOfDisconnect(packet, options)));
  client.on("close", () => over(deviceReason("connectionLost", { address })));
  client.on("message", (topic, payload, { retain }) => {
    const deliver = (): void => {
      if (!isOver) onMessage(topic, payload, retain);
    };
    if (isReady) deliver();
    else early.hold(payload.length, deliver);
  });
  client.on("connect", (connack) => {
    grant = grantOf(connack);
    const tooLittle = whyTooLittle(grant, options.neededPacketBytes);
    if (tooLittle !== null) return over(deviceReason("refused", { address, detail: tooLittle }));
    sending = createSendWindow(grant.inFlightMax);
    options.log.debug("what the broker allows", { mqtt: version, ...grant.fields });
    setNoDelay(client);
    const filters = options.filters();
    if (filters.length === 0) ready();
    else subscribeAt(client, filters, { granted: ready, refused });
  });

  return {
    publish(topic, payload, { isMinor, ...how }) {
      const needsWord = how.qos === 1;
      if (isMinor && sending.total() > 0) return wireFull;
      const unsentBytes = client.stream.writableLength + sending.waitingBytes();
      if (unsentBytes + payload.length > outgoingBytesMax) return wireFull;
      if (needsWord && sending.total() >= unacknowledgedMax) return wireFull;
      const publish = (onAcknowledged: () => void): void => {
        client.publish(topic, asBuffer(payload), how, (error) => {
          // A number is the broker's own word; whatever else ended the message ended the connection.
          const isRefusal = error && "code" in error && typeof error.code === "number";
          if (isRefusal && !isOver) options.onNotTaken(topic, error);
          onAcknowledged();
        });
      };
      if (needsWord) sending.submit(payload.length, publish);
      else publish(() => {});
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
    packetBytesMax: () => grant?.packetBytesMax ?? null,
    close() {
      isOver = true;
      return leave(client, sending, options);
    },
  };
}

async function leave(
  client: MqttClient,
  sending: SendWindow,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  if (!client.connected) return discard(client, log);
  const overdue = clock.schedule(monotonicMs(clock.monotonic() + closeWaitMs), () => {
    sending.drop();
    client.stream.destroy();
  });
  await sending.emptied();
  await client.endAsync(false).catch((error: unknown) => log.debug("not left in order", { error }));
  overdue.cancel();
  discard(client, log);
}

/** What is sent relies on both; a broker with less would end the connection at the first message. */
function whyTooLittle(grant: BrokerGrant, neededPacketBytes: number): string | null {
  if (!grant.takesQos1) return "the broker takes quality of service 0 only, and 1 is needed";
  const { packetBytesMax } = grant;
  return packetBytesMax !== null && packetBytesMax < neededPacketBytes
    ? `the broker takes packets of at most ${packetBytesMax} bytes, and ${neededPacketBytes} are needed`
    : null;
}

/** With a word of the broker that it has gone out, since nobody is left to say it again. */
const willOf = ({ topic, payload }: Will) =>
  ({ topic, payload: asBuffer(payload), qos: 1, retain: false }) as const;

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

/** Ends an attempt for good; what it still says changes nothing any more. */
function discard(client: MqttClient, log: Log): void {
  client.removeAllListeners();
  client.on("error", (error) => log.debug("not left in order", { error }));
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
