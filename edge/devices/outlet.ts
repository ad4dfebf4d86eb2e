import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { Clock } from "../../protocols/time.ts";
import { createHealthTracker, type HealthTracker } from "./health.ts";
import type { DeviceHealthChanged } from "./port.ts";

export interface OutletOptions {
  readonly clock: Clock;
  readonly staleAfterMs: number | null;
  readonly downAfterMs: number;
  /** See `HealthTrackerOptions`. */
  readonly clockOffsetMsMax?: number;
}

/** What every driver's way out has in common: a sink, health as an event, silence after `stop`. */
export interface Outlet<Event> {
  readonly health: HealthTracker;
  start(sink: (event: Event | DeviceHealthChanged) => void): void;
  emit(event: Event): void;
  /**
   * The wire is open. From the second time on this counts as a reconnect. `nothingHeard` is told
   * until something is heard.
   */
  wireOpened(nothingHeard?: DeviceReason): void;
  stop(): void;
}

export function createOutlet<Event>(options: OutletOptions): Outlet<Event> {
  let deliver: ((event: Event | DeviceHealthChanged) => void) | null = null;
  let hasOpened = false;
  const health = createHealthTracker({
    ...options,
    onChange: (changed) => deliver?.({ kind: "healthChanged", health: changed }),
  });
  for (const counter of ["framesTotal", "discardedTotal", "reconnectsTotal"]) {
    health.note(counter, 0);
  }
  return {
    health,
    start(sink) {
      deliver = sink;
    },
    emit(event) {
      deliver?.(event);
    },
    wireOpened(nothingHeard) {
      if (hasOpened) health.note("reconnectsTotal");
      hasOpened = true;
      health.connected(nothingHeard ?? null);
    },
    stop() {
      deliver = null;
      health.stop();
    },
  };
}
