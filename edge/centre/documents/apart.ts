import { isDamage, type DeskFailure, type Then } from "./desk-outcome.ts";

/** Does something with all of these in one transaction. */
export type Together<T> = (items: readonly T[], then: Then<unknown>) => void;

export interface Apart<T> {
  /** With which nothing was done. */
  readonly failed: readonly T[];
  /** Why, of the first of them; null where there are none. */
  readonly failure: DeskFailure | null;
}

/**
 * Does something with all of them together; where one needs a damaged row, with the others without it.
 * Of what fails for another reason nothing more is tried.
 */
export function apart<T>(
  items: readonly T[],
  together: Together<T>,
  then: (ended: Apart<T>) => void,
): void {
  together(items, (outcome) => {
    if (outcome.kind === "kept") return then({ failed: [], failure: null });
    if (!isDamage(outcome) || items.length < 2) return then({ failed: items, failure: outcome });
    const half = Math.ceil(items.length / 2);
    const rest = items.slice(half);
    apart(items.slice(0, half), together, (first) => {
      if (first.failure !== null && !isDamage(first.failure)) {
        return then({ failed: [...first.failed, ...rest], failure: first.failure });
      }
      apart(rest, together, (second) => {
        // What nobody mends tells less than what may be over when it is tried again.
        const isOther = second.failure !== null && !isDamage(second.failure);
        const failure = isOther ? second.failure : (first.failure ?? second.failure);
        then({ failed: [...first.failed, ...second.failed], failure });
      });
    });
  });
}
