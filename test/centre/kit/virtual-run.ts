import type { VirtualClock } from "../../../simulators/clock/virtual-clock.ts";

/**
 * Runs virtual time in small steps and lets promises settle between them, for parts that read
 * asynchronously from stores in memory.
 */
export async function runFor(clock: VirtualClock, ms: number, stepMs = 10): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.runFor(Math.min(stepMs, ms - passed));
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  }
}
