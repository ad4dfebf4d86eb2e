import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly afterMs: number;
  readonly onSilence: () => void;
}

/** Over a connection that as such lives; whatever ends it ends the watch. */
export interface SilenceWatch {
  begin(): void;
  heard(): void;
  end(): void;
}

/** The longest between two calls while the silence lasts. */
const afterMsMax = 30_000;

/** Calls `onSilence` when nothing was heard for `afterMs`, and again, ever more patiently. */
export function createSilenceWatch({
  clock,
  afterMs,
  onSilence,
}: SilenceWatchOptions): SilenceWatch {
  let timer: Timer | null = null;
  let heardAt: MonotonicMs = monotonicMs(0);

  /** Looks at the age when it fires, so that hearing need not re-arm it. */
  const watch = (since: MonotonicMs, limitMs: number): void => {
    timer?.cancel();
    timer = clock.schedule(monotonicMs(since + limitMs), () => {
      if (heardAt > since) return watch(heardAt, afterMs);
      watch(clock.monotonic(), Math.max(afterMs, Math.min(limitMs * 2, afterMsMax)));
      onSilence();
    });
  };

  return {
    begin: () => watch(clock.monotonic(), afterMs),
    heard() {
      heardAt = clock.monotonic();
    },
    end: () => timer?.cancel(),
  };
}
