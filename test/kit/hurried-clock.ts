import { performance } from "node:perf_hooks";
import type { Clock } from "../../protocols/time.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/** Of the machine's time. */
const timesAsFast = 10;
/** No turn of the event loop brings more of it, so that a thread that is held up loses no time. */
const turnMsMax = 10;

/**
 * A clock for parts that keep their files on a real disk, and otherwise wait for leases, silences and
 * second tries: it begins at the machine's time and runs ten times as fast, or slower where this
 * thread has much to do. It keeps no process alive.
 */
export function createHurriedClock(): Clock {
  const clock = createVirtualClock({ wallStartAt: epochMs(Date.now()) });
  let turnAt = performance.now();
  const turn = (): void => {
    const before = turnAt;
    turnAt = performance.now();
    clock.runFor(Math.min(turnMsMax, (turnAt - before) * timesAsFast));
  };
  setInterval(turn, 1).unref();
  return clock;
}

/** Resolves when the clock has run for so long. */
export const passed = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.schedule(monotonicMs(clock.monotonic() + ms), () => resolve()));
