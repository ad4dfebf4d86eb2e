import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
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

/** Rounding in the way from time to travel and back; far below anything that is measured. */
const toleranceMm = 1e-6;

/**
 * The belt as a calendar of travel: things wait for the belt to have moved so far, and one timer
 * of the clock stands for the next of them. A stopped belt has no timer at all.
 */
export interface Belt {
  /** Total travel since the start. While something happens: exactly where it happens. */
  travelMm(): number;
  speedMmPerS(): number;
  isRunning(): boolean;
  /** Puts or moves; a `dueMm` in the past happens at once, but never inside this call. */
  put(waiting: Waiting, dueMm: number): void;
  remove(waiting: Waiting): void;
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
  const queue = createTravelQueue();
  let motion: BeltMotion = standstill(clock.monotonic());
  let reachedMm = 0;
  let isHappening = false;
  let armed: { readonly dueAtMs: number; readonly timer: Timer } | null = null;
  let settling: Timer | null = null;

  const travelMm = (): number =>
    isHappening ? reachedMm : Math.max(reachedMm, travelAt(motion, clock.monotonic()));

  const disarm = (): void => {
    armed?.timer.cancel();
    armed = null;
  };

  const arm = (): void => {
    if (isHappening) return;
    const first = queue.first();
    const dueAtMs = first === undefined ? null : whenTravel(motion, first.dueMm);
    if (dueAtMs === null) return disarm();
    if (armed !== null && armed.dueAtMs === dueAtMs) return;
    disarm();
    armed = { dueAtMs, timer: clock.schedule(monotonicMs(dueAtMs), advance) };
  };

  const advance = (): void => {
    armed = null;
    const limitMm = travelAt(motion, clock.monotonic()) + toleranceMm;
    isHappening = true;
    let next = queue.first();
    while (next !== undefined && next.dueMm <= limitMm) {
      queue.remove(next);
      if (next.dueMm > reachedMm) reachedMm = next.dueMm;
      next.happen();
      next = queue.first();
    }
    isHappening = false;
    arm();
  };

  const drive = (mmPerS: number, isImmediate = false): void => {
    const now = clock.monotonic();
    if (motion.targetMmPerS === mmPerS && !isImmediate) return;
    motion = withTarget(motion, now, { mmPerS, rampMmPerS2: isImmediate ? null : rampMmPerS2 });
    settling?.cancel();
    settling = clock.schedule(monotonicMs(Math.max(now, settledAtMs(motion))), onMotion);
    arm();
    onMotion();
  };

  return {
    travelMm,
    speedMmPerS: () => speedAt(motion, clock.monotonic()),
    isRunning: () => motion.targetMmPerS > 0 || speedAt(motion, clock.monotonic()) > 0,
    put(waiting, dueMm) {
      queue.put(waiting, dueMm);
      arm();
    },
    remove(waiting) {
      queue.remove(waiting);
      arm();
    },
    drive,
  };
}
