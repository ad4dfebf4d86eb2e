import type { Clock } from "../../../protocols/time.ts";

/** The calendar, which no earlier session has seen so late; and never twice the same. */
export function wordsOf(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.wall());
    return last;
  };
}
