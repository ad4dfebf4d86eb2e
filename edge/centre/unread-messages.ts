import type { Clock } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * Messages of senders or customs of which a part was never looked at or nothing could be told: too
 * long, cut off, or packed as nobody here unpacks. What they say of parcels nobody knows, so that
 * people are told for a time. The messages themselves are among the refused ones.
 */
export interface UnreadMessages {
  /** `agoMs`: it came before this run. */
  note(bytes: number, agoMs?: number): void;
  /** The newest, while it is told. */
  latest(): UnreadMessage | null;
}

export interface UnreadMessage {
  readonly bytes: number;
}

/** A shift's officer has seen it by then; each further one is told as long again. */
export const unreadToldMs = 8 * 3_600_000;

export function createUnreadMessages(clock: Pick<Clock, "monotonic">): UnreadMessages {
  let newest: { readonly message: UnreadMessage; readonly at: MonotonicMs } | null = null;
  return {
    note: (bytes, agoMs = 0) => {
      const at = monotonicMs(clock.monotonic() - agoMs);
      if (newest === null || newest.at <= at) newest = { message: { bytes }, at };
    },
    latest: () => {
      if (newest !== null && clock.monotonic() - newest.at >= unreadToldMs) newest = null;
      return newest?.message ?? null;
    },
  };
}
