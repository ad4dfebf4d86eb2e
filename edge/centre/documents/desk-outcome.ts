import type { StoreFailure, StoreOutcome } from "../../store/port.ts";

/** Once, and never from inside. */
export type Then<T> = (outcome: DeskOutcome<T>) => void;

export type DeskOutcome<T> =
  /** Durable, and all that it follows from. */
  { readonly kind: "kept"; readonly answer: T } | DeskFailure;

export type DeskFailure =
  /** It has not happened, or nobody knows. It may be sent again, unless a row is damaged. */
  | ({ readonly kind: "notKept" } & StoreFailure)
  | { readonly kind: "bug"; readonly thrown: unknown };

/** What was read, durable or not. */
export type Seen<T> = { readonly kind: "seen"; readonly value: T } | DeskFailure;

/** What a store's transaction has come to, as whoever asked the desk is told. */
export function outcomeOf<T>(outcome: StoreOutcome<T>): DeskOutcome<T> {
  if (outcome.kind === "failed") {
    const { code, why } = outcome;
    return { kind: "notKept", code, why };
  }
  return outcome.kind === "kept" ? { kind: "kept", answer: outcome.answer } : outcome;
}

/** Answers in another form; what failed stays as it is. */
export const mapped =
  <A, B>(then: Then<B>, map: (answer: A) => B): Then<A> =>
  (outcome) =>
    then(outcome.kind === "kept" ? { kind: "kept", answer: map(outcome.answer) } : outcome);

/** Why a row that is needed is not as it was written, so that asking again helps nobody; else null. */
export const damageIn = (outcome: DeskOutcome<unknown>): string | null =>
  outcome.kind === "notKept" && outcome.code === "fileDamaged" ? outcome.why : null;

export const isDamage = (outcome: DeskOutcome<unknown>): boolean => damageIn(outcome) !== null;
