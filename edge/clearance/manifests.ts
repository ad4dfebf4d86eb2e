import { buildDayAt } from "../../protocols/build-day.ts";
import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type { CebManifest } from "../../protocols/ceb/messages.ts";
import type { Reason } from "../../protocols/reasons.ts";
import { epochMs } from "../../protocols/units.ts";
import { differingField, forgetNumber, keepNumber, whyNumberReused } from "./acceptance-numbers.ts";
import { crowdedNumber, forgetNumbers, noteNumbers } from "./by-number.ts";
import { withParked } from "./customs-receipts.ts";
import { noCustomsWord } from "./customs-status.ts";
import {
  carriageKey,
  codeAsWritten,
  digestManifest,
  keysOfManifest,
  type ManifestDigest,
} from "./digests.ts";
import { isClosed, legacyOf } from "./findings.ts";
import { noLegacy, type Legacy } from "./open-reason.ts";
import { goodsReasons } from "./licence-rules.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { parametersAt } from "./parameters.ts";
import { leftRefused } from "./retention.ts";
import { casesHeld, keysMaxOf, sizesOf } from "./room.ts";
import { endOf, type ManifestCase, type NumberedAcceptance } from "./state.ts";
import { named, namedNoMore, whyNumbersEnded } from "./unnamed.ts";
import {
  arrivalOf,
  holdsItsNumbers,
  settle,
  tell,
  tellRevived,
  type Workspace,
} from "./workspace.ts";

function forget({ state }: Workspace, { manifest }: ManifestCase): void {
  for (const key of keysOfManifest(manifest)) {
    if (state.waybillByKey.get(key) === manifest.waybill) state.waybillByKey.delete(key);
  }
  forgetNumbers(state, keysOfManifest(manifest), manifest.waybill);
}

/** Another manifest that already stands under one of this one's numbers. */
function findCollision({ state }: Workspace, manifest: ManifestDigest): Outcome | null {
  const holder = (key: string): ManifestCase | undefined => {
    const waybill = state.waybillByKey.get(key);
    return waybill === undefined || waybill === manifest.waybill
      ? undefined
      : state.cases.get(waybill);
  };
  const isLive = (held: ManifestCase | undefined): boolean =>
    held !== undefined && (endOf(held) === null || held.left !== undefined);
  if (isLive(holder(manifest.copKey))) {
    return refused("copNoReused", "copNo", "belongs to the manifest of another waybill");
  }
  return isLive(holder(manifest.orderKey))
    ? refused("orderHasManifest", "orderNo", "has a manifest with another waybill")
    : null;
}

/** Stored, and voided by nothing but the time that it waited. */
const isExpired = ({ end }: ManifestCase): boolean => end?.kind === "void" && end.why === "expired";

const isSameAndExpired = (next: ManifestDigest, held: ManifestCase): boolean =>
  isExpired(held) && held.manifest.hash === next.hash;

/** Begins the wait for the carrier's acceptance. */
function storeAnew({ state, rules, passedAt }: Workspace, waybill: string): void {
  state.storedUntil.delete(waybill);
  state.storedUntil.set(waybill, epochMs(passedAt + rules.config.storedWaitMs));
}

const isSameManifest = (a: ManifestDigest, b: ManifestDigest): boolean =>
  a.guid === b.guid || a.copKey === b.copKey;

/** Names the manifest in the way, for a sender who spells the waybill in another way. */
const heldAs = ({ waybill, guid }: ManifestDigest): string =>
  `is held as ${waybill}, whose manifest ${guid}`;

/** Whether a manifest may take the place of the one its waybill has. Null when it may. */
function findObstacle(
  next: ManifestDigest,
  appType: CebManifest["head"]["appType"],
  held: ManifestCase,
): Outcome | null {
  const { manifest, activation } = held;
  const end = endOf(held);
  if (manifest.hash === next.hash && end === null) {
    return takenWith("repeated", "already held, nothing changed");
  }
  if (held.left !== undefined) {
    return manifest.hash === next.hash
      ? takenWith("repeated", "is in the archive, nothing changed")
      : leftRefused("logisticsNo", held);
  }
  // Only a wait has ended it, so the same manifest may wait once more.
  if (isSameAndExpired(next, held)) return null;
  const isSameGuid = manifest.guid === next.guid;
  if (end === null && manifest.carrierCode !== next.carrierCode) {
    const words = `is held as ${manifest.waybill} of carrier ${manifest.carrierCode}`;
    return refused("waybillOfOtherCarrier", "logisticsNo", words);
  }
  if (end !== null) {
    const words = `belongs to a manifest that has ended (${end}); a new one needs a new guid`;
    return end === "transferred" || isSameGuid ? refused("frozen", "guid", words) : null;
  }
  if (activation !== null) {
    const words = `${heldAs(manifest)} is activated; a correction is a new version through customs`;
    return refused("frozen", "logisticsNo", words);
  }
  if (appType !== "2" && isSameGuid) {
    return refused("exists", "guid", "is held already with other content");
  }
  if (appType !== "2" || !isSameManifest(manifest, next)) {
    return refused("waybillHasManifest", "logisticsNo", `${heldAs(manifest)} is stored`);
  }
  return next.appTime < manifest.appTime
    ? refused("exists", "appTime", "is older than what is held")
    : null;
}

function deleteManifest(work: Workspace, manifest: ManifestDigest): Outcome {
  const held = work.state.cases.get(manifest.waybill);
  if (held === undefined || !isSameManifest(held.manifest, manifest)) {
    return refused("nothingToDelete", "guid", "is not held here");
  }
  if (held.left !== undefined) return leftRefused("guid", held);
  const end = endOf(held);
  if (end === "void" && !isExpired(held)) return takenWith("repeated", "is deleted already");
  if (end !== null && end !== "void") {
    return refused("frozen", "guid", `belongs to a manifest that has ended (${end})`);
  }
  if (isClosed(held)) return refused("frozen", "guid", "is closed by customs (899)");
  if (held.activation !== null) {
    return refused("frozen", "guid", "is activated; cancel it through customs");
  }
  settle(work, { ...held, end: { kind: "void", why: "deleted" } });
  return taken;
}

/** Shared by all cases without acts, because most manifests never get any. */
const noActs: ManifestCase["acts"] = [];
const nothingDischarged: ManifestCase["discharged"] = new Set();

/** When a manifest was declared, in 14 digits; one that claims to be younger is as old as its coming. */
function sinceOf({ appTime }: ManifestDigest, arrivedAt: string): string {
  const arrived = arrivedAt.slice(0, 14);
  return appTime < arrived ? appTime : arrived;
}

/** What customs claims to have said in our future tells nothing about when a manifest began. */
function legacyUntil(held: ManifestCase, arrivedAt: string): Legacy {
  const legacy = legacyOf(held);
  return legacy.saidUntil > arrivedAt ? { ...legacy, saidUntil: arrivedAt } : legacy;
}

/** What customs has said of a manifest as it was is no word on what it is changed into. */
function isHeldOnBy(next: ManifestDigest, held: ManifestCase): boolean {
  if (isSameAndExpired(next, held)) return true;
  const { latest, unread } = held.customs;
  const isUnsaid = latest === null && (unread.length === 0 || next.copKey === held.manifest.copKey);
  return endOf(held) === null && isUnsaid;
}

/**
 * The case of a new manifest, or of one that is changed while it may still be edited. A new one has
 * from its forerunners what they left on the parcel.
 */
function storedCase(
  manifest: ManifestDigest,
  held: ManifestCase | undefined,
  work: Workspace,
): ManifestCase {
  const arrivedAt = arrivalOf(work);
  const since = sinceOf(manifest, arrivedAt);
  const isHeldOn = held !== undefined && isHeldOnBy(manifest, held);
  if (isHeldOn) return { ...held, end: null, manifest, since };
  return {
    manifest,
    generation: held === undefined ? 0 : held.generation + 1,
    since,
    legacy: held === undefined ? noLegacy : legacyUntil(held, arrivedAt),
    activation: null,
    end: null,
    customs: noCustomsWord,
    acts: noActs,
    discharged: nothingDischarged,
    record: held?.record ?? null,
    state: held?.state ?? null,
  };
}

function whyNoRoom(
  { state, rules }: Workspace,
  manifest: ManifestDigest,
  held: ManifestCase | undefined,
): Outcome | null {
  const { documentsMax } = rules.config;
  if (held === undefined && casesHeld(sizesOf(state)) >= documentsMax) {
    return refused(
      "storeFull",
      null,
      `holds ${casesHeld(sizesOf(state))} of them, the most allowed`,
    );
  }
  const keys = keysOfManifest(manifest);
  const { size } = state.waybillByKey;
  if (size + keys.length > keysMaxOf(sizesOf(state), rules.config)) {
    return refused("storeFull", null, `holds ${size} numbers of them, the most allowed`);
  }
  return crowdedNumber(state, keys, manifest.waybill) === null
    ? null
    : refused("storeFull", "orderNo", "or copNo is a number that too many manifests have");
}

/** Stores a manifest (STORED 暂存), in place of an editable one or after one that has ended. */
export function takeManifest(work: Workspace, document: CebManifest): Outcome {
  const { state } = work;
  const manifest = digestManifest(document);
  const { appType } = document.head;
  if (appType === "3") return deleteManifest(work, manifest);
  const { waybill } = manifest;
  const held = state.cases.get(waybill);
  const obstacle = held === undefined ? null : findObstacle(manifest, appType, held);
  if (obstacle !== null) return obstacle;
  const collision = findCollision(work, manifest);
  if (collision !== null) return collision;
  const ended = whyNumbersEnded(state, manifest);
  if (ended !== null) return ended;
  const full = whyNoRoom(work, manifest, held);
  if (full !== null) return full;
  if (held !== undefined) forget(work, held);
  for (const key of keysOfManifest(manifest)) state.waybillByKey.set(key, waybill);
  noteNumbers(state, keysOfManifest(manifest), waybill);
  named(state, manifest);
  if (held !== undefined) namedNoMore(work, held.manifest, manifest);
  storeAnew(work, waybill);
  settleNew(work, storedCase(manifest, held, work), held?.activation ?? null);
  return taken;
}

/** Gives a new manifest what has waited for it: the carrier's acceptance, customs' receipts. */
function settleNew(work: Workspace, stored: ManifestCase, former: NumberedAcceptance | null): void {
  const { state } = work;
  const { carrierCode, waybill } = stored.manifest;
  const each = withParked(work, stored, keysOfManifest(stored.manifest));
  const key = carriageKey(carrierCode, waybill);
  const parked = state.parkedAcceptances.get(key);
  state.parkedAcceptances.delete(key);
  const isSameCarrier =
    former !== null && codeAsWritten(former.acceptance.carrierCode) === carrierCode;
  const next = parked ?? (isSameCarrier ? former : null);
  if (former !== null && former !== next) forgetNumber(state, former);
  if (next === null) return settle(work, each);
  settle(work, activated(work, each, keepNumber(state, next.acceptance, next.isNumbered)));
}

/**
 * Activates: from here on the content is enforcement data (定期申报清单, ZJG-17, ZJG-18). Goods and
 * random draws are judged now, under the parameter version in force now. Lots are drawn for the
 * parcel (its waybill and carrier) and not for the manifest, so that declaring it anew draws no
 * other lot.
 */
function activated(
  work: Workspace,
  each: ManifestCase,
  { acceptance, isNumbered }: NumberedAcceptance,
): ManifestCase {
  const parameters = parametersAt(work.rules, work.datesAt);
  const { draw, inspectionRate, machinePassRatio, version } = parameters;
  const { guid, hash, waybill, carrierCode } = each.manifest;
  // As journals show it, and an auditor draws it again.
  const parcel = `${carrierCode}/${waybill}`;
  const reasons: Reason[] = [...goodsReasons(each.manifest, parameters.compiled)];
  if (draw(`control/${parcel}`, inspectionRate)) {
    reasons.push({ code: "randomControl", params: { rules: version } });
  }
  tell(work, "activated", waybill, { guid, hash, rules: version });
  return {
    ...each,
    activation: {
      at: work.at,
      acceptance,
      isNumbered,
      rulesVersion: version,
      reasons,
      machineInspectionRequired: draw(`machinePass/${parcel}`, machinePassRatio),
      comparison: { outcome: "waiting", missing: [], refused: null },
    },
  };
}

/**
 * A carrier's clock may be wrong, or be set to another time zone. A time further ahead than this
 * cannot be believed.
 */
const acceptedAheadMsMax = 24 * 3_600_000;

/** The manifest is activated: the same event again is a repeat, another one is refused. */
function acceptedAlready(held: Acceptance, acceptance: Acceptance): Outcome {
  const field = differingField(held, acceptance);
  if (field === null) return takenWith("repeated", "the manifest is activated already");
  const words = `differs from acceptance ${held.acceptanceId}, which has activated the manifest`;
  return refused("frozen", field, words);
}

/** Activates the manifest that is held; null when the acceptance has to wait for the next one. */
function acceptHeld(work: Workspace, held: ManifestCase, acceptance: Acceptance): Outcome | null {
  const { activation, end } = held;
  if (activation !== null) {
    const isOver = endOf(held) !== null && held.left === undefined;
    return isOver ? null : acceptedAlready(activation.acceptance, acceptance);
  }
  if (held.left !== undefined) return leftRefused("waybill", held);
  // Only a wait has ended it, and this is what it waited for.
  const isRevived = isExpired(held) && holdsItsNumbers(work, held);
  if (end !== null && !isRevived) return null;
  if (isRevived) tellRevived(work, held);
  settle(work, activated(work, { ...held, end: null }, keepNumber(work.state, acceptance)));
  return taken;
}

/** The carrier's event (收寄): activates the stored manifest, or waits for it. */
export function takeAcceptance(work: Workspace, acceptance: Acceptance): Outcome {
  const { state, rules, at, passedAt, isCalendarProved } = work;
  const reused = whyNumberReused(state, acceptance);
  if (reused !== null) return reused;
  // A calendar of ours that was set back, or was never right, is no word against the carrier's.
  const aheadMs = acceptance.acceptedAt - Math.max(at, passedAt);
  if ((isCalendarProved || at >= buildDayAt) && aheadMs > acceptedAheadMsMax) {
    return refused("timeAhead", "acceptedAt", "lies more than a day ahead of the centre's clock");
  }
  const key = carriageKey(acceptance.carrierCode, acceptance.waybill);
  const held = state.cases.get(acceptance.waybill);
  const isMatch = held?.manifest.carrierCode === codeAsWritten(acceptance.carrierCode);
  const accepted = held !== undefined && isMatch ? acceptHeld(work, held, acceptance) : null;
  if (accepted !== null) return accepted;
  if (state.parkedAcceptances.has(key))
    return takenWith("repeated", "waits for its manifest already");
  if (state.parkedAcceptances.size >= rules.config.parkedMax) {
    return refused("storeFull", null, `${rules.config.parkedMax} acceptances wait already`);
  }
  const dueAt = epochMs(passedAt + rules.config.storedWaitMs);
  state.parkedAcceptances.set(key, { ...keepNumber(state, acceptance), dueAt });
  return takenWith("parked", "no stored manifest of this carrier and waybill yet");
}
