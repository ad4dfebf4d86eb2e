import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";

/** What is done again and again, each a period after the last time it was done. */
export interface Rounds {
  every(periodMs: number, work: () => void): void;
  /** Nothing is done any more. */
  stop(): void;
}

export function createRounds(clock: Clock): Rounds {
  const timers = new Map<() => void, Timer>();
  let isStopped = false;
  const every = (periodMs: number, work: () => void): void => {
    const dueAt = monotonicMs(clock.monotonic() + periodMs);
    const fire = (): void => {
      work();
      if (!isStopped) every(periodMs, work);
    };
    timers.set(work, clock.schedule(dueAt, fire));
  };
  return {
    every,
    stop: () => {
      isStopped = true;
      for (const timer of timers.values()) timer.cancel();
    },
  };
}
