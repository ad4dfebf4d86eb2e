import type { Clock, Entropy } from "../../protocols/time.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import { backoffDelaysMs } from "./backoff.ts";

/**
 * How fast a wire is reopened. A connection counts as made only once it has lasted: whoever is
 * thrown out right after each welcome has not been reached, and the delays go on growing.
 */
export interface ReopenPace {
  /** The peer has shown that it is there. Of several calls in one connection the first counts. */
  opened(): void;
  /** Called once after each failed attempt and each loss: how long to wait before the next one. */
  nextDelayMs(): number;
  /** How many connections in a row were lost before they had lasted, the latest included. */
  shortLived(): number;
}

/** Longer than the longest delay: two that throw each other out never reach it. */
export const lastedMs = 10_000;

export function createReopenPace({
  clock,
  entropy,
}: {
  readonly clock: Clock;
  readonly entropy: Entropy;
}): ReopenPace {
  let delays = backoffDelaysMs({ entropy });
  let openedAt: MonotonicMs | null = null;
  let shortLived = 0;
  return {
    opened() {
      openedAt ??= clock.monotonic();
    },
    nextDelayMs() {
      if (openedAt !== null) {
        const hasLasted = clock.monotonic() - openedAt >= lastedMs;
        shortLived = hasLasted ? 0 : shortLived + 1;
        if (hasLasted) delays = backoffDelaysMs({ entropy });
      }
      openedAt = null;
      return delays.next().value;
    },
    shortLived: () => shortLived,
  };
}
