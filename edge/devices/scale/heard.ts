import type { DimensionsMm } from "../../../protocols/scale/dimensions.ts";
import type { WeightProof } from "../../../protocols/scale/weight-proof.ts";
import type { Discarded } from "../dialect.ts";

/** What a scale's dialect makes of its output. */
export type ScaleHeard =
  /** A gross weight at rest, of which, and those like it, `settling` makes one weight a parcel. */
  | ({ readonly kind: "reading"; readonly grams: number } & Measured)
  /** The scale is there, and what it shows is no parcel's gross weight at rest. */
  | { readonly kind: "noWeight"; readonly why: NoWeight }
  /** A parcel's weight, settled by the scale itself. */
  | ({ readonly kind: "weight"; readonly grams: number; readonly proof: WeightProof } & Measured)
  | { readonly kind: "life" }
  | Discarded;

/** Left out by a scale that does not measure; null by one that could not. */
export interface Measured {
  readonly dimensionsMm?: DimensionsMm | null;
}

export type NoWeight =
  | "outOfRange"
  | "inMotion"
  | "negative"
  | "net"
  /** It says that it cannot tell one now. */
  | "notReady"
  | "unasked";
