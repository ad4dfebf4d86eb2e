import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";

/** Calls `tick` now and then every `periodMs`, without drift, until it is stopped. */
export function startTicker(clock: Clock, periodMs: number, tick: () => void): () => void {
  let dueAt = clock.monotonic();
  let timer: Timer | null = null;
  const run = (): void => {
    tick();
    // Ticks that were missed while the process was held up are left out.
    dueAt = monotonicMs(Math.max(dueAt, clock.monotonic() - periodMs) + periodMs);
    timer = clock.schedule(dueAt, run);
  };
  timer = clock.schedule(dueAt, run);
  return () => timer?.cancel();
}
