import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { ClockSample } from "./clock-offset.ts";
import type { HealthState } from "../../protocols/sorting.ts";

/**
 * What every device driver has in common. A driver turns a wire into events and never throws them
 * away silently: what it cannot read it counts, and says so in its health.
 *
 * Contract, tested for every driver by one suite a port:
 * - `start` is called once. Events come synchronously, in wire order, with `sink`.
 * - Health is judged by the age of the last good message (`receiving`, then `stale`, then `down`),
 *   not by "connected". A change of health is an event too.
 * - A lost wire is reopened for ever, with back-off and jitter; no restart is needed.
 * - Bad input (broken, cut, oversized, wrongly encoded) costs only itself: it is counted in
 *   `counters`, and the next good message still arrives. Buffers have a bound.
 * - Nothing is queued while the wire is down: `send`-like calls say at once what became of it.
 * - After `stop` resolves no event is delivered.
 */
export interface DevicePort<Event> {
  readonly deviceId: string;
  start(sink: (event: Event | DeviceHealthChanged) => void): void;
  health(): DeviceHealth;
  stop(): Promise<void>;
}

export interface DeviceHealth {
  readonly state: HealthState;
  /** What is wrong, or what a technician should know of although it is received; else null. */
  readonly reason: DeviceReason | null;
  /** Totals since start: `framesTotal`, `discardedTotal`, `reconnectsTotal`, and a driver's own. */
  readonly counters: Readonly<Record<string, number>>;
  /** How far its clock is from ours, where it has told the time often enough. */
  readonly clock?: ClockSample;
}

export interface DeviceHealthChanged {
  readonly kind: "healthChanged";
  readonly health: DeviceHealth;
}
