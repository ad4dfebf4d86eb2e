import {
  CreateSubscriptionRequest,
  type ClientSession,
  type ClientSessionRawSubscriptionService,
  type ClientSubscription,
  type OPCUAClient,
  type UserIdentityInfo,
} from "node-opcua";
import { Bug } from "../../../../protocols/bug.ts";
import { deviceReason } from "../../../../protocols/device-reasons.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { monotonicMs } from "../../../../protocols/units.ts";
import { WireRefusal } from "../../network-reason.ts";

export interface SubscriptionOptions {
  readonly client: OPCUAClient;
  readonly session: ClientSession;
  /** As whom the session is opened. */
  readonly identity: UserIdentityInfo;
  /** How often the server is asked to publish. */
  readonly askedMs: number;
  /** What comes in less often than this is of no use. */
  readonly everyMsMax: number;
  readonly address: string;
  readonly clock: Clock;
}

export interface GrantedSubscription {
  readonly subscription: ClientSubscription;
  /** How often it does publish. */
  readonly everyMs: number;
  /** Milliseconds between two publishings, and counts of those that are granted. */
  readonly asked: {
    readonly everyMs: number;
    readonly keepAliveCount: number;
    readonly lifetimeCount: number;
  };
}

const keepAliveMs = 1_000;
const lifetimeMs = 10_000;
/** The library asks for no less, and OPC 10000-4, 5.14.2, wants a life of at least three. */
const keepAliveCountMin = 3;
const grantMsMax = 5_000;

/**
 * A subscription whose counts come from what the server grants. Keep-alive and lifetime are counts
 * of its publishing interval, which a server may revise to a hundred times what was asked, and a
 * first subscription shows to how much. Otherwise the keep-alive would outlast the session, and the
 * library then says so where no caller hears it. One that publishes less often than is of use is
 * refused by name; whoever asks again later may be granted more.
 */
export async function grantSubscription(
  options: SubscriptionOptions,
): Promise<GrantedSubscription> {
  const { session, address } = options;
  const everyMs = await inTime(options, askInterval(options));
  const keepAliveCount = Math.max(keepAliveCountMin, Math.round(keepAliveMs / everyMs));
  const mostMs = Math.min(options.everyMsMax, Math.floor(session.timeout / keepAliveCountMin));
  if (everyMs > mostMs || keepAliveCount * everyMs > session.timeout) {
    throw new WireRefusal(deviceReason("publishesTooSlowly", { address, everyMs, mostMs }));
  }
  const lifetimeCount = Math.max(3 * keepAliveCount, Math.round(lifetimeMs / everyMs));
  const subscription = await inTime(
    options,
    session.createSubscription2({
      requestedPublishingInterval: everyMs,
      requestedMaxKeepAliveCount: keepAliveCount,
      requestedLifetimeCount: lifetimeCount,
      maxNotificationsPerPublish: 0,
      publishingEnabled: true,
      priority: 100,
    }),
  );
  return {
    subscription,
    everyMs: subscription.publishingInterval,
    asked: { everyMs: options.askedMs, keepAliveCount, lifetimeCount },
  };
}

/**
 * Asked in a session of its own: what is left of a subscription that was given back would eat the
 * requests by which events of the other one come.
 */
async function askInterval({ client, identity, askedMs }: SubscriptionOptions): Promise<number> {
  const session = await client.createSession(identity);
  try {
    if (!hasRawSubscriptions(session)) throw new Bug("the OPC UA library lacks subscriptions");
    const { revisedPublishingInterval } = await session.createSubscription(
      new CreateSubscriptionRequest({
        requestedPublishingInterval: askedMs,
        requestedMaxKeepAliveCount: keepAliveCountMin,
        requestedLifetimeCount: 3 * keepAliveCountMin,
        maxNotificationsPerPublish: 0,
        publishingEnabled: false,
        priority: 0,
      }),
    );
    return Math.max(1, revisedPublishingInterval);
  } finally {
    await session.close(true);
  }
}

/** What the server does not answer in time is a refusal that has a name. */
async function inTime<T>(
  { clock, address }: SubscriptionOptions,
  granting: Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const seconds = grantMsMax / 1_000;
    const timer = clock.schedule(monotonicMs(clock.monotonic() + grantMsMax), () =>
      reject(new WireRefusal(deviceReason("notGranted", { address, seconds }))),
    );
    granting.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** The services are there on every session of the library, but not in its type. */
export const hasRawSubscriptions = (
  session: ClientSession,
): session is ClientSession & ClientSessionRawSubscriptionService =>
  "createSubscription" in session &&
  "createMonitoredItems" in session &&
  "deleteMonitoredItems" in session;
