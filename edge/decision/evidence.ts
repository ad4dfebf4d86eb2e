import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { ChuteState } from "../../protocols/sorting.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import type { AlgorithmVerdict, OfficerDecision } from "../../protocols/verdicts.ts";

/** All that is known of one pass at one moment. Absence is always spelled out. */
export interface Evidence {
  readonly passId: string;
  readonly inductedAt: MonotonicMs;
  readonly identity: Identity;
  /** What, other than its turn, says that the label is this parcel's (law 16); null: nothing does. */
  readonly identityProof: IdentityProof | null;
  readonly claim:
    | "notAsked"
    | "asked"
    | "granted"
    | "claimedElsewhere"
    | "alreadyReleased"
    | "outcomeUnknown"
    | "unknown";
  readonly clearance: ClearanceEvidence;
  /** The image bound to this pass by announcement, sequence, count and length (law 9). */
  readonly imageHash: string | null;
  readonly algorithm: { readonly imageHash: string; readonly verdict: AlgorithmVerdict } | null;
  readonly officer: {
    readonly imageHash: string;
    readonly decision: OfficerDecision;
    readonly officer: string;
  } | null;
  readonly weightG: number | null;
  /** Something on the scale's wire, not its turn, says that the weight is this parcel's. */
  readonly isWeightProven: boolean;
  /** False once its place on the belt is not certain. */
  readonly isTracked: boolean;
  /** Reasons that the line itself has raised and nothing has discharged. */
  readonly raised: readonly Reason[];
  readonly chutes: { readonly green: ChuteState; readonly red: ChuteState };
}

/**
 * A binding of the read itself: token sent back, encoder ticks, trigger counter, latched output; or
 * a witness: a second reader that read the same. A weight that fits the papers is none: many papers
 * declare nearly the same, and those of the parcel itself may still be in the reader.
 */
export type IdentityProof = "echo" | "ticks" | "counter" | "pulse" | "secondReader";

export type Identity =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly waybill: string }
  | { readonly kind: "several"; readonly waybills: readonly string[] };

export type ClearanceEvidence =
  | { readonly kind: "absent" }
  /** Something is held, but its lease has run out or the stream has a gap. */
  | { readonly kind: "stale" }
  | { readonly kind: "held"; readonly record: ClearanceRecord };
