import {
  AttributeIds,
  CreateMonitoredItemsRequest,
  DataChangeNotification,
  DeleteMonitoredItemsRequest,
  MonitoringMode,
  StatusChangeNotification,
  TimestampsToReturn,
  type ClientSession,
  type ClientSubscription,
  type MonitoredItemCreateResult,
  type NotificationMessage,
} from "node-opcua";
import { Bug } from "../../../../protocols/bug.ts";
import type { SubscriptionGrant } from "./subscription-grant.ts";
import { hasRawSubscriptions, type GrantedSubscription } from "./subscription.ts";

export interface ValuesWanted {
  readonly nodeIds: readonly string[];
  /** How often the server is asked to look at each; 0: at each write. */
  readonly samplingMs: number;
  /** Values of each that it is asked to keep between two publishings. */
  readonly queueSize: number;
}

export interface ValueWatchHandlers {
  /** The server has published that something of it has changed. What it is, a reading tells. */
  onChanged(): void;
  /** Nothing comes any more. Not called after `stop`. */
  onEnded(why: string): void;
}

export interface ValueWatch {
  readonly grant: SubscriptionGrant;
  stop(): Promise<void>;
}

/** Values of one session that are watched, all of them by one subscription. */
export interface ValueWatches {
  /** Rejects, naming the node, where the server refuses any of it. */
  watch(wanted: ValuesWanted, handlers: ValueWatchHandlers): Promise<ValueWatch>;
}

/**
 * `subscribe` is asked once, when the first watch is: a server that refuses is not asked again in
 * this session. Whoever watches hears of a publishing in the same turn as all others, so that what
 * they then read goes out in one request.
 */
export function createValueWatches(
  session: ClientSession,
  subscribe: () => Promise<GrantedSubscription>,
): ValueWatches {
  const receivers = new Map<number, ValueWatchHandlers>();
  let nextClientHandle = 1;
  let subscribed: Promise<GrantedSubscription> | null = null;

  const route = (granted: GrantedSubscription): GrantedSubscription => {
    granted.subscription.on("raw_notification", (message: NotificationMessage) => {
      const changed = new Set(changedIn(message).map((handle) => receivers.get(handle)));
      // Handled in a turn of its own, because the library swallows what a listener throws.
      queueMicrotask(() => {
        for (const each of changed) each?.onChanged();
      });
    });
    granted.subscription.on("terminated", () => {
      const all = new Set(receivers.values());
      receivers.clear();
      for (const each of all) each.onEnded("the subscription has ended");
    });
    return granted;
  };

  return {
    async watch(wanted, handlers) {
      if (!hasRawSubscriptions(session)) throw new Bug("the OPC UA library lacks subscriptions");
      subscribed ??= subscribe().then(route);
      const granted = await subscribed;
      const { subscriptionId } = granted.subscription;
      const handles = wanted.nodeIds.map((_, index) => nextClientHandle + index);
      nextClientHandle += handles.length;
      const forget = (): void => handles.forEach((handle) => receivers.delete(handle));
      // Entered before the server is asked, because its first values may arrive before its answer.
      for (const handle of handles) receivers.set(handle, handlers);
      let results: readonly MonitoredItemCreateResult[] = [];
      const stop = async (): Promise<void> => {
        forget();
        const made = results.filter(({ statusCode }) => statusCode.isGood());
        if (made.length === 0) return;
        const monitoredItemIds = made.map(({ monitoredItemId }) => monitoredItemId);
        await session.deleteMonitoredItems(
          new DeleteMonitoredItemsRequest({ subscriptionId, monitoredItemIds }),
        );
      };
      try {
        const answer = await session.createMonitoredItems(
          requestOf(wanted, handles, granted.subscription),
        );
        results = answer.results ?? [];
        refuseMissing(wanted, results);
      } catch (error) {
        await stop();
        throw error;
      }
      return { grant: grantOf(wanted, granted, results), stop };
    },
  };
}

/**
 * The handles of what has changed. What stays in the message is the library's: its own way to hand
 * values out throws, outside any caller's reach, for an item that was just deleted.
 */
function changedIn(message: NotificationMessage): number[] {
  const data = message.notificationData ?? [];
  message.notificationData = data.filter((part) => part instanceof StatusChangeNotification);
  return data.flatMap((part) =>
    part instanceof DataChangeNotification
      ? (part.monitoredItems ?? []).map(({ clientHandle }) => clientHandle)
      : [],
  );
}

const requestOf = (
  { nodeIds, samplingMs, queueSize }: ValuesWanted,
  handles: readonly number[],
  { subscriptionId }: ClientSubscription,
): CreateMonitoredItemsRequest =>
  new CreateMonitoredItemsRequest({
    subscriptionId,
    timestampsToReturn: TimestampsToReturn.Neither,
    itemsToCreate: nodeIds.map((nodeId, index) => ({
      itemToMonitor: { nodeId, attributeId: AttributeIds.Value },
      monitoringMode: MonitoringMode.Reporting,
      requestedParameters: {
        clientHandle: handles[index] ?? 0,
        samplingInterval: samplingMs,
        queueSize,
        discardOldest: true,
      },
    })),
  });

function refuseMissing(
  { nodeIds }: ValuesWanted,
  results: readonly MonitoredItemCreateResult[],
): void {
  const refused = nodeIds.findIndex((_, index) => results[index]?.statusCode.isGood() !== true);
  if (refused < 0) return;
  const why = results[refused]?.statusCode.name ?? "no answer";
  throw new Error(`${why}: ${nodeIds[refused] ?? ""}`);
}

function grantOf(
  { samplingMs, queueSize }: ValuesWanted,
  { subscription, everyMs, asked }: GrantedSubscription,
  results: readonly MonitoredItemCreateResult[],
): SubscriptionGrant {
  return {
    everyMs: { asked: asked.everyMs, granted: everyMs },
    sampledMs: {
      asked: samplingMs,
      granted: Math.max(...results.map(({ revisedSamplingInterval }) => revisedSamplingInterval)),
    },
    queueSize: {
      asked: queueSize,
      granted: Math.min(...results.map(({ revisedQueueSize }) => revisedQueueSize)),
    },
    keepAliveCount: { asked: asked.keepAliveCount, granted: subscription.maxKeepAliveCount },
    lifetimeCount: { asked: asked.lifetimeCount, granted: subscription.lifetimeCount },
  };
}
