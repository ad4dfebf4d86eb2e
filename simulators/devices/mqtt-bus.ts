import { Socket } from "node:net";
import mqtt from "mqtt";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { topicMatches } from "../../protocols/topic-filter.ts";
import {
  notConnected,
  sent,
  wireFull,
  type MessageBus,
  type MessageHandler,
} from "../../protocols/transport.ts";

const reconnectPeriodMs = 500;

/** Unsent bytes from which a simulated device drops messages rather than keep them. */
const outgoingBytesMax = 64 * 1024 * 1024;

const lost = ({ message: detail }: Error): DeviceReason =>
  deviceReason("connectionLost", { detail });

interface DeviceBusCredentials {
  readonly username?: string;
  readonly password?: string;
  /** Who signs the broker's certificate, PEM. */
  readonly ca?: Buffer;
}

/**
 * A simulated device's own way to a broker; reconnects for ever. Its client id is made of its topics'
 * base, since devices of one name may stand at two sites on one broker.
 */
export function openDeviceBus(
  brokerUrl: string,
  base: string,
  credentials: DeviceBusCredentials = {},
): MessageBus {
  const subscriptions: { filter: string; handler: MessageHandler }[] = [];
  const client = mqtt.connect(brokerUrl, {
    ...credentials,
    clientId: `simulated:${base.replaceAll("/", ":")}`,
    clean: true,
    protocolVersion: 4,
    keepalive: 5,
    reconnectPeriod: reconnectPeriodMs,
    resubscribe: false,
    queueQoSZero: false,
  });
  let reason = deviceReason("notConnected");
  const ask = (filter: string): void => {
    client.subscribe(filter, { qos: 1 }, (error) => {
      // Whoever does not hear its agent is away: it hangs up, and asks for everything anew.
      if (!error || !client.connected) return;
      reason = lost(new Error(`"${filter}" is not granted: ${error.message}`));
      client.stream.destroy();
    });
  };
  client.on("connect", () => {
    reason = deviceReason("connectionLost");
    // Without this a device would batch its messages, and in a measurement the agent would look
    // slow.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    for (const { filter } of subscriptions) ask(filter);
  });
  client.on("error", (error) => {
    reason = lost(error);
  });
  client.on("message", (topic, payload, packet) => {
    for (const { filter, handler } of subscriptions) {
      if (topicMatches(filter, topic)) handler(topic, payload, packet.retain);
    }
  });

  return {
    onState(handler) {
      handler(client.connected, reason);
      client.on("connect", () => handler(true));
      client.on("close", () => handler(false, reason));
    },
    subscribe(filter, handler) {
      subscriptions.push({ filter, handler });
      if (client.connected) ask(filter);
    },
    publish(topic, payload, { qos = 0, retain = false } = {}) {
      if (!client.connected) return notConnected;
      if (client.stream.writableLength > outgoingBytesMax) return wireFull;
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      client.publish(topic, bytes, { qos, retain }, (error) => {
        if (error) reason = lost(error);
      });
      return sent;
    },
    async close() {
      await client.endAsync(true);
    },
  };
}
