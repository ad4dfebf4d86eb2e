import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { OfficerVerdict } from "../../../protocols/verdicts.ts";

/**
 * Officers' verdicts on their way to the lines. Each goes again until its line's facts speak of it
 * or the parcel is gone; the line recognises repeats by `verdictId`.
 */
export interface VerdictOutbox {
  post(verdict: OfficerVerdict): void;
  /** From the journal: to be sent again, not at once. */
  restore(verdict: OfficerVerdict): void;
  /** The pass has a verdict that its line has not spoken of. */
  has(passId: string): boolean;
  /** Answered, or of no use any more. */
  remove(passId: string): void;
  removeWhere(isOver: (passId: string) => boolean): void;
  /** Several times a second. */
  tick(): void;
}

const sendEveryMs = 2_000;

export function createVerdictOutbox(
  clock: Pick<Clock, "monotonic">,
  send: (verdict: OfficerVerdict) => void,
): VerdictOutbox {
  const waiting = new Map<string, { readonly verdict: OfficerVerdict; nextAt: MonotonicMs }>();
  const restore = (verdict: OfficerVerdict): void => {
    const nextAt = monotonicMs(clock.monotonic() + sendEveryMs);
    waiting.set(verdict.passId, { verdict, nextAt });
  };
  return {
    post: (verdict) => {
      restore(verdict);
      send(verdict);
    },
    restore,
    has: (passId) => waiting.has(passId),
    remove: (passId) => {
      waiting.delete(passId);
    },
    removeWhere: (isOver) => {
      for (const passId of waiting.keys()) if (isOver(passId)) waiting.delete(passId);
    },
    tick: () => {
      const now = clock.monotonic();
      for (const one of waiting.values()) {
        if (now < one.nextAt) continue;
        one.nextAt = monotonicMs(now + sendEveryMs);
        send(one.verdict);
      }
    },
  };
}
