import { damageIn, type DeskFailure, type Then } from "../documents/desk-outcome.ts";
import { documentsDamaged, notJournalled, type HttpProblem } from "./problems.ts";

/** Why the document desk has no answer; each route that asks it may have to say so. */
export const deskProblems = ["notJournalled", "documentsDamaged"] as const;
export type DeskProblem = HttpProblem<(typeof deskProblems)[number]>;

/** What the document desk answers, or why that is not kept. A bug of ours is thrown. */
export const answered = <T>(ask: (then: Then<T>) => void): Promise<T | DeskProblem> =>
  new Promise((resolve, reject) =>
    ask((outcome) => {
      if (outcome.kind === "bug") reject(outcome.thrown);
      else resolve(outcome.kind === "kept" ? outcome.answer : problemOf(outcome));
    }),
  );

/** Asking again helps where the disk has failed, and not where a row is damaged. */
export function problemOf(failure: DeskFailure): DeskProblem {
  const damage = damageIn(failure);
  return damage === null ? notJournalled() : documentsDamaged(damage);
}
