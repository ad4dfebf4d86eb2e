import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type { CebManifest } from "../../protocols/ceb/messages.ts";
import type { Reason } from "../../protocols/reasons.ts";
import { epochMs } from "../../protocols/units.ts";
import { contentHash } from "./content.ts";
import { parkedFor, unpark, withReceipt } from "./customs-receipts.ts";
import { noCustomsWord } from "./customs-status.ts";
import { isDrawn } from "./draws.ts";
import { goodsReasons } from "./licence-rules.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { parametersAt } from "./parameters.ts";
import { carriageKey, copKey, guidKey, invtKey, orderKey, type ManifestCase } from "./state.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

/** Under which keys customs' receipts and other documents find this manifest. */
function keysOf({ head }: CebManifest): readonly string[] {
  const keys = [guidKey(head.guid), copKey(head), orderKey(head)];
  return head.invtNo === null || head.invtNo === "" ? keys : [...keys, invtKey(head.invtNo)];
}

function forget({ state }: Workspace, each: ManifestCase): void {
  for (const key of keysOf(each.manifest)) {
    if (state.waybillByKey.get(key) === each.waybill) state.waybillByKey.delete(key);
  }
}

/** Another live manifest that already stands under one of this one's numbers. */
function findCollision({ state }: Workspace, manifest: CebManifest): Outcome | null {
  const { head } = manifest;
  const holder = (key: string): ManifestCase | undefined => {
    const waybill = state.waybillByKey.get(key);
    return waybill === undefined || waybill === head.logisticsNo
      ? undefined
      : state.cases.get(waybill);
  };
  if (holder(guidKey(head.guid)) !== undefined) {
    return refused("guidReused", "guid", "belongs to the manifest of another waybill");
  }
  const isLive = (key: string): boolean => holder(key)?.end === null;
  if (isLive(copKey(head))) {
    return refused("copNoReused", "copNo", "belongs to the manifest of another waybill");
  }
  return isLive(orderKey(head))
    ? refused("orderHasManifest", "orderNo", "has a manifest with another waybill")
    : null;
}

/** Whether a manifest may take the place of the one its waybill has. Null when it may. */
function findObstacle(manifest: CebManifest, held: ManifestCase, hash: string): Outcome | null {
  const { head } = manifest;
  if (held.hash === hash) return takenWith("repeated", "already held, nothing changed");
  const isSameGuid = held.guid === head.guid.toUpperCase();
  if (held.end !== null) {
    return held.end.kind === "transferred" || isSameGuid
      ? refused(
          "frozen",
          "guid",
          `manifest has ended (${held.end.kind}); a new one needs a new guid`,
        )
      : null;
  }
  if (held.activation !== null) {
    const words = "has an activated manifest; a correction is a new version through customs";
    return refused("frozen", "logisticsNo", words);
  }
  if (head.appType !== "2") {
    return isSameGuid
      ? refused("exists", "guid", "is held already with other content")
      : refused("waybillHasManifest", "logisticsNo", "has a stored manifest");
  }
  const isSameManifest = isSameGuid || copKey(held.manifest.head) === copKey(head);
  if (!isSameManifest) return refused("waybillHasManifest", "logisticsNo", "has a stored manifest");
  return head.appTime < held.manifest.head.appTime
    ? refused("exists", "appTime", "is older than what is held")
    : null;
}

function deleteManifest(work: Workspace, manifest: CebManifest): Outcome {
  const held = work.state.cases.get(manifest.head.logisticsNo);
  const isSame =
    held !== undefined &&
    (held.guid === manifest.head.guid.toUpperCase() ||
      copKey(held.manifest.head) === copKey(manifest.head));
  if (!isSame) return refused("nothingToDelete", "guid", "is not held here");
  if (held.end !== null) return takenWith("repeated", "has ended already");
  if (held.activation !== null) {
    return refused("frozen", "guid", "is activated; cancel it through customs");
  }
  settle(work, { ...held, end: { kind: "void", why: "deleted" } });
  return taken;
}

/** Stores a manifest (STORED 暂存), in place of an editable one or after one that has ended. */
export function takeManifest(work: Workspace, manifest: CebManifest): Outcome {
  const { state, rules, at } = work;
  if (manifest.head.appType === "3") return deleteManifest(work, manifest);
  const waybill = manifest.head.logisticsNo;
  const hash = contentHash(manifest);
  const held = state.cases.get(waybill);
  const obstacle = held === undefined ? null : findObstacle(manifest, held, hash);
  if (obstacle !== null) return obstacle;
  const collision = findCollision(work, manifest);
  if (collision !== null) return collision;
  if (held === undefined && state.cases.size >= rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${state.cases.size} of them, the most allowed`);
  }
  if (held !== undefined) forget(work, held);
  const isNext = held !== undefined && held.end !== null;
  const stored: ManifestCase = {
    waybill,
    guid: manifest.head.guid.toUpperCase(),
    manifest,
    hash,
    generation: (held?.generation ?? 0) + (isNext ? 1 : 0),
    activation: null,
    end: null,
    customs: isNext || held === undefined ? noCustomsWord : held.customs,
    acts: isNext || held === undefined ? [] : held.acts,
    discharged: isNext || held === undefined ? new Set() : held.discharged,
    record: held?.record ?? null,
    state: held?.state ?? null,
  };
  for (const key of keysOf(manifest)) state.waybillByKey.set(key, waybill);
  state.storedUntil.delete(waybill);
  state.storedUntil.set(waybill, epochMs(at + rules.config.storedWaitMs));
  settleNew(work, stored, held?.activation?.acceptance ?? null);
  return taken;
}

/** Gives a new manifest what has waited for it: the carrier's acceptance, customs' receipts. */
function settleNew(work: Workspace, stored: ManifestCase, former: Acceptance | null): void {
  const { state } = work;
  const { head } = stored.manifest;
  let each = stored;
  for (const parked of parkedFor(work, keysOf(stored.manifest))) {
    unpark(work, parked);
    each = withReceipt(work, each, parked.receipt).each;
  }
  const key = carriageKey(head.logisticsCode, head.logisticsNo);
  if (each.end !== null) {
    settle(work, each);
    return;
  }
  const parked = state.parkedAcceptances.get(key)?.acceptance;
  state.parkedAcceptances.delete(key);
  const acceptance = parked ?? (former?.carrierCode === head.logisticsCode ? former : null);
  settle(work, acceptance === null ? each : activated(work, each, acceptance));
}

/**
 * Activates: from here on the content is enforcement data (定期申报清单, ZJG-17, ZJG-18). Goods and
 * random draws are judged now, under the parameter version in force now.
 */
function activated(work: Workspace, each: ManifestCase, acceptance: Acceptance): ManifestCase {
  const parameters = parametersAt(work.rules, work.at);
  const { drawSecretHex, inspectionRate, machinePassRatio, version } = parameters;
  const reasons: Reason[] = [...goodsReasons(each.manifest, parameters.compiled)];
  if (isDrawn(drawSecretHex, each.guid, inspectionRate)) {
    reasons.push({ code: "randomControl", params: { rules: version } });
  }
  tell(work, "activated", each.waybill, { guid: each.guid, hash: each.hash, rules: version });
  return {
    ...each,
    activation: {
      at: work.at,
      acceptance,
      rulesVersion: version,
      reasons,
      machineInspectionRequired: isDrawn(
        drawSecretHex,
        `machinePass/${each.guid}`,
        machinePassRatio,
      ),
      comparison: { outcome: "waiting", missing: [] },
    },
  };
}

/** The carrier's event (收寄): activates the stored manifest, or waits for it. */
export function takeAcceptance(work: Workspace, acceptance: Acceptance): Outcome {
  const { state, rules, at } = work;
  const key = carriageKey(acceptance.carrierCode, acceptance.waybill);
  const each = state.cases.get(acceptance.waybill);
  const isMatch = each?.manifest.head.logisticsCode === acceptance.carrierCode;
  if (each !== undefined && isMatch && each.end === null) {
    if (each.activation !== null) return takenWith("repeated", "the manifest is activated already");
    settle(work, activated(work, each, acceptance));
    return taken;
  }
  if (state.parkedAcceptances.has(key))
    return takenWith("repeated", "waits for its manifest already");
  if (state.parkedAcceptances.size >= rules.config.parkedMax) {
    return refused("storeFull", null, `${rules.config.parkedMax} acceptances wait already`);
  }
  const dueAt = epochMs(at + rules.config.storedWaitMs);
  state.parkedAcceptances.set(key, { acceptance, dueAt });
  return takenWith("parked", "no stored manifest of this carrier and waybill yet");
}
