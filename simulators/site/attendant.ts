import type { Clock, Entropy, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { logNormal } from "../world/chance.ts";

/** Time until somebody has seen to a line that stands, and its spread. */
const comesAfterMs = 20_000;
const comesSigma = 0.3;

/** The person at the line: comes when it stands, sees to it, and presses the reset key. */
export interface Attendant {
  /** The line stands, or goes on. */
  lineStands(isStanding: boolean): void;
  stop(): void;
}

export interface AttendantOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  pressReset(): void;
}

export function createAttendant(options: AttendantOptions): Attendant {
  const { clock, entropy } = options;
  let coming: Timer | null = null;

  const come = (): void => {
    const afterMs = logNormal(entropy, comesAfterMs, comesSigma);
    coming = clock.schedule(monotonicMs(clock.monotonic() + afterMs), () => {
      options.pressReset();
      // Where that did not help, somebody looks again.
      come();
    });
  };

  return {
    lineStands(isStanding) {
      if (isStanding && coming === null) come();
      if (isStanding || coming === null) return;
      coming.cancel();
      coming = null;
    },
    stop() {
      coming?.cancel();
      coming = null;
    },
  };
}
