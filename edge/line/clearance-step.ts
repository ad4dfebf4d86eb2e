import { applyClearance, breakLease, type ClearanceMirror } from "./clearance-mirror.ts";
import type { Fact } from "../../protocols/facts.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import type { TimeBreak } from "../../protocols/time-watch.ts";
import type { EpochMs, MonotonicMs } from "../../protocols/units.ts";

/**
 * The lines of one agent share one mirror of the clearance records that their open passes have asked
 * for. It is a machine of its own in the journal, under this id, so that replay sees every record
 * change in its place among the events of the lines. Only an answer that comes in its place is an
 * event of the line that has asked (`answerTold`), so that question, papers and decision need one
 * record and not two.
 */
export const clearanceMachineId = "_clearance";

export type ClearanceEvent = { readonly at: MonotonicMs; readonly wallAt: EpochMs } & (
  | { readonly kind: "clearance"; readonly message: ClearanceMessage }
  | ({ readonly kind: "timeBreak" } & Pick<TimeBreak, "why" | "byMs">)
);

export type ClearanceCommand =
  | { readonly kind: "snapshotWanted"; readonly why: string }
  /** The answer that this message brings is for the line whose pass has asked. */
  | { readonly kind: "claimAnswered" };

export interface ClearanceStep {
  readonly commands: readonly ClearanceCommand[];
  readonly facts: readonly Fact[];
}

const nothing: ClearanceStep = { commands: [], facts: [] };

/**
 * Applies one message; asks for a snapshot where the stream has a gap. An answer to a claim counts
 * once and in its place. Behind a gap only a refusal for good still says what it says: papers that
 * were unknown may have come since.
 */
export function stepClearance(mirror: ClearanceMirror, event: ClearanceEvent): ClearanceStep {
  if (event.kind === "timeBreak") {
    breakLease(mirror, event.at);
    return nothing;
  }
  const { message } = event;
  const applied = applyClearance(mirror, message, event.at);
  const commands: ClearanceCommand[] = [];
  if (applied.kind === "gap") commands.push({ kind: "snapshotWanted", why: applied.why });
  if (message.kind === "claimAnswer") {
    const { granted, why } = message.answer;
    const isForGood = !granted && why !== "unknownWaybill";
    const counts = applied.kind === "gap" ? isForGood : !applied.isDuplicate;
    if (counts) commands.push({ kind: "claimAnswered" });
  }
  return commands.length === 0 ? nothing : { commands, facts: [] };
}
