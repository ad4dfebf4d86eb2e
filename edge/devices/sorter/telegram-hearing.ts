import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";

/** An event's place in its session, and the lowest number that may still come. */
interface Numbered {
  readonly epoch: string;
  readonly number: number;
  readonly oldest: number;
}

interface TelegramAnswer {
  readonly kind: "have" | "repeat";
  readonly stream: string;
  readonly number: number;
}

/** A controller keeps no more than this, so what lies further back or ahead is another numbering. */
const heldMax = 32;
/** A controller that has not repeated within this time never will, whatever it says. */
const waitMsMax = 1_000;

interface Stream {
  readonly epoch: string;
  /** The number that comes next. */
  next: number;
  /** Came before its turn. Null: it was there, and could not be read. */
  readonly held: Map<number, SorterEvent | null>;
  /** The number that was asked for last, so that one gap is one question. */
  asked: number | null;
  waitsSince: MonotonicMs | null;
}

/**
 * Puts a controller's events in order: each is told when all before it are here or cannot come any
 * more. It hides nothing; what is missing in the end is for `event-order.ts` to find by its number,
 * and so is what comes twice.
 */
export function createTelegramHearing() {
  let stream: Stream | null = null;
  let hasHeard = false;

  const streamOf = ({ epoch, number, oldest }: Numbered): Stream => {
    const isSame = stream?.epoch === epoch && Math.abs(number - stream.next) <= heldMax;
    if (stream === null || !isSame) {
      stream = { epoch, next: oldest, held: new Map(), asked: null, waitsSince: null };
    }
    return stream;
  };

  /** Nothing below `number` comes any more: what is held of it is told as it is. */
  const skipTo = (heard: Stream, number: number, told: SorterEvent[]): void => {
    for (; heard.next < number; heard.next += 1) release(heard, told);
  };

  const release = ({ held, next }: Stream, told: SorterEvent[]): void => {
    const event = held.get(next) ?? null;
    held.delete(next);
    if (event !== null) told.push(event);
  };

  return {
    /** What is to be told now, in order. `event` is null for one that could not be read. */
    take(place: Numbered, event: SorterEvent | null, at: MonotonicMs): SorterEvent[] {
      const { number, oldest } = place;
      // What cannot be read has no say in where a session is.
      if (event === null && stream?.epoch !== place.epoch) return [];
      const told: SorterEvent[] = [];
      const heard = streamOf(place);
      hasHeard = true;
      skipTo(heard, oldest, told);
      if (number < heard.next) return event === null ? told : [...told, event];
      heard.held.set(number, event);
      if (number > heard.next) {
        heard.waitsSince ??= at;
        if (at >= monotonicMs(heard.waitsSince + waitMsMax)) skipTo(heard, number, told);
      }
      while (heard.held.has(heard.next)) {
        release(heard, told);
        heard.next += 1;
      }
      if (heard.held.size === 0) heard.waitsSince = null;
      return told;
    },
    /** What to answer to all that was heard since this was asked last. */
    answers(): TelegramAnswer[] {
      if (stream === null || !hasHeard) return [];
      hasHeard = false;
      const { epoch, next, waitsSince, asked } = stream;
      const have = next === 0 ? [] : [{ kind: "have", stream: epoch, number: next - 1 } as const];
      if (waitsSince === null || asked === next) return have;
      stream.asked = next;
      return [...have, { kind: "repeat", stream: epoch, number: next }];
    },
  };
}
