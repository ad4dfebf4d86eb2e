import type { FactOf, StampedFact } from "../../../protocols/facts.ts";

/** A still as the story shows it. */
export interface ShownStill {
  readonly fact: FactOf<"pictured">;
  /** The moment that it was asked for: what to look for in a recorder. */
  readonly askedAt: number;
}

/**
 * What cameras have seen of a pass, oldest first. That a still was taken is told once it is kept, which a
 * disk may delay; the moment is that of the fact for which it was asked.
 */
export function shownStills(facts: readonly StampedFact[]): readonly ShownStill[] {
  return facts.flatMap(({ fact, wallAt }) => {
    if (fact.kind !== "pictured") return [];
    const askedBy = wallAt - fact.lateMs;
    const asking = facts.findLast(
      (other) => other.fact.kind === fact.moment && other.wallAt <= askedBy,
    );
    return [{ fact, askedAt: asking?.wallAt ?? askedBy }];
  });
}
