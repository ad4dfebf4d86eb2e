import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import type { Wire } from "../wire.ts";

export interface TopicMessage {
  /** Without the device's base. */
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface TopicMessageOut extends TopicMessage {
  readonly qos: 0 | 1;
}

/**
 * The topics of one device on a broker, all below its base. The bus keeps its subscriptions over
 * reconnects, so there is nothing to revive. Closes the bus.
 *
 * What the broker had kept is dropped, whatever it says: a read of yesterday is no read, and how a
 * machine stands is unknown until it says so itself.
 */
export const createTopicWire = (
  bus: MessageBus,
  base: string,
  filters: readonly string[],
): Wire<TopicMessage, TopicMessageOut> => ({
  open(handlers) {
    for (const filter of filters) {
      bus.subscribe(`${base}/${filter}`, (topic, payload, isRetained) => {
        if (isRetained) return handlers.onDropped(deviceReason("retained", { address: topic }));
        handlers.onMessage({ topic: topic.slice(base.length + 1), payload });
      });
    }
    bus.onState((isConnected, reason) => handlers.onState(isConnected, reason));
  },
  send: ({ topic, payload, qos }) => bus.publish(`${base}/${topic}`, payload, { qos }),
  revive() {},
  close: () => bus.close(),
});
