import { setTimeout as pause } from "node:timers/promises";

/** A lab that is not healthy by then has something to show, and nobody waits for it any longer. */
const waitMsMax = 20_000;
const askEveryMs = 200;

/**
 * Devices are heard and lines get their documents a few seconds after the processes are ready.
 * Whoever opens the page before sees a line that is held and devices that are down.
 */
export async function untilHealthy(url: string): Promise<void> {
  const signal = AbortSignal.timeout(waitMsMax);
  while (!signal.aborted) {
    const isHealthy = await fetch(`${url}/healthz`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isHealthy) return;
    await pause(askEveryMs);
  }
}
