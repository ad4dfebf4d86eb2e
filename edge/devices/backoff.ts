import type { Entropy } from "../../protocols/time.ts";

export interface BackoffOptions {
  /** First delay before jitter, above 0. Default 200. */
  readonly firstMs?: number;
  /** Growth from one delay to the next. Default 2. */
  readonly factor?: number;
  /** No delay is longer. Default 5,000. */
  readonly delayMsMax?: number;
  /** Share of a delay that chance may take away, 0 to 1. Default 0.5. */
  readonly jitterShare?: number;
  readonly entropy: Entropy;
}

/**
 * Delays between attempts to reopen a wire, for ever: growing, bounded, and spread by chance so
 * that the devices of a site do not all come back in the same instant. `reopen-pace.ts` says when
 * they begin anew.
 */
export function* backoffDelaysMs(options: BackoffOptions): Generator<number, never, void> {
  const { firstMs = 200, factor = 2, delayMsMax = 5_000, jitterShare = 0.5, entropy } = options;
  let fullMs = Math.min(firstMs, delayMsMax);
  for (;;) {
    yield fullMs * (1 - jitterShare * entropy.next());
    fullMs = Math.min(fullMs * factor, delayMsMax);
  }
}
