import type { Belt } from "./belt.ts";
import type { ParcelSource, PhysicalParcel } from "./ports.ts";
import { createWaiting, ranks } from "./travel-queue.ts";

/** Puts parcels on the belt, one after the other, while induction is permitted. */
export interface Infeed {
  permit(isPermitted: boolean): void;
  /** The source may have parcels again. */
  sourceChanged(): void;
}

export interface InfeedOptions {
  readonly belt: Belt;
  readonly source: ParcelSource;
  /** The parcel's front is at the induction eye now. */
  induct(parcel: PhysicalParcel): void;
}

export function createInfeed(options: InfeedOptions): Infeed {
  const { belt, source } = options;
  let next: PhysicalParcel | null = null;
  let isPermitted = false;
  /** Travel at which the rear of the last parcel is, or will be, at the induction eye. */
  let lastRearMm = -Infinity;

  const plan = (): void => {
    if (!isPermitted) return;
    next ??= source.next();
    if (next === null) return;
    belt.put(induction, Math.max(belt.travelMm(), lastRearMm + next.gapMm));
  };

  const induction = createWaiting(ranks.infeed, () => {
    const parcel = next;
    if (parcel === null) return;
    next = null;
    lastRearMm = belt.travelMm() + parcel.lengthMm;
    options.induct(parcel);
    plan();
  });

  return {
    permit(nextPermitted) {
      if (nextPermitted === isPermitted) return;
      isPermitted = nextPermitted;
      if (isPermitted) plan();
      else belt.remove(induction);
    },
    sourceChanged() {
      if (next === null) plan();
    },
  };
}
