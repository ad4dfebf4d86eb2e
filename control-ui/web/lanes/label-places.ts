import type { DrawnParcel } from "./drawn-parcel.ts";

/** A parcel's label on its row; a mark stands for it where there is no room. */
export interface LabelPlace {
  readonly parcel: DrawnParcel;
  /** Left end; null where its neighbours leave no room. */
  readonly leftX: number | null;
}

const gapPx = 6;
/** With more labels than this on one belt, nobody could read any. */
const labelsMax = 60;

/**
 * Parcels that wait for a person get their label first, then those that could not be read, because
 * their "?" is narrow.
 */
function rankOf({ look, passId }: DrawnParcel, hadLabel: ReadonlySet<string>): number {
  if (look.isAwaited) return 0;
  if (look.label === "?") return 1;
  return hadLabel.has(passId) ? 2 : 3;
}

/**
 * Which labels have room. What had one before keeps it where it can: the belt moves all parcels
 * alike, so numbers stay and do not flicker.
 */
export function placeLabels(
  parcels: readonly DrawnParcel[],
  widthOf: (parcel: DrawnParcel) => number,
  hadLabel: ReadonlySet<string>,
): readonly LabelPlace[] {
  const taken: { readonly fromX: number; readonly toX: number }[] = [];
  return parcels
    .filter(({ place }) => !place.isOnBranch)
    .toSorted((a, b) => rankOf(a, hadLabel) - rankOf(b, hadLabel) || b.place.xPx - a.place.xPx)
    .map((parcel) => {
      const widthPx = widthOf(parcel);
      const fromX = parcel.place.xPx - widthPx / 2;
      const toX = fromX + widthPx;
      const isFree =
        parcels.length <= labelsMax &&
        taken.every((other) => fromX >= other.toX + gapPx || toX + gapPx <= other.fromX);
      if (isFree) taken.push({ fromX, toX });
      return { parcel, leftX: isFree ? fromX : null };
    });
}
