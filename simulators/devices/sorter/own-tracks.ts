/** A controller that follows parcels by itself. */
export interface OwnTracksConfig {
  readonly places: TrackPlaces;
  /**
   * Fault: each so-many'th front behind the induction bears the number of the parcel behind it, as of
   * a queue that has lost one; null: none does.
   */
  readonly aheadEvery: number | null;
}

/** Where each eye stands behind the induction's, in counts, and whether a parcel leaves there. */
export type TrackPlaces = Readonly<
  Record<string, { readonly atCount: number; readonly isExit: boolean }>
>;

/**
 * The following that some controllers do by themselves: a number for each parcel that is inducted, and
 * at each further eye the number of the one whose place is nearest.
 */
export interface OwnTracks {
  /** The number that is told with this edge; 0: nobody is near. */
  seen(eyeId: string, isBlocked: boolean, count: number): number;
  /** Fault: at the next fronts behind the induction it tells these numbers instead of its own. */
  mistake(numbers: readonly number[]): void;
  restart(): void;
}

/** A parcel may be off its place by so much, in counts. */
const nearCounts = 150;
/** Whoever was taken off the belt is remembered no longer than that many behind it. */
const parcelsMax = 100;
/** Numbers begin anew behind it. */
const numberMax = 9_999;

export function createOwnTracks({ places, aheadEvery }: OwnTracksConfig): OwnTracks {
  const told = new Map<string, number>();
  let parcels: { readonly number: number; front: number }[] = [];
  let number = 0;
  let mistakes: number[] = [];
  let frontsTotal = 0;

  const nearest = (front: number) => {
    const off = (parcel: { readonly front: number }): number => Math.abs(parcel.front - front);
    const near = parcels.filter((parcel) => off(parcel) <= nearCounts);
    return near.toSorted((one, other) => off(one) - off(other))[0];
  };

  const nextBehind = (parcel: { readonly front: number }) =>
    parcels
      .filter((each) => each.front > parcel.front)
      .toSorted((one, other) => one.front - other.front)[0];

  const front = (eyeId: string, count: number): number => {
    const place = places[eyeId];
    if (place === undefined) return 0;
    if (place.atCount === 0) {
      number = (number % numberMax) + 1;
      parcels = [...parcels.slice(-parcelsMax), { number, front: count }];
      return number;
    }
    const parcel = nearest(count - place.atCount);
    if (parcel === undefined) return mistakes.shift() ?? 0;
    parcel.front = count - place.atCount;
    if (place.isExit) parcels = parcels.filter((each) => each !== parcel);
    frontsTotal += 1;
    const isAhead = aheadEvery !== null && frontsTotal % aheadEvery === 0;
    const named = isAhead ? (nextBehind(parcel) ?? parcel) : parcel;
    return mistakes.shift() ?? named.number;
  };

  return {
    seen(eyeId, isBlocked, count) {
      if (isBlocked) told.set(eyeId, front(eyeId, count));
      return told.get(eyeId) ?? 0;
    },
    mistake(numbers) {
      mistakes = [...numbers];
    },
    restart() {
      told.clear();
      parcels = [];
      mistakes = [];
    },
  };
}
