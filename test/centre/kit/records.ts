import type { ClearanceRecord } from "../../../protocols/clearance.ts";

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
