import type { Clock } from "../../protocols/time.ts";
import { createTimerQueue } from "../../protocols/timer-queue.ts";
import { epochMs, monotonicMs, type EpochMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * When more timers than this fire at one instant, something arms itself again and again without
 * time advancing.
 */
const firedAtOneInstantMax = 100_000;

/** A clock that stands still until it is told to run, then jumps from one timer to the next. */
export interface VirtualClock extends Clock {
  /** Fires everything due up to and including `at`, in order, and ends with the time at `at`. */
  runUntil(at: MonotonicMs): void;
  /** `runUntil`, counted from now. */
  runFor(durationMs: number): void;
  /** Jumps to the earliest timer and fires it alone. False when none waits. */
  runNext(): boolean;
  /** Steps the calendar, as an administrator or a time server would. */
  stepWall(byMs: number): void;
  /** Suspends the machine: calendar and boot clock go on, everything else stands. */
  sleep(durationMs: number): void;
  pendingCount(): number;
}

export interface VirtualClockOptions {
  /** Default 2026-01-01T00:00:00Z. */
  readonly wallStartAt?: EpochMs;
}

export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const queue = createTimerQueue();
  let now = monotonicMs(0);
  let wallOffsetMs: number = options.wallStartAt ?? Date.UTC(2026, 0, 1);
  let firedAtThisInstant = 0;
  let sleptMs = 0;

  const advanceTo = (at: MonotonicMs): void => {
    if (at <= now) return;
    now = at;
    firedAtThisInstant = 0;
  };

  const fireDue = (at: MonotonicMs): boolean => {
    const dueAt = queue.nextDueAt();
    if (dueAt === null || dueAt > at) return false;
    advanceTo(dueAt);
    firedAtThisInstant += 1;
    if (firedAtThisInstant > firedAtOneInstantMax) {
      throw new Error(`virtual time stands still at ${now} ms: a timer re-arms without advancing`);
    }
    queue.take(dueAt)?.();
    return true;
  };

  const runUntil = (at: MonotonicMs): void => {
    while (fireDue(at));
    advanceTo(at);
  };

  return {
    monotonic: () => now,
    wall: () => epochMs(Math.floor(wallOffsetMs + now)),
    boot: () => monotonicMs(now + sleptMs),
    schedule: (dueAt, fire) => queue.add(dueAt > now ? dueAt : now, fire),
    runUntil,
    runFor: (durationMs) => runUntil(monotonicMs(now + durationMs)),
    runNext: () => fireDue(queue.nextDueAt() ?? now),
    stepWall(byMs) {
      wallOffsetMs += byMs;
    },
    sleep(durationMs) {
      wallOffsetMs += durationMs;
      sleptMs += durationMs;
    },
    pendingCount: () => queue.size(),
  };
}
