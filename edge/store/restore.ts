import type { DocumentStore, StoreFailure, StoreOutcome, StoreWork } from "./port.ts";

/**
 * Applies records that the journal has behind the rows: all of them to rows that are new, and after a
 * restart those that a program has written which knows nothing of rows. Each runs when the one before
 * it has run, so that everything comes in the journal's order.
 */
export interface RowRestore {
  /** What the record of this number has done. Resolves when it has run, or with what has failed. */
  take(seq: number, work: RestoredWork): Promise<RestoreFailure | null>;
  /** Resolves when everything is durable. */
  end(): Promise<RestoreFailure | null>;
}

export type RestoredWork = Pick<StoreWork<null>, "events" | "run">;

export type RestoreFailure =
  | ({ readonly kind: "failed" } & StoreFailure)
  | { readonly kind: "bug"; readonly thrown: unknown };

/** So many are made durable together. */
const underWayMax = 200;

export function createRowRestore(store: Pick<DocumentStore, "transact">): RowRestore {
  const underWay: Promise<StoreOutcome<null>>[] = [];

  const oldest = async (): Promise<RestoreFailure | null> => {
    const outcome = await underWay.shift();
    return outcome === undefined || outcome.kind === "kept" ? null : outcome;
  };

  return {
    take: async (seq, { events, run }) => {
      const ran = Promise.withResolvers<unknown>();
      const outcome = new Promise<StoreOutcome<null>>((resolve) =>
        store.transact(
          {
            events,
            appliedSeq: seq,
            run: (state) => {
              ran.resolve(null);
              return run(state);
            },
          },
          resolve,
        ),
      );
      underWay.push(outcome);
      await Promise.race([ran.promise, outcome]);
      return underWay.length < underWayMax ? null : oldest();
    },
    end: async () => {
      while (underWay.length > 0) {
        const failed = await oldest();
        if (failed !== null) return failed;
      }
      return null;
    },
  };
}
