import type { EpochMs, MonotonicMs } from "./units.ts";

/**
 * Time and chance are handed in. Drivers, simulators and the shell get a `Clock` and an `Entropy`
 * from whoever composes them, so that the same code runs live and in virtual time.
 */
export interface Clock {
  /** Never goes back; unrelated to the calendar. */
  monotonic(): MonotonicMs;
  /** The calendar; may step at any moment. */
  wall(): EpochMs;
  /** Like `monotonic`, but counts on while the machine sleeps; absent where no clock does that. */
  readonly boot?: () => MonotonicMs;
  /** Calls `fire` once, at or after `dueAt`. Ties fire in the order they were scheduled. */
  schedule(dueAt: MonotonicMs, fire: () => void): Timer;
}

export interface Timer {
  /** After this returns the timer will not fire. Idempotent. */
  cancel(): void;
}

/** Uniform draws in [0, 1). Seeded in virtual time, the operating system's live. */
export interface Entropy {
  next(): number;
}
