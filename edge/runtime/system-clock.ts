import { uptime } from "node:os";
import { performance } from "node:perf_hooks";
import type { Clock } from "../../protocols/time.ts";
import { createTimerQueue } from "../../protocols/timer-queue.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";

/** Longest single wait of a Node timer; longer ones are re-armed. */
const waitMsMax = 2 ** 31 - 1;

/**
 * Whole microseconds: what is finer no timer and no wire here can tell, and each record of a journal
 * bears its time.
 */
const perMs = 1_000;

/**
 * The machine's clock. One Node timer serves all: Node alone promises neither that timers of
 * different lengths keep their order, nor that none fires a fraction of a millisecond early.
 * Timers keep the process alive until they have fired or are cancelled.
 */
export function createSystemClock(): Clock {
  const queue = createTimerQueue();
  let armed: NodeJS.Timeout | null = null;

  const monotonic = () => monotonicMs(Math.floor(performance.now() * perMs) / perMs);

  const arm = (): void => {
    if (armed !== null) clearTimeout(armed);
    armed = null;
    const dueAt = queue.nextDueAt();
    if (dueAt === null) return;
    const waitMs = Math.ceil(dueAt - performance.now());
    armed = setTimeout(fireDue, Math.min(Math.max(waitMs, 1), waitMsMax));
  };

  const fireDue = (): void => {
    armed = null;
    const at = monotonic();
    try {
      for (let fire = queue.take(at); fire !== null; fire = queue.take(at)) fire();
    } finally {
      arm();
    }
  };

  return {
    monotonic,
    wall: () => epochMs(Date.now()),
    ...(process.platform === "linux" ? { boot: () => monotonicMs(uptime() * 1_000) } : {}),
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
