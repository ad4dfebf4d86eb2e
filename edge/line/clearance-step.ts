import { applyClearance, breakLease, type ClearanceMirror } from "./clearance-mirror.ts";
import type { Fact } from "../../protocols/facts.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import type { TimeBreak } from "../../protocols/time-watch.ts";
import type { EpochMs, MonotonicMs } from "../../protocols/units.ts";

/**
 * The lines of one agent share one mirror of the centre's clearance records. It is a machine of
 * its own in the journal, under this id, so that replay sees every record change in its place
 * among the events of the lines.
 */
export const clearanceMachineId = "_clearance";

export type ClearanceEvent = { readonly at: MonotonicMs; readonly wallAt: EpochMs } & (
  | { readonly kind: "clearance"; readonly message: ClearanceMessage }
  | ({ readonly kind: "timeBreak" } & Pick<TimeBreak, "why" | "byMs">)
);

export interface ClearanceStep {
  readonly commands: readonly { readonly kind: "snapshotWanted"; readonly why: string }[];
  readonly facts: readonly Fact[];
}

const nothing: ClearanceStep = { commands: [], facts: [] };

/** Applies one message; asks for a snapshot where the stream has a gap. */
export function stepClearance(mirror: ClearanceMirror, event: ClearanceEvent): ClearanceStep {
  if (event.kind === "timeBreak") {
    breakLease(mirror, event.at);
    return nothing;
  }
  const applied = applyClearance(mirror, event.message, event.at);
  if (applied.kind === "accepted") return nothing;
  return { commands: [{ kind: "snapshotWanted", why: applied.why }], facts: [] };
}
