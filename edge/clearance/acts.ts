import { isSameActor } from "../../protocols/actor.ts";
import type { ManualControl, OfficerAct, Release } from "./events.ts";
import { dischargedBy } from "./findings.ts";
import type { OpenReason } from "./open-reason.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { openReasons } from "./standing.ts";
import { releasesHeld, sizesOf } from "./room.ts";
import { endOf, type ManifestCase } from "./state.ts";
import { settle, surroundingsOf, tell, type Workspace } from "./workspace.ts";

/**
 * Most manual controls kept for one waybill. More would change nothing: one already sends it to
 * inspection.
 */
const controlsPerWaybillMax = 20;
/** Acts kept for one manifest. */
const actsPerManifestMax = 50;

/** Manual control (ZJG-25): effective at once, also for a waybill that nobody has declared yet. */
export function placeControl(work: Workspace, control: ManualControl): Outcome {
  const { state, rules } = work;
  const held = state.controls.get(control.controlId);
  if (held !== undefined) {
    return isSameControl(held, control)
      ? takenWith("repeated", "is placed already")
      : refused("controlIdReused", "controlId", "stands for another control");
  }
  const placed = state.controlsByWaybill.get(control.waybill) ?? [];
  if (placed.length >= controlsPerWaybillMax) {
    return refused("storeFull", "waybill", `has ${placed.length} controls, the most kept`);
  }
  if (state.controls.size >= rules.config.controlsMax) {
    return refused("storeFull", null, `${state.controls.size} controls are held, the most allowed`);
  }
  state.controls.set(control.controlId, control);
  state.controlsByWaybill.set(control.waybill, [...placed, control]);
  const { by, reason } = control;
  const { name: officer, role, station } = by;
  tell(work, "controlPlaced", control.waybill, { officer, role, station, reason });
  const each = state.cases.get(control.waybill);
  if (each !== undefined) settle(work, each);
  return taken;
}

const isSameControl = (a: ManualControl, b: ManualControl): boolean =>
  a.waybill === b.waybill && a.reason === b.reason && isSameActor(a.by, b.by);

/**
 * The line's green decision: the act of release (law 13). It has happened, so it is applied
 * whatever the documents say by now; what stood against it is told as a conflict.
 */
export function applyRelease(work: Workspace, release: Release): Outcome {
  const { state, rules } = work;
  const passes = state.releases.get(release.waybill) ?? [];
  if (passes.includes(release.passId)) return takenWith("repeated", "this pass is applied already");
  if (passes.length === 0 && releasesHeld(sizesOf(state)) >= rules.config.documentsMax) {
    return refused(
      "storeFull",
      null,
      `holds ${releasesHeld(sizesOf(state))} releases, the most allowed`,
    );
  }
  const each = state.cases.get(release.waybill);
  const against = each === undefined ? "unknownWaybill" : conflictOf(work, each);
  // One release for each piece is kept. A further one could only be the same parcel once more, and
  // claims prevent that.
  const piecesMax = each?.manifest.pieces ?? 1;
  if (passes.length < piecesMax) state.releases.set(release.waybill, [...passes, release.passId]);
  tell(work, "released", release.waybill, {
    lineId: release.lineId,
    passId: release.passId,
    recordVersion: release.recordVersion ?? 0,
    rules: each?.activation?.rulesVersion ?? "none",
  });
  if (each !== undefined) settle(work, each);
  if (against === null) return taken;
  tell(work, "releaseConflict", release.waybill, { against, passId: release.passId });
  return takenWith("releaseConflict", `stands against: ${against}`);
}

/** The reasons that are open against a release that has already happened; null for none. */
function conflictOf(work: Workspace, each: ManifestCase): string | null {
  if (each.left !== undefined) return "archived";
  const open = openReasons(each, surroundingsOf(work, each));
  return open.length === 0 ? null : open.map(({ reason }) => reason.code).join(",");
}

/** An officer's act on a manifest: recorded with who, where, when and under which rules. */
export function takeOfficerAct(work: Workspace, act: OfficerAct): Outcome {
  const each = work.state.cases.get(act.waybill);
  if (each === undefined) return refused("unknownWaybill", "waybill", "has no manifest");
  if (each.acts.some(({ actId }) => actId === act.actId)) {
    return takenWith("repeated", "is recorded already");
  }
  if (each.acts.length >= actsPerManifestMax) {
    return refused("storeFull", "waybill", `has ${actsPerManifestMax} acts, the most kept`);
  }
  const around = surroundingsOf(work, each);
  if (around.isReleased) return refused("alreadyReleased", "waybill", "has left through green");
  if (each.left !== undefined) {
    return refused("manifestEnded", "waybill", "has a manifest whose case is in the archive");
  }
  const end = endOf(each);
  if (end !== null) {
    return refused("manifestEnded", "waybill", `has a manifest that has ended (${end})`);
  }
  const open = openReasons(each, around);
  switch (act.act) {
    case "secondActivation":
      return secondActivation(work, each, act, open);
    case "inspectionResult":
      return inspectionResult(work, each, act, open);
    case "monitorTransfer":
      return each.activation === null
        ? refused("notActivated", "waybill", "has no activated manifest")
        : record(work, each, act, []);
  }
}

/** Notes the act, discharges what it discharges, and derives everything anew. */
function record(
  work: Workspace,
  each: ManifestCase,
  act: OfficerAct,
  discharged: readonly OpenReason[],
  end: ManifestCase["end"] = each.end,
): Outcome {
  const keys = discharged.flatMap((reason) => reason.keys);
  tell(work, act.act, each.manifest.waybill, {
    officer: act.by.name,
    role: act.by.role,
    station: act.by.station,
    actId: act.actId,
    rules: each.activation?.rulesVersion ?? "none",
    discharged: discharged.map(({ reason }) => reason.code).join(","),
  });
  settle(work, {
    ...each,
    end,
    acts: [...each.acts, act],
    discharged: new Set([...each.discharged, ...keys]),
  });
  return taken;
}

/** The supervision codes that the goods demand papers for. */
const demandedCodes = (open: readonly OpenReason[]): readonly string[] =>
  open
    .filter(({ reason }) => reason.code !== "onsiteReview")
    .flatMap(({ reason }) => String(reason.params?.["codes"] ?? "").split(""));

/**
 * Second activation (再次激活, ZJG-21): discharges what only waits for papers, and only when a paper
 * was seen for every code that the goods demand.
 */
function secondActivation(
  work: Workspace,
  each: ManifestCase,
  act: Extract<OfficerAct, { act: "secondActivation" }>,
  open: readonly OpenReason[],
): Outcome {
  if (each.activation === null) {
    return refused("notActivated", "waybill", "has no activated manifest");
  }
  const discharged = dischargedBy(open, "secondActivation");
  if (discharged.length === 0) {
    return refused("nothingToDischarge", "waybill", "has nothing that waits for papers");
  }
  const seen = act.licences.map(({ code }) => code);
  const missing = demandedCodes(discharged).filter((code) => !seen.includes(code));
  if (missing.length > 0) {
    return refused("licenceMissing", "licences", `lack a paper for code ${missing.join(", ")}`);
  }
  return record(work, each, act, discharged);
}

/**
 * Result of opening. NO_ERROR discharges everything that was to be inspected, once for all reasons
 * together (HZ-02); ERROR hands the parcel over and ends the manifest.
 */
function inspectionResult(
  work: Workspace,
  each: ManifestCase,
  act: Extract<OfficerAct, { act: "inspectionResult" }>,
  open: readonly OpenReason[],
): Outcome {
  if (act.result === "ERROR") {
    return record(work, each, act, [], { kind: "transferred", actId: act.actId });
  }
  return record(work, each, act, dischargedBy(open, "inspectionResult"));
}
