import { Socket } from "node:net";
import mqtt from "mqtt";
import { deviceReason } from "../../protocols/device-reasons.ts";
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

/** A simulated device's own way to a broker; reconnects for ever. */
export function openDeviceBus(brokerUrl: string, clientId: string): MessageBus {
  const subscriptions: { filter: string; handler: MessageHandler }[] = [];
  const client = mqtt.connect(brokerUrl, {
    clientId,
    clean: true,
    protocolVersion: 4,
    keepalive: 5,
    reconnectPeriod: reconnectPeriodMs,
    resubscribe: true,
    queueQoSZero: false,
  });
  let reason = deviceReason("notConnected");
  client.on("connect", () => {
    // Without this a device would batch its messages, and in a measurement the agent would look
    // slow.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  });
  client.on("error", (error) => {
    reason = deviceReason("connectionLost", { detail: error.message });
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
      // If there is no connection now, mqtt.js keeps the subscription for the next one.
      client.subscribe(filter, { qos: 1 }, () => {});
    },
    publish(topic, payload, { qos = 0, retain = false } = {}) {
      if (!client.connected) return notConnected;
      if (client.stream.writableLength > outgoingBytesMax) return wireFull;
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      client.publish(topic, bytes, { qos, retain }, () => {});
      return sent;
    },
    async close() {
      await client.endAsync(true);
    },
  };
}
