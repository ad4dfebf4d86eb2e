import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../../protocols/link.ts";

/** The records that a message tells of: in a snapshot, changed, or with an answer. */
export function recordsToldBy(message: ClearanceMessage): readonly ClearanceRecord[] {
  if (message.kind === "change") return message.records;
  if (message.kind === "claimAnswer") return message.record === null ? [] : [message.record];
  if (message.kind !== "snapshotPart") return [];
  return message.claims.flatMap(({ record: held }) => held ?? []);
}

/** A clearance record; releasable unless it is given reasons. */
export const record = (
  waybill: string,
  change: Partial<ClearanceRecord> = {},
): ClearanceRecord => ({
  waybill,
  version: 1,
  manifestGuid: `guid-${waybill}`,
  manifestHash: "0".repeat(64),
  standing: (change.reasons ?? []).length > 0 ? "notReleasable" : "releasable",
  machineInspectionRequired: false,
  reasons: [],
  declared: { grossWeightG: 500, pieces: 1 },
  customsStatus: null,
  rulesVersion: "r1",
  ...change,
});
