import {
  zDownMessage,
  zUpMessage,
  type DownMessage,
  type UpMessage,
} from "../../protocols/link.ts";
import { zId, zSha256 } from "../../protocols/sorting.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import {
  linkImageBytesMax,
  type LinkAgentEnd,
  type LinkCentreEnd,
  type LinkCentreHandlers,
  type LinkCounters,
} from "./port.ts";
import { createWireReader, encodeWireMessage, type WireMessage } from "./wire-message.ts";

/**
 * The link over an MQTT broker, topics as in `protocols/link.ts`. The bus belongs to whoever made
 * it and is not closed here. Nothing is retained: an old message is worse than none.
 */
export interface MqttAgentEndOptions {
  readonly bus: MessageBus;
  readonly site: string;
  readonly agentId: string;
}

/**
 * Claims and verdicts are sent with QoS 1, because they bear no sequence number by which a loss
 * would be noticed. Everything else is repaired by its sequence numbers or replaced by the next
 * message.
 */
const withQos1: ReadonlySet<string> = new Set<(UpMessage | DownMessage)["kind"]>([
  "claim",
  "claimAnswer",
  "officerVerdict",
]);
const qosOf = (kind: (UpMessage | DownMessage)["kind"]): 0 | 1 => (withQos1.has(kind) ? 1 : 0);

export function createMqttAgentEnd(options: MqttAgentEndOptions): LinkAgentEnd {
  const { bus, agentId } = options;
  const base = `${options.site}/link/${agentId}`;
  const readDown = createWireReader<DownMessage>(zDownMessage.options);
  const totals = createTotals();
  let isClosed = false;
  return {
    agentId,
    start: (handlers) => {
      bus.subscribe(`${base}/down`, (_topic, payload) => {
        if (isClosed) return;
        const message = totals.received(readDown(payload));
        if (message !== null) handlers.onMessage(message);
      });
      bus.onState((isConnected, reason) => {
        if (!isClosed) handlers.onState(isConnected, reason && deviceReasonLogText(reason));
      });
    },
    send: (message) =>
      totals.sent(
        !isClosed &&
          bus.publish(`${base}/up`, encodeWireMessage(message), { qos: qosOf(message.kind) })
            .kind === "sent",
      ),
    sendImage: (passId, sha256, bytes) =>
      totals.sent(
        !isClosed &&
          bus.publish(`${base}/image/${passId}/${sha256}`, bytes, { qos: 1 }).kind === "sent",
      ),
    counters: totals.counters,
    close: () => {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

export interface MqttCentreEndOptions {
  readonly bus: MessageBus;
  readonly site: string;
}

export function createMqttCentreEnd(options: MqttCentreEndOptions): LinkCentreEnd {
  const { bus } = options;
  const base = `${options.site}/link`;
  const readUp = createWireReader<UpMessage>(zUpMessage.options);
  const totals = createTotals();
  let isClosed = false;

  const takeMessage = (handlers: LinkCentreHandlers, topic: string, payload: Uint8Array): void => {
    const [agentId] = topic.slice(base.length + 1).split("/");
    const id = zId.safeParse(agentId);
    if (!id.success) return totals.refuse(`topic ${topic.slice(0, 100)}: bad agent id`);
    const read = readUp(payload);
    if (read.kind === "message" && read.message.kind === "hello") {
      const { agentId } = read.message;
      if (agentId !== id.data) {
        return totals.refuse(`hello.agentId: ${agentId} on the topic of ${id.data}`);
      }
    }
    const message = totals.received(read);
    if (message !== null) handlers.onMessage(id.data, message);
  };

  const takeImage = (handlers: LinkCentreHandlers, topic: string, payload: Uint8Array): void => {
    const [agentId, , passId, sha256] = topic.slice(base.length + 1).split("/");
    const ids = [zId.safeParse(agentId), zId.safeParse(passId), zSha256.safeParse(sha256)] as const;
    const [agent, pass, hash] = ids;
    if (!agent.success || !pass.success || !hash.success) {
      return totals.refuse(`topic ${topic.slice(0, 200)}: bad agent, pass or hash`);
    }
    if (payload.byteLength > linkImageBytesMax || payload.byteLength === 0) {
      return totals.refuse(`image ${hash.data.slice(0, 8)}: ${payload.byteLength} bytes`);
    }
    totals.take();
    handlers.onImage(agent.data, pass.data, hash.data, payload);
  };

  return {
    start: (handlers) => {
      bus.subscribe(`${base}/+/up`, (topic, payload) => {
        if (!isClosed) takeMessage(handlers, topic, payload);
      });
      bus.subscribe(`${base}/+/image/+/+`, (topic, payload) => {
        if (!isClosed) takeImage(handlers, topic, payload);
      });
      bus.onState((isConnected, reason) => {
        if (!isClosed) handlers.onState(isConnected, reason && deviceReasonLogText(reason));
      });
    },
    send: (agentId, message) =>
      totals.sent(
        !isClosed &&
          bus.publish(`${base}/${agentId}/down`, encodeWireMessage(message), {
            qos: qosOf(message.kind),
          }).kind === "sent",
      ),
    counters: totals.counters,
    close: () => {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

function createTotals() {
  let sentTotal = 0;
  let unsentTotal = 0;
  let receivedTotal = 0;
  let refusedTotal = 0;
  let lastRefusal: string | null = null;
  const refuse = (why: string): void => {
    refusedTotal += 1;
    lastRefusal = why;
  };
  const take = (): void => {
    receivedTotal += 1;
  };
  return {
    refuse,
    take,
    sent: (isSent: boolean): boolean => {
      if (isSent) sentTotal += 1;
      else unsentTotal += 1;
      return isSent;
    },
    received: <Message>(read: WireMessage<Message>): Message | null => {
      if (read.kind === "refused") {
        refuse(read.why);
        return null;
      }
      take();
      return read.message;
    },
    counters: (): LinkCounters => ({
      sentTotal,
      unsentTotal,
      receivedTotal,
      refusedTotal,
      lastRefusal,
    }),
  };
}
