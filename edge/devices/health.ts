import {
  deviceReason,
  isSameDeviceReason,
  type DeviceReason,
} from "../../protocols/device-reasons.ts";
import type { HealthState } from "../../protocols/sorting.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { createClockWatch, type ClockSample } from "./clock-offset.ts";
import type { DeviceHealth } from "./port.ts";

export interface HealthTrackerOptions {
  readonly clock: Clock;
  /**
   * Age of the last good message from which a device is `stale`. Null for a device that sends no
   * sign of life: then only its wire can be judged, and `fault` means `down` at once.
   */
  readonly staleAfterMs: number | null;
  /** Age from which it is `down`; more than `staleAfterMs`. Unused when that is null. */
  readonly downAfterMs: number;
  /** So far its clock may be from ours before that is told. Default: as far as it likes. */
  readonly clockOffsetMsMax?: number;
  /**
   * Called when state or reason have changed, never from within `createHealthTracker`. A detail
   * that differs from attempt to attempt is no change; `health` has the newest.
   */
  readonly onChange: (health: DeviceHealth) => void;
}

export interface HealthTracker {
  /** A good message came. */
  heard(): void;
  /** Adds to a counter. */
  note(counter: string, by?: number): void;
  /** Something is known to be wrong. Told to people; the state still follows from age. */
  fault(reason: DeviceReason): void;
  /**
   * Its wire is open; `nothingHeard` says where nothing has been heard so far. A device that sends no
   * sign of life is received from then on, since only its wire can be judged, but the reason stands
   * until it has said something.
   */
  connected(nothingHeard: DeviceReason | null): void;
  /**
   * Something odd came over the wire. It is told with the number of times it has come, and stands for
   * `remarkMs` after the last time, whether or not the device is received. It is also what a silence is
   * told to come from that begins meanwhile.
   */
  remark(reason: DeviceReason): void;
  /** What the device's clock shows. One that is too far off is told while it is received. */
  clock(sample: ClockSample): void;
  /** Something that a technician should know of stands, though the device is received; or no more. */
  advise(reason: DeviceReason | null): void;
  health(): DeviceHealth;
  /** No change is told after this. */
  stop(): void;
}

/** A remark stands so long that somebody can see it, and goes when its cause is mended. */
export const remarkMs = 60_000;

/** Health by the age of the last good message (`DevicePort`). Starts `down`: nothing was heard. */
export function createHealthTracker(options: HealthTrackerOptions): HealthTracker {
  const { clock, staleAfterMs, downAfterMs, onChange } = options;
  const counters: Record<string, number> = {};
  let state: HealthState = "down";
  let reason: DeviceReason | null = deviceReason("neverHeard");
  let knownFault: DeviceReason | null = null;
  let heardAt: MonotonicMs | null = null;
  let timer: Timer | null = null;
  let isStopped = false;
  let remarked: { readonly reason: DeviceReason; readonly total: number } | null = null;
  let remarkTimer: Timer | null = null;
  let advice: DeviceReason | null = null;
  let unheard: DeviceReason | null = null;
  const clockWatch = createClockWatch(options.clockOffsetMsMax ?? Number.POSITIVE_INFINITY);

  const health = (): DeviceHealth => {
    const clock = clockWatch.now();
    const all = { state, reason, counters: { ...counters } };
    return clock === null ? all : { ...all, clock };
  };

  const change = (nextState: HealthState, nextReason: DeviceReason | null): void => {
    if (isStopped) return;
    const isNews = nextState !== state || !isSameDeviceReason(nextReason, reason);
    state = nextState;
    reason = nextReason;
    if (isNews) onChange(health());
  };

  /** What there is to say of a device that is received. */
  const remaining = (): DeviceReason | null =>
    remarked?.reason ?? unheard ?? advice ?? clockAdvice();

  const clockAdvice = (): DeviceReason | null => {
    const told = clockWatch.now();
    if (told === null || !clockWatch.isOff()) return null;
    return deviceReason("clockOff", {
      byS: Math.round(told.offsetMs / 100) / 10,
      mostMs: options.clockOffsetMsMax,
    });
  };

  const forgetRemark = (): void => {
    remarkTimer = null;
    remarked = null;
    if (state === "receiving") change(state, remaining());
  };

  /** One timer at most; it looks at the age when it fires, so hearing need not re-arm it. */
  const watch = (): void => {
    timer = null;
    if (staleAfterMs === null || heardAt === null || isStopped) return;
    const now = clock.monotonic();
    // Moments are compared, not ages: the difference of two times is rounded, and by that an age
    // could be due a little too early.
    const staleAt = monotonicMs(heardAt + staleAfterMs);
    const downAt = monotonicMs(heardAt + downAfterMs);
    if (now >= downAt) {
      change("down", knownFault ?? silentFor(downAfterMs));
      return;
    }
    if (now >= staleAt) change("stale", knownFault ?? silentFor(staleAfterMs));
    timer = clock.schedule(now >= staleAt ? downAt : staleAt, watch);
  };

  return {
    heard() {
      if (isStopped) return;
      heardAt = clock.monotonic();
      knownFault = null;
      const isFirst = unheard !== null;
      unheard = null;
      if (state === "receiving") {
        if (isFirst) change(state, remaining());
      } else {
        // A timer that is waiting now waits for `downAfterMs`, which is too late for `stale`.
        timer?.cancel();
        change("receiving", remaining());
        watch();
      }
    },
    note(counter, by = 1) {
      counters[counter] = (counters[counter] ?? 0) + by;
    },
    fault(known) {
      knownFault = known;
      unheard = null;
      if (staleAfterMs === null) change("down", knownFault);
      else if (state !== "receiving") change(state, knownFault);
    },
    connected(nothingHeard) {
      if (isStopped) return;
      clockWatch.forget();
      if (staleAfterMs === null) {
        unheard = nothingHeard;
        knownFault = null;
        return change("receiving", remaining());
      }
      // A remark stands for its time, whatever the wire does meanwhile.
      knownFault = remarked?.reason ?? nothingHeard;
      if (knownFault !== null && state !== "receiving") change(state, knownFault);
    },
    remark(known) {
      if (isStopped) return;
      const total = remarked?.reason.code === known.code ? remarked.total + 1 : 1;
      remarked = { reason: { ...known, params: { ...known.params, total } }, total };
      knownFault = remarked.reason;
      remarkTimer?.cancel();
      remarkTimer = clock.schedule(monotonicMs(clock.monotonic() + remarkMs), forgetRemark);
      change(state, remarked.reason);
    },
    clock(sample) {
      if (clockWatch.take(sample) && state === "receiving") change(state, remaining());
    },
    advise(known) {
      advice = known;
      if (state === "receiving") change(state, remaining());
    },
    health,
    stop() {
      isStopped = true;
      timer?.cancel();
      timer = null;
      remarkTimer?.cancel();
      remarkTimer = null;
    },
  };
}

const silentFor = (ageMs: number): DeviceReason =>
  deviceReason("silent", { seconds: ageMs / 1_000 });
