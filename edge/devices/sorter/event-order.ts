import type { SorterEvent } from "../../../protocols/sorter.ts";

/** What the number of an event says about the ones before it. */
export type EventOrder =
  | { readonly kind: "next" }
  | { readonly kind: "afterGap"; readonly missed: number }
  /** The first one heard of a session. Its number is 0 unless its beginning was missed. */
  | { readonly kind: "newSession" }
  /** Heard before, or of a session that is over. */
  | { readonly kind: "old" }
  /** Of a new session, but without a belt count to begin with; one with a count comes soon. */
  | { readonly kind: "early" };

/** Ended sessions that are remembered, so that a delayed message does not bring one back. */
const endedEpochsMax = 16;

/** Follows the device's sessions and the numbers within them. */
export function createEventOrder() {
  let epoch: string | null = null;
  let lastSeq = -1;
  const ended: string[] = [];

  return {
    /** Of the present session; null before the first event. */
    epoch: (): string | null => epoch,
    judge(event: SorterEvent): EventOrder {
      if (event.epoch === epoch) {
        const missed = event.seq - lastSeq - 1;
        if (missed < 0) return { kind: "old" };
        lastSeq = event.seq;
        return missed === 0 ? { kind: "next" } : { kind: "afterGap", missed };
      }
      if (ended.includes(event.epoch)) return { kind: "old" };
      if (!("count" in event)) return { kind: "early" };
      if (epoch !== null) ended.push(epoch);
      if (ended.length > endedEpochsMax) ended.shift();
      epoch = event.epoch;
      lastSeq = event.seq;
      return { kind: "newSession" };
    },
  };
}
