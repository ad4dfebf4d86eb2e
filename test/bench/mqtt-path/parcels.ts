import type { ClearanceRecord } from "../../../protocols/clearance.ts";

/**
 * The parcels of a run, in the order in which they are put on the belts. Everything about one
 * follows from its number, so that centre, scanners and the final check agree without asking.
 */
export type ParcelKind = "releasable" | "licence" | "unknown" | "claimedElsewhere" | "noRead";

/** In twenty, sixteen may be released; the others go to inspection, each for a reason of its own. */
const kindsOfTwenty: Readonly<Record<number, ParcelKind>> = {
  6: "licence",
  11: "unknown",
  15: "claimedElsewhere",
  19: "noRead",
};

export const kindOf = (index: number): ParcelKind => kindsOfTwenty[index % 20] ?? "releasable";

export const exitOf = (kind: ParcelKind): "green" | "inspection" =>
  kind === "releasable" ? "green" : "inspection";

const digits = 12;

/** Looks like a number of SF Express. */
export const waybillOf = (index: number): string => `SF1${String(index).padStart(digits, "0")}`;

export const indexOfWaybill = (waybill: string): number => Number(waybill.slice(-digits));

/** What the centre's documents say; null for a waybill that it does not know. */
export function recordOf(index: number): ClearanceRecord | null {
  const kind = kindOf(index);
  if (kind === "unknown") return null;
  const isLicence = kind === "licence";
  return {
    waybill: waybillOf(index),
    version: 1,
    manifestGuid: `00000000-0000-4000-8000-${String(index).padStart(digits, "0")}`,
    manifestHash: index.toString(16).padStart(64, "0"),
    standing: isLicence ? "notReleasable" : "releasable",
    machineInspectionRequired: false,
    reasons: isLicence ? [{ code: "licenceRequired" }] : [],
    declared: { grossWeightG: 500, pieces: 1 },
    customsStatus: null,
    rulesVersion: "bench-1",
  };
}
