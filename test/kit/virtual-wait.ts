import type { VirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * Waits for what happens in virtual time, which passes meanwhile: `stepMs` at a time, 0 for what
 * happens at this moment.
 */
export async function inVirtualTime<T>(
  clock: VirtualClock,
  pending: Promise<T>,
  stepMs = 0,
): Promise<T> {
  const settled = new Set<unknown>();
  const done = pending.finally(() => settled.add(pending));
  while (!settled.has(pending)) {
    clock.runFor(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}
