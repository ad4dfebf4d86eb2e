import type { WeightProof } from "../../../protocols/scale/weight-proof.ts";
import type { Discarded } from "../dialect.ts";

/** What a scale's dialect makes of its output. */
export type ScaleHeard =
  /** One reading after the other, of which `settling` makes one weight a parcel. */
  | ScaleOutput
  /** A parcel's weight, settled by the scale itself. */
  | { readonly kind: "weight"; readonly grams: number; readonly proof: WeightProof }
  | { readonly kind: "life" }
  | Discarded;

export interface ScaleOutput {
  readonly kind: "reading";
  /** Never negative. */
  readonly grams: number;
  /** Why it is no parcel's gross weight at rest, or null. */
  readonly flaw: "outOfRange" | "inMotion" | "negative" | "net" | null;
}
