import type { Clock, Timer } from "../../protocols/time.ts";
import { createTimerQueue } from "../../protocols/timer-queue.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import {
  settledAtMs,
  speedAt,
  standstill,
  travelAt,
  whenTravel,
  withTarget,
  type BeltMotion,
} from "./belt-motion.ts";
import { createTravelQueue, type Waiting } from "./travel-queue.ts";

/**
 * The belt as a calendar of travel: things wait for the belt to have moved so far, or for a time to
 * have passed, and one timer of the clock stands for the next of them. A process that was held up
 * catches up in the true order, so the physics does not depend on how busy the machine is. A
 * stopped belt has no timer at all.
 */
export interface Belt {
  /** Total travel since the start. While something happens: exactly where it happens. */
  travelMm(): number;
  speedMmPerS(): number;
  isRunning(): boolean;
  /** Puts or moves; a `dueMm` in the past happens at once, but never inside this call. */
  put(waiting: Waiting, dueMm: number): void;
  remove(waiting: Waiting): void;
  /** Calls once, `ms` after what happens now, whether the belt moves or not. */
  after(ms: number, act: () => void): Timer;
  /** Towards `mmPerS`, 0 to stop. `isImmediate` for what breaks rather than brakes. */
  drive(mmPerS: number, isImmediate?: boolean): void;
}

export interface BeltOptions {
  readonly clock: Clock;
  readonly rampMmPerS2: number | null;
  /** Called when the belt has begun to move, has halted, or has reached another speed. */
  readonly onMotion: () => void;
}

export function createBelt(options: BeltOptions): Belt {
  const { clock, rampMmPerS2, onMotion } = options;
  const byTravel = createTravelQueue();
  const byTime = createTimerQueue();
  let motion: BeltMotion = standstill(clock.monotonic());
  let reachedMm = 0;
  /** When the thing that happens now happens; null between things. */
  let happeningAt: MonotonicMs | null = null;
  let armed: { readonly dueAt: MonotonicMs; readonly timer: Timer } | null = null;
  let settling: Timer | null = null;

  const now = (): MonotonicMs => happeningAt ?? clock.monotonic();

  const travelMm = (): number =>
    happeningAt === null ? Math.max(reachedMm, travelAt(motion, now())) : reachedMm;

  const nextTravelAt = (): MonotonicMs | null => {
    const first = byTravel.first();
    const dueAtMs = first === undefined ? null : whenTravel(motion, first.dueMm);
    if (first === undefined || dueAtMs === null) return null;
    return monotonicMs(Math.max(dueAtMs, first.putAtMs));
  };

  const arm = (): void => {
    if (happeningAt !== null) return;
    const dueAt = earlier(nextTravelAt(), byTime.nextDueAt());
    if (armed !== null && armed.dueAt === dueAt) return;
    armed?.timer.cancel();
    armed = dueAt === null ? null : { dueAt, timer: clock.schedule(dueAt, advance) };
  };

  /** What is due by time goes before what is due by travel at the same moment. */
  const happenNext = (until: MonotonicMs): boolean => {
    const travelAtMs = nextTravelAt();
    const timeAt = byTime.nextDueAt();
    const dueAt = earlier(travelAtMs, timeAt);
    if (dueAt === null || dueAt > until) return false;
    happeningAt = dueAt;
    if (dueAt === timeAt) {
      reachedMm = Math.max(reachedMm, travelAt(motion, dueAt));
      byTime.take(dueAt)?.();
      return true;
    }
    const first = byTravel.first();
    if (first === undefined) return false;
    byTravel.remove(first);
    reachedMm = Math.max(reachedMm, first.dueMm);
    first.happen();
    return true;
  };

  const advance = (): void => {
    armed = null;
    const until = clock.monotonic();
    while (happenNext(until));
    happeningAt = null;
    arm();
  };

  const after = (ms: number, act: () => void): Timer => {
    const timer = byTime.add(monotonicMs(now() + ms), act);
    arm();
    return timer;
  };

  return {
    travelMm,
    speedMmPerS: () => speedAt(motion, now()),
    isRunning: () => motion.targetMmPerS > 0 || speedAt(motion, now()) > 0,
    put(waiting, dueMm) {
      waiting.putAtMs = now();
      byTravel.put(waiting, dueMm);
      arm();
    },
    remove(waiting) {
      byTravel.remove(waiting);
      arm();
    },
    after,
    drive(mmPerS, isImmediate = false) {
      if (motion.targetMmPerS === mmPerS && !isImmediate) return;
      const at = now();
      motion = withTarget(motion, at, { mmPerS, rampMmPerS2: isImmediate ? null : rampMmPerS2 });
      settling?.cancel();
      settling = after(Math.max(0, settledAtMs(motion) - at), onMotion);
      arm();
      onMotion();
    },
  };
}

function earlier(one: MonotonicMs | null, other: MonotonicMs | null): MonotonicMs | null {
  if (one === null || other === null) return one ?? other;
  return one <= other ? one : other;
}
