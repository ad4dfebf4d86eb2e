import type { VirtualClock } from "../../simulators/clock/virtual-clock.ts";

/** Real time: looks again at each turn of the event loop's timers, up to a bound. */
export async function untilReal(isTrue: () => boolean, what: string, msMax = 6_000): Promise<void> {
  const startedAt = performance.now();
  while (!isTrue()) {
    if (performance.now() - startedAt > msMax) throw new Error(`not within ${msMax} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Virtual time: jumps from one timer to the next. */
export function untilVirtual(clock: VirtualClock) {
  return async (isTrue: () => boolean, what: string, msMax = 6_000): Promise<void> => {
    const endAt = clock.monotonic() + msMax;
    while (!isTrue()) {
      if (clock.monotonic() > endAt || !clock.runNext()) {
        throw new Error(`not within ${msMax} ms: ${what}`);
      }
    }
  };
}
