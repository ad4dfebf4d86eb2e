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
 * The topics of one device on a broker, all below its base, never retained. The bus keeps its
 * subscriptions over reconnects, so there is nothing to revive. Closes the bus.
 */
export const createTopicWire = (
  bus: MessageBus,
  base: string,
  filters: readonly string[],
): Wire<TopicMessage, TopicMessageOut> => ({
  open(handlers) {
    for (const filter of filters) {
      bus.subscribe(`${base}/${filter}`, (topic, payload) =>
        handlers.onMessage({ topic: topic.slice(base.length + 1), payload }),
      );
    }
    bus.onState((isConnected, reason) => handlers.onState(isConnected, reason));
  },
  send: ({ topic, payload, qos }) => bus.publish(`${base}/${topic}`, payload, { qos }),
  revive() {},
  close: () => bus.close(),
});
