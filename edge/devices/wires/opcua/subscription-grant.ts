import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";

interface Revised {
  readonly asked: number;
  readonly granted: number;
}

/** What a server was asked for, and what it has made of it (OPC 10000-4, 5.13.2 and 5.14.2). */
export interface SubscriptionGrant {
  /** Between two publishings. */
  readonly everyMs: Revised;
  /** Between two looks at a value, of the value that is looked at least often. */
  readonly sampledMs: Revised;
  /** Values that are kept of each between two publishings, of the one of which fewest are. */
  readonly queueSize: Revised;
  /** Publishings without news, after which the server says that it is there. */
  readonly keepAliveCount: Revised;
  /** Publishings that nobody has asked for, after which it gives the subscription up. */
  readonly lifetimeCount: Revised;
}

/** How often news can come of it: as often as is published, of what was sampled until then. */
export const paceMsOf = ({ everyMs, sampledMs }: SubscriptionGrant): number =>
  Math.max(everyMs.granted, sampledMs.granted);

/** What a technician is to know of it; null: all was granted as asked. */
export function grantAdvice(grant: SubscriptionGrant): DeviceReason | null {
  const { everyMs, sampledMs } = grant;
  const counts = (["queueSize", "keepAliveCount", "lifetimeCount"] as const)
    .filter((name) => grant[name].granted !== grant[name].asked)
    .map((name) => `${name} ${grant[name].granted} of ${grant[name].asked}`);
  const isSlower = everyMs.granted > everyMs.asked || sampledMs.granted > sampledMs.asked;
  if (!isSlower && counts.length === 0) return null;
  return deviceReason("grantedLess", {
    everyMs: everyMs.granted,
    askedMs: everyMs.asked,
    sampledMs: sampledMs.granted,
    sampledAskedMs: sampledMs.asked,
    detail: counts.join(", "),
  });
}
