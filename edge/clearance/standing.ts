import type { ClearanceRecord } from "../../protocols/clearance.ts";
import {
  reasonTable,
  type Reason,
  type ReasonCode,
  type ReasonParams,
} from "../../protocols/reasons.ts";
import { differenceParams, missingParams } from "./compare.ts";
import type { ClearanceConfig } from "./config.ts";
import { customsStatusNumber, hasCustomsReason, isReleasedByCustoms } from "./customs-status.ts";
import type { ManualControl } from "./events.ts";
import { isClosed, ownReasons, unreadOf } from "./findings.ts";
import { open, type OpenReason } from "./open-reason.ts";
import { endOf, type ManifestCase, type ManifestState } from "./state.ts";

/** What is known of a manifest besides its own facts. */
export interface Surroundings {
  readonly authority: ClearanceConfig["authority"];
  readonly controls: readonly ManualControl[];
  /** All its pieces have left through green. */
  readonly isReleased: boolean;
}

/**
 * Everything for which the manifest has to be returned: differences, missing documents, customs'
 * word.
 */
function whyReturned({ activation, customs, end }: ManifestCase): ReasonParams {
  const comparison = activation?.comparison;
  return {
    ...(comparison?.outcome === "differs" ? differenceParams(comparison.differences) : {}),
    ...(end?.kind === "returned" ? { missing: end.missing } : {}),
    ...(customs.wasReturned ? { status: 100 } : {}),
    ...(customs.latest?.status === "100" && customs.latest.info !== null
      ? { info: customs.latest.info }
      : {}),
  };
}

/**
 * The reason for which a manifest cannot be released whatever else is said; null while it can. A
 * release is none: the pass that has been released is still on its belt, and must hear whatever
 * else comes. That nobody is released twice is the claims' to see to (law 1).
 */
function finalReason(each: ManifestCase): Reason | null {
  if (isClosed(each)) return { code: "alreadyClosed", params: { status: 899 } };
  if (endOf(each) === "returned") return { code: "comparisonFailed", params: whyReturned(each) };
  switch (each.end?.kind) {
    case "transferred":
      return { code: "inspectionOrdered", params: { result: "ERROR", act: each.end.actId } };
    case "void":
      return { code: "notActivated", params: { why: each.end.why } };
    case "returned":
    case undefined:
      return null;
  }
}

function controlReason(each: ManifestCase, around: Surroundings): OpenReason | null {
  const controls = around.controls
    .map(({ controlId }) => controlId)
    .filter((controlId) => !each.discharged.has(`manualControl/${controlId}`));
  const [first] = controls;
  if (first === undefined) return null;
  const params = { controls: controls.length, control: first };
  return open(
    { code: "manualControl", params },
    ...controls.map((controlId) => `manualControl/${controlId}`),
  );
}

/** Customs' release is missing where it is needed and no reason of customs' own says so already. */
function releaseMissing(each: ManifestCase, around: Surroundings): OpenReason | null {
  const { customs } = each;
  if (around.authority === "site" || isReleasedByCustoms(customs)) return null;
  if (hasCustomsReason({ ...customs, unread: unreadOf(each) })) return null;
  const status = customsStatusNumber(customs);
  return open({
    code: "customsReleaseMissing",
    ...(status === null ? {} : { params: { status } }),
  });
}

/**
 * Every open reason of a manifest, in a fixed order. Reasons only add up (law 3): each fact
 * contributes its own, and a discharge takes away only the keys it names. Because this looks at
 * what is known and not at how it became known, documents may arrive in any order.
 */
export function openReasons(each: ManifestCase, around: Surroundings): readonly OpenReason[] {
  const final = finalReason(each);
  const control = controlReason(each, around);
  const raised = control === null ? [] : [control];
  if (final !== null) return [open(final), ...raised];
  if (each.activation === null) return [open({ code: "notActivated" }), ...raised];
  const { comparison } = each.activation;
  if (comparison.outcome === "waiting") {
    raised.push(open({ code: "comparisonPending", params: missingParams(comparison) }));
  }
  raised.push(...ownReasons(each));
  const missing = releaseMissing(each, around);
  if (missing !== null) raised.push(missing);
  return raised;
}

/** The state, from the facts and the reasons that are open. */
function stateOf(
  each: ManifestCase,
  around: Surroundings,
  codes: readonly ReasonCode[],
): ManifestState {
  if (endOf(each) === "returned") return "RETURNED";
  if (around.isReleased) return "RELEASED";
  if (isClosed(each)) return "CLOSED";
  if (each.end?.kind === "transferred") return "TRANSFERRED";
  if (each.end?.kind === "void") return "VOID";
  if (each.activation === null) return "STORED";
  if (each.activation.comparison.outcome === "waiting") return "ACTIVATED";
  if (codes.includes("taxRelated")) return "CONVERTED_TO_DECLARATION";
  if (codes.includes("unknownStatus") || codes.includes("receiptUnread")) return "ACCEPTED";
  return stateOfReasons(each, codes);
}

/** Of one that is activated and may still be released, from all reasons that are open. */
function stateOfReasons(
  { legacy, activation }: ManifestCase,
  codes: readonly ReasonCode[],
): ManifestState {
  const classes = codes.map((code) => reasonTable[code].class);
  if (classes.includes("physical") || codes.includes("customsHold")) return "CONTROLLED";
  // Where only customs' release is missing, nobody has anything to review on site: the manifest
  // simply waits.
  if (codes.every((code) => code === "customsReleaseMissing") && codes.length > 0) {
    return "GREEN_RELEASE_STAGE";
  }
  if (classes.includes("documentary")) return "ONSITE_REVIEW";
  const mustBeSeen =
    legacy.machineInspectionRequired || (activation?.machineInspectionRequired ?? true);
  return mustBeSeen ? "AWAITING_MACHINE_PASS" : "RELEASE_ELIGIBLE";
}

/** The state as it looks to who is told only of these of its open reasons. */
export function stateAsTold(each: ManifestCase, reasons: readonly Reason[]): ManifestState {
  if (each.state !== "CONTROLLED") return each.state ?? "STORED";
  return stateOfReasons(
    each,
    reasons.map(({ code }) => code),
  );
}

const isSameReason = (a: Reason, b: Reason | undefined): boolean =>
  b !== undefined && a.code === b.code && JSON.stringify(a.params) === JSON.stringify(b.params);

/** Whether two records say the same, whatever their versions. */
function isSameRecord(a: ClearanceRecord, b: ClearanceRecord): boolean {
  return (
    a.standing === b.standing &&
    a.manifestHash === b.manifestHash &&
    a.manifestGuid === b.manifestGuid &&
    a.customsStatus === b.customsStatus &&
    a.rulesVersion === b.rulesVersion &&
    a.machineInspectionRequired === b.machineInspectionRequired &&
    a.reasons.length === b.reasons.length &&
    a.reasons.every((reason, index) => isSameReason(reason, b.reasons[index]))
  );
}

export interface Standing {
  readonly record: ClearanceRecord;
  readonly state: ManifestState;
}

/**
 * What the line is told of a waybill (law 13), and the manifest's state. The record is the
 * former one itself when nothing has changed, else a new one with the next version.
 */
export function standingOf(
  each: ManifestCase,
  around: Surroundings,
  rulesVersion: string,
): Standing {
  const reasons = openReasons(each, around).map(({ reason }) => reason);
  const codes = reasons.map(({ code }) => code);
  const record = clearanceRecordOf(each, reasons, rulesVersion);
  return { record, state: stateOf(each, around, codes) };
}

function clearanceRecordOf(
  each: ManifestCase,
  reasons: readonly Reason[],
  rulesVersion: string,
): ClearanceRecord {
  const machineInspectionRequired =
    endOf(each) !== null ||
    each.legacy.machineInspectionRequired ||
    (each.activation?.machineInspectionRequired ?? true);
  const ifClear = machineInspectionRequired ? "releasableIfMachinePassOk" : "releasable";
  const record: ClearanceRecord = {
    waybill: each.manifest.waybill,
    version: (each.record?.version ?? 0) + 1,
    manifestGuid: each.manifest.guid,
    manifestHash: each.manifest.hash,
    standing: reasons.length === 0 ? ifClear : "notReleasable",
    machineInspectionRequired,
    reasons: [...reasons],
    declared: {
      grossWeightG: each.manifest.grossWeightG,
      pieces: each.manifest.pieces,
    },
    customsStatus: customsStatusNumber(each.customs),
    rulesVersion: each.activation?.rulesVersion ?? rulesVersion,
  };
  return each.record !== null && isSameRecord(record, each.record) ? each.record : record;
}
