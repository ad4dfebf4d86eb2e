import type { DrawnPlace } from "./mimic-layout.ts";
import type { ParcelLook } from "./parcel-look.ts";

/** One parcel as it is drawn in this frame. */
export interface DrawnParcel {
  readonly passId: string;
  readonly look: ParcelLook;
  readonly place: DrawnPlace;
  readonly lengthPx: number;
}

/** The nearest parcel within reach of a finger, or null. */
export function pickParcel(
  parcels: readonly DrawnParcel[],
  at: { readonly xPx: number; readonly yPx: number },
  reachPx: number,
): DrawnParcel | null {
  let nearest: DrawnParcel | null = null;
  let nearestPx = Infinity;
  for (const parcel of parcels) {
    const alongPx = Math.max(0, Math.abs(at.xPx - parcel.place.xPx) - parcel.lengthPx / 2);
    const distancePx = Math.hypot(alongPx, at.yPx - parcel.place.yPx);
    if (distancePx <= reachPx && distancePx < nearestPx) {
      nearest = parcel;
      nearestPx = distancePx;
    }
  }
  return nearest;
}
