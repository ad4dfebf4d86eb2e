import {
  zDownMessage,
  zUpMessage,
  type DownMessage,
  type UpMessage,
} from "../../protocols/link.ts";
import { imageKindOf } from "../../protocols/image-kind.ts";
import { zId, zSha256 } from "../../protocols/sorting.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import {
  notConnected,
  sent,
  type MessageBus,
  type MessageHandler,
  type Sending,
  tooLong,
  type LinkSending,
} from "../../protocols/transport.ts";
import {
  linkImageBytesMax,
  linkMessageBytesMax,
  type LinkAgentEnd,
  type LinkCentreEnd,
  type LinkCentreHandlers,
  type LinkCounters,
} from "./port.ts";
import {
  createJoiner,
  createMessageJoiner,
  isPlace,
  messagePieces,
  piecesOf,
  type Piece,
} from "./pieces.ts";
import { createWireReader, encodeWireMessage, type WireMessage } from "./wire-message.ts";

/**
 * The link over an MQTT broker, topics as in `protocols/link.ts`. The bus belongs to whoever made
 * it and is not closed here. Nothing is retained: an old message is worse than none.
 */
export interface MqttAgentEndOptions {
  readonly bus: MessageBus;
  readonly site: string;
  readonly agentId: string;
  /** The broker's largest packet, unless it says itself that it takes less: `piecesOf`. */
  readonly packetBytesMax: number;
}

/**
 * Brokers let QoS 0 overtake QoS 1 on one topic, so that all messages of the link share one: claims
 * with the journal that ends their passes, answers with the clearance they rely on. It is 0. One
 * connection keeps their order, numbers and acknowledgements of the link's own show what a broker
 * has dropped, and after a cut, with a clean session, nothing would be sent again with QoS 1 either;
 * but each message would cost an acknowledgement at either end, and mqtt.js a copy of its payload.
 */
export const linkQos = 0;

interface MessageSending {
  readonly bus: MessageBus;
  readonly topic: string;
  readonly packetBytesMax: number;
}

/** What is longer travels in pieces. The broker is asked each time, since it may be another one now. */
const packetBytesNow = (bus: MessageBus, configured: number): number =>
  Math.min(configured, bus.packetBytesMax?.() ?? configured);

/** Refused as well is what the other end would not read: nothing may follow as if it had gone. */
function publishMessage(
  { bus, topic, packetBytesMax }: MessageSending,
  message: UpMessage | DownMessage,
): LinkSending {
  const whole = encodeWireMessage(message);
  if (whole.byteLength > linkMessageBytesMax) return tooLong;
  const pieces = messagePieces(whole, packetBytesNow(bus, packetBytesMax));
  return allSent(pieces, (piece) => bus.publish(topic, piece, { qos: linkQos }));
}

/** Piece by piece, up to the first that is refused: without it the others are of no use. */
function allSent<One>(pieces: readonly One[], publish: (piece: One) => Sending): LinkSending {
  for (const piece of pieces) {
    const sending = publish(piece);
    if (sending.kind !== "sent") return sending;
  }
  return sent;
}

export function createMqttAgentEnd(options: MqttAgentEndOptions): LinkAgentEnd {
  const { bus, agentId, packetBytesMax } = options;
  const base = `${options.site}/link/${agentId}`;
  const readDown = createWireReader<DownMessage>(zDownMessage.options);
  const join = createMessageJoiner(linkMessageBytesMax);
  const totals = createTotals();
  let isClosed = false;
  return {
    agentId,
    start: (handlers) => {
      bus.subscribe(`${base}/down`, (topic, payload, isRetained) => {
        if (isClosed) return;
        if (isRetained) return totals.refuse(`topic ${topic}: a retained message`);
        const joined = join("centre", payload);
        if (joined.kind === "waiting") return;
        const read = joined.kind === "whole" ? readDown(joined.bytes) : joined;
        const message = totals.received(read);
        if (message !== null) handlers.onMessage(message);
      });
      bus.onState((isConnected, reason) => {
        if (!isClosed) handlers.onState(isConnected, reason && deviceReasonLogText(reason));
      });
    },
    send: (message) =>
      totals.sent(
        isClosed
          ? notConnected
          : publishMessage({ bus, topic: `${base}/up`, packetBytesMax }, message),
      ),
    sendImage: (passId, sha256, whole) => {
      if (isClosed) return totals.sent(notConnected);
      const pieces = piecesOf(whole, packetBytesNow(bus, packetBytesMax));
      // With its first piece all of a still has its turn.
      const isStill = imageKindOf(whole) === "still";
      const publish = ({ index, total, bytes }: Piece): Sending => {
        const topic = `${base}/image/${passId}/${sha256}/${index}/${total}`;
        return bus.publish(topic, bytes, { qos: 1, isMinor: isStill && index === 0 });
      };
      return totals.sent(allSent(pieces, publish));
    },
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
  /** As the agent's. */
  readonly packetBytesMax: number;
}

/** Unfinished images of all agents together: four of the largest. */
const unfinishedBytesMax = 4 * linkImageBytesMax;

export function createMqttCentreEnd(options: MqttCentreEndOptions): LinkCentreEnd {
  const { bus, packetBytesMax } = options;
  const base = `${options.site}/link`;
  const readUp = createWireReader<UpMessage>(zUpMessage.options);
  const joinMessage = createMessageJoiner(unfinishedBytesMax);
  const images = createJoiner(unfinishedBytesMax);
  const totals = createTotals();
  let isClosed = false;

  const takeMessage = (handlers: LinkCentreHandlers, topic: string, payload: Uint8Array): void => {
    const [agentId] = topic.slice(base.length + 1).split("/");
    const id = zId.safeParse(agentId);
    if (!id.success) return totals.refuse(`topic ${topic.slice(0, 100)}: bad agent id`);
    const joined = joinMessage(id.data, payload);
    if (joined.kind === "waiting") return;
    const read = joined.kind === "whole" ? readUp(joined.bytes) : joined;
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
    const [agentId, , passId, sha256, ...place] = topic.slice(base.length + 1).split("/");
    const [index, total] = place.map(Number);
    const ids = [zId.safeParse(agentId), zId.safeParse(passId), zSha256.safeParse(sha256)] as const;
    const [agent, pass, hash] = ids;
    if (!agent.success || !pass.success || !hash.success) {
      return totals.refuse(`topic ${topic.slice(0, 200)}: bad agent, pass or hash`);
    }
    const name = `image ${hash.data.slice(0, 8)}`;
    if (index === undefined || total === undefined || !isPlace(index, total)) {
      return totals.refuse(`${name}: no piece ${place.join(" of ")}`);
    }
    const key = `${agent.data} ${pass.data} ${hash.data} ${total}`;
    const joined = images.take(key, { index, total, bytes: payload });
    if (joined.kind === "waiting") return;
    if (joined.kind === "refused") return totals.refuse(`${name}: ${joined.why}`);
    const { bytes } = joined;
    if (bytes.byteLength > linkImageBytesMax || bytes.byteLength === 0) {
      return totals.refuse(`${name}: ${bytes.byteLength} bytes`);
    }
    totals.take();
    handlers.onImage(agent.data, pass.data, hash.data, bytes);
  };

  return {
    start: (handlers) => {
      const live =
        (take: typeof takeMessage): MessageHandler =>
        (topic, payload, isRetained) => {
          if (isClosed) return;
          if (isRetained) totals.refuse(`topic ${topic.slice(0, 200)}: a retained message`);
          else take(handlers, topic, payload);
        };
      bus.subscribe(`${base}/+/up`, live(takeMessage));
      bus.subscribe(`${base}/+/image/+/+/+/+`, live(takeImage));
      bus.onState((isConnected, reason) => {
        if (!isClosed) handlers.onState(isConnected, reason && deviceReasonLogText(reason));
      });
    },
    send: (agentId, message) =>
      totals.sent(
        isClosed
          ? notConnected
          : publishMessage({ bus, topic: `${base}/${agentId}/down`, packetBytesMax }, message),
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
    sent: (sending: LinkSending): LinkSending => {
      if (sending.kind === "sent") sentTotal += 1;
      else unsentTotal += 1;
      return sending;
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
