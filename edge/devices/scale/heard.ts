import type { Discarded } from "../dialect.ts";

/** What a scale's dialect makes of its output: one reading after the other. */
export type ScaleHeard = ScaleOutput | Discarded;

export interface ScaleOutput {
  readonly kind: "reading";
  /** Never negative. */
  readonly grams: number;
  /** Why it is no parcel's gross weight at rest, or null. */
  readonly flaw: "outOfRange" | "inMotion" | "negative" | "net" | null;
}
