import {
  AttributeIds,
  ClientMonitoredItem,
  OPCUAClient,
  TimestampsToReturn,
  constructEventFilter,
} from "node-opcua";
import type { ByteLink, MessageBus } from "../../../protocols/transport.ts";
import { createAwaited, untilSo } from "./turns.ts";

/** What a wire costs by itself: the same one, with nothing of ours at either end. */
export interface RawTrip {
  /** Milliseconds there and back. */
  trip(): Promise<number>;
  close(): Promise<void>;
}

/** As long as a read or an event. */
const bytes = new Uint8Array(48).fill(0x41);

/** Both ends of a serial line or TCP connection; the device's sends back what it hears. */
export async function rawBytes(line: ByteLink, device: ByteLink): Promise<RawTrip> {
  const awaited = createAwaited("raw bytes");
  let isOpen = false;
  let missing = 0;
  device.open({ onOpen() {}, onBytes: (chunk) => device.write(chunk), onClose() {} });
  line.open({
    onOpen: () => {
      isOpen = true;
    },
    onBytes(chunk) {
      missing -= chunk.length;
      if (missing === 0) awaited.heard();
    },
    onClose() {},
  });
  await untilSo(() => isOpen, "a raw wire");
  return {
    trip: () =>
      awaited.after(() => {
        missing = bytes.length;
        line.write(bytes);
      }),
    async close() {
      await line.close();
      await device.close();
    },
  };
}

/** Over the broker to the device, and back. */
export async function rawMessages(line: MessageBus, device: MessageBus): Promise<RawTrip> {
  const awaited = createAwaited("raw messages");
  let isGranted = false;
  device.subscribe("raw/there", (_, payload) => device.publish("raw/back", payload, { qos: 1 }));
  line.subscribe("raw/back", () => {
    isGranted = true;
    awaited.heard();
  });
  // What is published before both have subscribed goes to nobody.
  await untilSo(() => {
    line.publish("raw/there", bytes, { qos: 1 });
    return isGranted;
  }, "raw subscriptions");
  return {
    trip: () => awaited.after(() => line.publish("raw/there", bytes, { qos: 1 })),
    async close() {
      await line.close();
      await device.close();
    },
  };
}

export interface PlainEvents {
  /** Called with each event of the node that is heard. */
  onHeard(handler: () => void): void;
  close(): Promise<void>;
}

/** A client of the library's own that watches the same node as the driver, and does nothing else. */
export async function plainEvents(
  endpointUrl: string,
  node: { readonly namespaceUri: string; readonly name: string },
  publishingIntervalMs: number,
): Promise<PlainEvents> {
  const client = OPCUAClient.create({ endpointMustExist: false });
  await client.connect(endpointUrl);
  const session = await client.createSession();
  const index = (await session.readNamespaceArray()).indexOf(node.namespaceUri);
  const nodeId = `ns=${index};s=${node.name}`;
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: publishingIntervalMs,
    publishingEnabled: true,
    maxNotificationsPerPublish: 0,
    requestedLifetimeCount: 1_000,
    requestedMaxKeepAliveCount: 100,
    priority: 0,
  });
  const item = ClientMonitoredItem.create(
    subscription,
    { nodeId, attributeId: AttributeIds.EventNotifier },
    { filter: constructEventFilter(["EventId"]), queueSize: 100, discardOldest: true },
    TimestampsToReturn.Neither,
  );
  await new Promise<void>((resolve) => item.once("initialized", () => resolve()));
  return {
    onHeard: (handler) => void item.on("changed", () => handler()),
    async close() {
      await session.close(true);
      await client.disconnect();
    },
  };
}
