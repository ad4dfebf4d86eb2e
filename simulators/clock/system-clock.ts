import { performance } from "node:perf_hooks";
import type { Clock } from "../../protocols/time.ts";
import { createTimerQueue } from "../../protocols/timer-queue.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";

/** Longest single wait of a Node timer; longer ones are re-armed. */
const waitMsMax = 2 ** 31 - 1;

export interface SystemClockOptions {
  /** Simulated milliseconds a real one, above 0. Default 1: real time. */
  readonly speed?: number;
}

/**
 * The machine's clock for a simulated world, which may run faster or slower than real time. A
 * process that was held up catches up event by event: while a late timer fires, the time is when it
 * was due, and what comes from outside meanwhile, a command on a wire, comes before it. So nothing in
 * the world overtakes anything, however busy the machine is.
 */
export function createSystemClock(options: SystemClockOptions = {}): Clock {
  const speed = options.speed ?? 1;
  const monotonicStartMs = performance.now();
  const wallStartMs = Date.now();
  const queue = createTimerQueue();
  let armed: NodeJS.Timeout | null = null;

  /** The latest time that anybody was told. Time never goes back. */
  let told = 0;
  /** When the timer that fires now was due; null between timers. */
  let firingAt: number | null = null;

  const real = (): number => (performance.now() - monotonicStartMs) * speed;
  /** It stands at what is overdue until that has happened. */
  const untilNextDue = (): number =>
    Math.min(real(), queue.nextDueAt() ?? Number.POSITIVE_INFINITY);
  const monotonic = () => {
    told = Math.max(told, firingAt ?? untilNextDue());
    return monotonicMs(told);
  };

  const arm = (): void => {
    if (armed !== null) clearTimeout(armed);
    armed = null;
    const dueAt = queue.nextDueAt();
    if (dueAt === null) return;
    const waitMs = Math.ceil((dueAt - real()) / speed);
    armed = setTimeout(fireDue, Math.min(Math.max(waitMs, 1), waitMsMax));
  };

  const fireDue = (): void => {
    armed = null;
    const at = monotonicMs(real());
    try {
      for (;;) {
        firingAt = queue.nextDueAt();
        const fire = queue.take(at);
        if (fire === null) break;
        fire();
      }
    } finally {
      firingAt = null;
      arm();
    }
  };

  return {
    monotonic,
    wall: () => epochMs(Math.floor(wallStartMs + monotonic())),
    schedule(dueAt, fire) {
      const nextBefore = queue.nextDueAt();
      const timer = queue.add(dueAt, fire);
      if (nextBefore === null || dueAt < nextBefore) arm();
      return {
        cancel() {
          timer.cancel();
          if (queue.size() === 0) arm();
        },
      };
    },
  };
}
