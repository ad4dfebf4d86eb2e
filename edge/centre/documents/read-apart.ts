import { isDamage, type DeskFailure, type Then } from "./desk-outcome.ts";

/** Reads these in one transaction. */
export type ReadTogether = (waybills: readonly string[], then: Then<void>) => void;

export interface ReadsEnded {
  /** Of which nothing was read. */
  readonly failed: readonly string[];
  /** Why, of the first of them; null where all were read. */
  readonly failure: DeskFailure | null;
}

/** Reads them together; where a row of one is damaged, the others without it. */
export function readApart(
  read: ReadTogether,
  waybills: readonly string[],
  then: (ended: ReadsEnded) => void,
): void {
  read(waybills, (outcome) => {
    if (outcome.kind === "kept") return then({ failed: [], failure: null });
    if (!isDamage(outcome) || waybills.length < 2) {
      return then({ failed: waybills, failure: outcome });
    }
    const half = Math.ceil(waybills.length / 2);
    readApart(read, waybills.slice(0, half), (first) =>
      readApart(read, waybills.slice(half), (second) =>
        then({
          failed: [...first.failed, ...second.failed],
          failure: first.failure ?? second.failure,
        }),
      ),
    );
  });
}
