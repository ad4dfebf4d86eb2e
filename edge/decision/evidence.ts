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
  readonly claim:
    | "notAsked"
    | "asked"
    | "granted"
    | "claimedElsewhere"
    | "alreadyReleased"
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
  /** False once its place on the belt is not certain. */
  readonly isTracked: boolean;
  /** Reasons that the line itself has raised and nothing has discharged. */
  readonly raised: readonly Reason[];
  readonly chutes: { readonly green: ChuteState; readonly red: ChuteState };
}

export type Identity =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly waybill: string }
  | { readonly kind: "several"; readonly waybills: readonly string[] };

export type ClearanceEvidence =
  | { readonly kind: "absent" }
  /** Something is held, but its lease has run out or the stream has a gap. */
  | { readonly kind: "stale" }
  | { readonly kind: "held"; readonly record: ClearanceRecord };
