import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { beltCount, monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { countsBetween, countsTellableMax, isOnCounter, type CounterWidth } from "../counter.ts";

/**
 * What the number of an event says about the ones before it. What is taken comes as the line is to
 * know it: with a count that never wraps, and under the name of a session that holds together.
 */
export type EventOrder =
  | { readonly kind: "next"; readonly event: SorterEvent }
  | { readonly kind: "afterGap"; readonly event: SorterEvent; readonly missed: number }
  /**
   * The first one heard of a session, whose number is 0 unless its beginning was missed. `isAnew`:
   * the device goes on as before, but where the belt is can no longer be told from what it said.
   */
  | { readonly kind: "newSession"; readonly event: SorterEvent; readonly isAnew: boolean }
  /** Heard before, or of a session that is over. */
  | { readonly kind: "old" }
  /**
   * Of a new session, but without a belt count to begin with. It is passed over: an event with a
   * count comes soon.
   */
  | { readonly kind: "early" }
  /**
   * No belt can have run so far since its last count, and no sorter can have told so much, or its
   * numbers go back too far.
   */
  | { readonly kind: "wild"; readonly detail: string };

/** Ended sessions that are remembered, so that a delayed message does not bring one back. */
const endedEpochsMax = 16;

/** Even a line with all its eyes and diverters at work tells far less than this. */
const eventsPerMsMax = 1;
/** At most by so much can a message have been under way longer than the one before it. */
export const delayMsMax = 30_000;
/** The dialect's promise: a device tells of its belt at least so often. */
const beltEveryMsMax = 500;
/**
 * So many refused events in a row that tell one steady story are no outlier: it is our picture of
 * the belt that is wrong. Being wrong about a gap must not last longer than the gap.
 */
const steadyEventsMin = 10;

const sessionCharsMax = 64;

/** A count, when it came, and the number of the event that bore it: none means much without the others. */
interface Counted {
  readonly count: number;
  readonly at: MonotonicMs;
  readonly seq: number;
}

export interface EventOrderOptions {
  /** Of the belt. */
  readonly countsPerMsMax: number;
  readonly counter: CounterWidth | null;
}

/** Follows the device's sessions and the numbers within them. */
export function createEventOrder({ countsPerMsMax, counter }: EventOrderOptions) {
  let epoch: string | null = null;
  /** How often a session was begun anew under the device's own epoch. */
  let anewTotal = 0;
  let session = "";
  let lastSeq = -1;
  let lastSeqAt = 0;
  let last: Counted = { count: 0, at: monotonicMs(0), seq: -1 };
  /** The refused events that agree with each other: the newest, and how many. */
  let steady: { readonly counted: Counted; readonly times: number } | null = null;
  const ended: string[] = [];
  /** Since when nothing came but what seems old; null while something else does. */
  let oldSince: MonotonicMs | null = null;

  const begin = (event: SorterEvent, counted: Counted, isAnew: boolean): EventOrder => {
    if (isAnew) anewTotal += 1;
    session = isAnew ? anewName(event.epoch, anewTotal) : event.epoch;
    lastSeq = event.seq;
    lastSeqAt = counted.at;
    last = counted;
    steady = null;
    oldSince = null;
    return { kind: "newSession", event: told(event, counted.count), isAnew };
  };

  /** As the line is to know it. Most events are as they came. */
  const told = (event: SorterEvent, count: number | null): SorterEvent => {
    const isSame = count === null || !("count" in event) || event.count === count;
    if (isSame && event.epoch === session) return event;
    if (count === null || !("count" in event)) return { ...event, epoch: session };
    return { ...event, epoch: session, count: beltCount(count) };
  };

  /** How far the belt can have run between two counts, by their numbers and by when they came. */
  const farthest = (from: Counted, to: Counted): number => {
    const elapsedMs = to.at - from.at;
    const byNumbersMs = (to.seq - from.seq) * beltEveryMsMax;
    const spanMs = Math.min(byNumbersMs, elapsedMs + delayMsMax);
    return Math.max(spanMs, elapsedMs - delayMsMax) * countsPerMsMax;
  };

  const follows = (from: Counted, to: Counted): boolean =>
    to.seq > from.seq &&
    Math.abs(countsBetween(from.count, to.count, counter)) <= farthest(from, to);

  /** Takes the story that is refused for true once it has been told steadily enough. */
  const refuse = (event: SorterEvent, counted: Counted | null, detail: string): EventOrder => {
    const wild: EventOrder = { kind: "wild", detail };
    if (counted === null || !isOnCounter(counted.count, counter)) return wild;
    // The same one once more, as wires repeat them, says nothing new.
    if (counted.seq === steady?.counted.seq) return wild;
    const times = steady !== null && follows(steady.counted, counted) ? steady.times + 1 : 1;
    steady = { counted, times };
    return times < steadyEventsMin ? wild : begin(event, counted, true);
  };

  /**
   * Of a session that is over, or with a number that goes back. No message is under way for longer
   * than a delay, so what tells nothing else for that long is a device that has begun anew under a
   * name or with numbers of before.
   */
  const passOver = (event: SorterEvent, counted: Counted | null, at: MonotonicMs): EventOrder => {
    oldSince ??= at;
    const isOld = at - oldSince < delayMsMax || counted === null;
    if (isOld || !isOnCounter(counted.count, counter)) return { kind: "old" };
    if (event.epoch !== epoch) changeEpoch(event.epoch);
    return begin(event, counted, true);
  };

  const changeEpoch = (next: string): void => {
    if (epoch !== null) ended.push(epoch);
    if (ended.length > endedEpochsMax) ended.shift();
    epoch = next;
  };

  const judgeInSession = (event: SorterEvent, counted: Counted | null, at: MonotonicMs) => {
    const missed = event.seq - lastSeq - 1;
    if (missed < 0) return passOver(event, counted, at);
    if (missed > (at - lastSeqAt + delayMsMax) * eventsPerMsMax) {
      return refuse(event, counted, `seq ${event.seq} after ${lastSeq}`);
    }
    let count: number | null = null;
    if (counted !== null) {
      if (!isOnCounter(counted.count, counter)) {
        return refuse(event, counted, `count ${counted.count} of a counter too narrow for it`);
      }
      // No counter of this width can tell any more where the belt is.
      if (farthest(last, counted) > countsTellableMax(counter)) return begin(event, counted, true);
      const ranCounts = countsBetween(last.count, counted.count, counter);
      // A count may not go back either. If a counter were set anew within its session, everything
      // that comes would seem to be long past.
      if (Math.abs(ranCounts) > (at - last.at + delayMsMax) * countsPerMsMax) {
        return refuse(event, counted, `count ${counted.count} after ${last.count}`);
      }
      count = last.count + ranCounts;
      last = { count: Math.max(last.count, count), at, seq: event.seq };
      steady = null;
    }
    lastSeq = event.seq;
    lastSeqAt = at;
    oldSince = null;
    const taken = told(event, count);
    return missed === 0
      ? ({ kind: "next", event: taken } as const)
      : ({ kind: "afterGap", event: taken, missed } as const);
  };

  return {
    /** Of the present session, as the device names it; null before the first event. */
    epoch: (): string | null => epoch,
    /** `at` is when it arrived. */
    judge(event: SorterEvent, at: MonotonicMs): EventOrder {
      const counted = "count" in event ? { count: event.count, at, seq: event.seq } : null;
      if (event.epoch === epoch) return judgeInSession(event, counted, at);
      if (ended.includes(event.epoch)) return passOver(event, counted, at);
      if (counted === null) return { kind: "early" };
      changeEpoch(event.epoch);
      return begin(event, counted, false);
    },
  };
}

const anewName = (epoch: string, times: number): string => {
  const suffix = `-anew${times}`;
  return epoch.slice(0, sessionCharsMax - suffix.length) + suffix;
};
