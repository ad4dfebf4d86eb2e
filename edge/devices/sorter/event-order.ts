import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { MonotonicMs } from "../../../protocols/units.ts";

/** What the number of an event says about the ones before it. */
export type EventOrder =
  | { readonly kind: "next" }
  | { readonly kind: "afterGap"; readonly missed: number }
  /** The first one heard of a session. Its number is 0 unless its beginning was missed. */
  | { readonly kind: "newSession" }
  /** Heard before, or of a session that is over. */
  | { readonly kind: "old" }
  /**
   * Of a new session, but without a belt count to begin with. It is passed over: an event with a
   * count comes soon.
   */
  | { readonly kind: "early" }
  /**
   * No belt can have run so far since the last event, and no sorter can have told so much, or its
   * numbers go back too far.
   */
  | { readonly kind: "wild"; readonly detail: string };

/** Ended sessions that are remembered, so that a delayed message does not bring one back. */
const endedEpochsMax = 16;

/** Even a line with all its eyes and diverters at work tells far less than this. */
const eventsPerMsMax = 1;
/** At most by so much can a message have been under way longer than the one before it. */
const delayMsMax = 30_000;

/** Follows the device's sessions and the numbers within them. `countsPerMsMax` is of its belt. */
export function createEventOrder(countsPerMsMax: number) {
  let epoch: string | null = null;
  let lastSeq = -1;
  let lastCount = 0;
  let lastAt = 0;
  const ended: string[] = [];

  return {
    /** Of the present session; null before the first event. */
    epoch: (): string | null => epoch,
    /** `at` is when it arrived. */
    judge(event: SorterEvent, at: MonotonicMs): EventOrder {
      const count = "count" in event ? event.count : null;
      if (event.epoch === epoch) {
        const missed = event.seq - lastSeq - 1;
        if (missed < 0) return { kind: "old" };
        const withinMs = at - lastAt + delayMsMax;
        if (missed > withinMs * eventsPerMsMax) {
          return { kind: "wild", detail: `seq ${event.seq} after ${lastSeq}` };
        }
        // A count may not go back either. If a counter were set anew within its session, everything
        // that comes would seem to be long past.
        if (count !== null && Math.abs(count - lastCount) > withinMs * countsPerMsMax) {
          return { kind: "wild", detail: `count ${count} after ${lastCount}` };
        }
        lastSeq = event.seq;
        lastAt = at;
        lastCount = Math.max(lastCount, count ?? lastCount);
        return missed === 0 ? { kind: "next" } : { kind: "afterGap", missed };
      }
      if (ended.includes(event.epoch)) return { kind: "old" };
      if (count === null) return { kind: "early" };
      if (epoch !== null) ended.push(epoch);
      if (ended.length > endedEpochsMax) ended.shift();
      epoch = event.epoch;
      lastSeq = event.seq;
      lastAt = at;
      lastCount = count;
      return { kind: "newSession" };
    },
  };
}
