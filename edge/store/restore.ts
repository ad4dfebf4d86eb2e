import type { JournalRecord } from "../../protocols/link.ts";
import { allRecords, type Journal } from "../journal/journal.ts";
import type { DocumentStore, StoreFailure, StoreOutcome, StoreWork } from "./port.ts";

export interface RestoreOptions {
  readonly store: DocumentStore;
  readonly journal: Pick<Journal, "readAfter">;
  /** What a record has done to the documents; null for one that has done nothing to them. */
  readonly workOf: (record: JournalRecord) => Pick<StoreWork<null>, "events" | "run"> | null;
}

export type Restored =
  | { readonly kind: "restored"; readonly recordsTotal: number }
  | ({ readonly kind: "failed" } & StoreFailure)
  | { readonly kind: "bug"; readonly thrown: unknown };

/** So many are made durable together. */
const underWayMax = 200;

/**
 * Applies the records that the journal has behind the rows: all of them to rows that are new, and
 * after a restart those that a program has written which knows nothing of rows. Each runs when the
 * one before it has run, so that everything comes in the journal's order.
 */
export async function restoreRows({ store, journal, workOf }: RestoreOptions): Promise<Restored> {
  const underWay: Promise<StoreOutcome<null>>[] = [];
  let recordsTotal = 0;
  const oldest = async (): Promise<Restored | null> => {
    const outcome = await underWay.shift();
    return outcome === undefined || outcome.kind === "kept" ? null : outcome;
  };
  for await (const record of allRecords(journal, store.appliedSeq())) {
    const work = workOf(record);
    if (work === null) continue;
    recordsTotal += 1;
    const ran = Promise.withResolvers<unknown>();
    const outcome = new Promise<StoreOutcome<null>>((resolve) =>
      store.transact(
        {
          events: work.events,
          appliedSeq: record.seq,
          run: (state) => {
            ran.resolve(null);
            return work.run(state);
          },
        },
        resolve,
      ),
    );
    underWay.push(outcome);
    await Promise.race([ran.promise, outcome]);
    const failed = underWay.length < underWayMax ? null : await oldest();
    if (failed !== null) return failed;
  }
  while (underWay.length > 0) {
    const failed = await oldest();
    if (failed !== null) return failed;
  }
  return { kind: "restored", recordsTotal };
}
