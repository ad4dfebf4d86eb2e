/** Waits on conditions, never on time alone. */
const askEveryMs = 200;

/**
 * Resolves with how long it took. Rejects, naming what was waited for, when the condition does not
 * hold in time. What throws inside counts as "not yet", and is told if it stays so.
 */
export async function until(
  what: string,
  limitMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<number> {
  const startedAt = performance.now();
  let trouble = "";
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    try {
      if (await holds()) return elapsedMs;
      trouble = "";
    } catch (error) {
      trouble = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    if (elapsedMs > limitMs) throw new Error(`not within ${limitMs / 1_000} s: ${what}${trouble}`);
    await pause(askEveryMs);
  }
}

/** For the time that something is to stay broken. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
