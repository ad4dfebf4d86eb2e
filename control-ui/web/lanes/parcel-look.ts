import type { LineView, ParcelView } from "../../../protocols/ui/scene.ts";
import type { Exit } from "../../../protocols/sorting.ts";

/** How a parcel looks, apart from where it is. Shapes differ, not only shades (HMI H2). */
export interface ParcelLook {
  readonly kind: "known" | "unknown";
  /** A reason stands against it. */
  readonly isHeld: boolean;
  readonly isSimulated: boolean;
  /** Last digits of the waybill, "?" when it has none; the whole one is a tap away. */
  readonly label: string;
  /** Set once a commit point has acted. */
  readonly exit: Exit | null;
  /** An officer is to judge its image now. */
  readonly isAwaited: boolean;
}

/** `label` is the waybill's short form among the parcels of its belt. */
export function lookOf(
  parcel: ParcelView,
  line: LineView,
  { isAwaited, label }: { readonly isAwaited: boolean; readonly label: string | undefined },
): ParcelLook {
  const isUnknown = parcel.tracking === "unknown";
  return {
    kind: isUnknown ? "unknown" : "known",
    isHeld: !isUnknown && parcel.decided !== "green" && parcel.reasons.length > 0,
    isSimulated: line.mode === "lab",
    label: isUnknown ? "?" : (label ?? "?"),
    exit: parcel.decided,
    isAwaited,
  };
}
