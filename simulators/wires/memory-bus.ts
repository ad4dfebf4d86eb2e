import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import type { Clock } from "../../protocols/time.ts";
import { topicMatches } from "../../protocols/topic-filter.ts";
import {
  notConnected,
  sent,
  type MessageBus,
  type MessageHandler,
} from "../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

export interface MemoryBrokerOptions {
  readonly clock: Clock;
  /** Time a message takes to each of its receivers, 0 or more. Default 0. Order is kept. */
  readonly latencyMs?: (topic: string) => number;
  /** True loses the message for one receiver. Default: nothing is lost. */
  readonly isLost?: (topic: string, payload: Uint8Array) => boolean;
}

/** A broker in memory: the same `MessageBus` as over MQTT, in the time of its clock. */
export interface MemoryBroker {
  /** One client. It is connected whenever the broker runs and its own wire is not cut. */
  connect(): MemoryBusClient;
  /** Drops every client and what is under way. Retained messages survive, as on a disk. */
  stop(reason: string): void;
  start(): void;
}

export interface MemoryBusClient extends MessageBus {
  /** Cuts this client's wire alone. */
  cut(reason: string): void;
  restore(): void;
}

interface Client {
  isCut: boolean;
  isClosed: boolean;
  /** Grows at each loss of connection: what was under way before is not delivered. */
  connection: number;
  reason: DeviceReason;
  lastDueAt: MonotonicMs;
  readonly stateHandlers: ((isConnected: boolean, reason?: DeviceReason) => void)[];
  readonly subscriptions: {
    filter: string;
    handler: MessageHandler;
  }[];
}

interface Delivery {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept from before, as opposed to published just now. */
  readonly isRetained: boolean;
}

export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const { clock, latencyMs = () => 0, isLost = () => false } = options;
  const clients = new Set<Client>();
  const retained = new Map<string, Uint8Array>();
  let isRunning = true;

  const isConnected = (client: Client): boolean => isRunning && !client.isCut && !client.isClosed;

  const deliver = (
    client: Client,
    { topic, payload, isRetained }: Delivery,
    isWanted: (filter: string) => boolean,
  ): void => {
    if (isLost(topic, payload)) return;
    const dueAt = monotonicMs(Math.max(clock.monotonic() + latencyMs(topic), client.lastDueAt));
    client.lastDueAt = dueAt;
    const connection = client.connection;
    clock.schedule(dueAt, () => {
      if (client.connection !== connection || !isConnected(client)) return;
      for (const { filter, handler } of client.subscriptions) {
        if (isWanted(filter)) handler(topic, payload, isRetained);
      }
    });
  };

  const deliverRetained = (client: Client, filter: string): void => {
    for (const [topic, payload] of retained) {
      if (!topicMatches(filter, topic)) continue;
      deliver(client, { topic, payload, isRetained: true }, (other) => other === filter);
    }
  };

  const drop = (client: Client, detail: string): void => {
    client.connection += 1;
    client.reason = deviceReason("connectionLost", { detail });
    for (const handler of client.stateHandlers) handler(false, client.reason);
  };

  const raise = (client: Client): void => {
    for (const handler of client.stateHandlers) handler(true);
    for (const { filter } of client.subscriptions) deliverRetained(client, filter);
  };

  const publish = (topic: string, payload: Uint8Array, retain: boolean): void => {
    if (retain && payload.length === 0) retained.delete(topic);
    else if (retain) retained.set(topic, payload);
    for (const client of clients) {
      const isReceiver =
        isConnected(client) &&
        client.subscriptions.some(({ filter }) => topicMatches(filter, topic));
      if (!isReceiver) continue;
      const isWanted = (filter: string): boolean => topicMatches(filter, topic);
      deliver(client, { topic, payload, isRetained: false }, isWanted);
    }
  };

  const connect = (): MemoryBusClient => {
    const client: Client = {
      isCut: false,
      isClosed: false,
      connection: 0,
      reason: deviceReason("notConnected"),
      lastDueAt: monotonicMs(0),
      stateHandlers: [],
      subscriptions: [],
    };
    clients.add(client);
    return {
      onState(handler) {
        client.stateHandlers.push(handler);
        if (isConnected(client)) handler(true);
        else handler(false, client.reason);
      },
      subscribe(filter, handler) {
        client.subscriptions.push({ filter, handler });
        if (isConnected(client)) deliverRetained(client, filter);
      },
      publish(topic, payload, { retain = false } = {}) {
        if (!isConnected(client)) return notConnected;
        publish(topic, payload, retain);
        return sent;
      },
      async close() {
        client.isClosed = true;
        clients.delete(client);
      },
      cut(reason) {
        const wasConnected = isConnected(client);
        client.isCut = true;
        if (wasConnected) drop(client, reason);
      },
      restore() {
        if (!client.isCut) return;
        client.isCut = false;
        if (isConnected(client)) raise(client);
      },
    };
  };

  return {
    connect,
    stop(reason) {
      if (!isRunning) return;
      const connected = [...clients].filter(isConnected);
      isRunning = false;
      for (const client of connected) drop(client, reason);
    },
    start() {
      if (isRunning) return;
      isRunning = true;
      for (const client of clients) if (isConnected(client)) raise(client);
    },
  };
}
