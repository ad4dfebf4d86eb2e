import type { CebManifestReturn } from "../../protocols/ceb/messages.ts";
import { epochMs } from "../../protocols/units.ts";
import { isStatusKnown, joinReceipt } from "./customs-status.ts";
import { digestReturn, type ReturnDigest } from "./digests.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import type { ManifestCase, ParkedReceipt } from "./state.ts";
import { settle, surroundingsOf, tell, type Workspace } from "./workspace.ts";

/**
 * The receipt is older than this manifest, and the waybill has had another manifest before it: then
 * it speaks of that one.
 */
const isOfFormerVersion = (each: ManifestCase, { time }: ReturnDigest): boolean =>
  each.generation > 0 && time.slice(0, 14) < each.manifest.appTime;

/** Joins a receipt into a manifest's case; the caller settles the case. */
export function withReceipt(
  work: Workspace,
  each: ManifestCase,
  receipt: ReturnDigest,
): { readonly each: ManifestCase; readonly outcome: Outcome } {
  const { status, time, invtKey } = receipt;
  const { waybill } = each.manifest;
  if (isOfFormerVersion(each, receipt)) {
    return { each, outcome: takenWith("olderVersion", "speaks of the manifest before this one") };
  }
  if (!isStatusKnown(status)) tell(work, "customsStatusUnknown", waybill, { status });
  if (invtKey !== null && !work.state.waybillByKey.has(invtKey)) {
    work.state.waybillByKey.set(invtKey, waybill);
  }
  const { said, effect } = joinReceipt(each.customs, receipt);
  if (surroundingsOf(work, each).isReleased) tell(work, "receiptAfterRelease", waybill, { status });
  const next: ManifestCase = { ...each, customs: said };
  if (effect === "applied") {
    tell(work, "customsStatus", waybill, { status, time });
    return { each: next, outcome: taken };
  }
  const words = effect === "repeated" ? "already held, nothing changed" : "a newer receipt is held";
  return { each: next, outcome: takenWith(effect, words) };
}

/** Customs' receipt (CEB604) for the manifest that one of its numbers names. */
export function takeManifestReturn(work: Workspace, document: CebManifestReturn): Outcome {
  const { state } = work;
  const receipt = digestReturn(document);
  const waybills = new Set<string>();
  for (const key of receipt.keys) {
    const waybill = state.waybillByKey.get(key);
    if (waybill !== undefined) waybills.add(waybill);
  }
  const [waybill, other] = waybills;
  if (other !== undefined) {
    const words = "names one manifest, another number of the receipt names a different one";
    return refused("correlationConflict", "copNo", words);
  }
  const each = waybill === undefined ? undefined : state.cases.get(waybill);
  if (each === undefined) return park(work, receipt, document.head.copNo);
  const joined = withReceipt(work, each, receipt);
  settle(work, joined.each);
  return joined.outcome;
}

function park(work: Workspace, receipt: ReturnDigest, copNo: string): Outcome {
  const { state, rules, at } = work;
  const { keys } = receipt;
  if (keys.length === 0) {
    return refused("correlationConflict", "copNo", "is empty, and so are invtNo and orderNo");
  }
  if (state.parkedReceipts.size >= rules.config.parkedMax) {
    return refused("storeFull", null, `${rules.config.parkedMax} receipts wait already`);
  }
  const parked = { receipt, dueAt: epochMs(at + rules.config.storedWaitMs) };
  state.parkedReceipts.add(parked);
  for (const key of keys) {
    const atKey = state.parkedReceiptsByKey.get(key);
    if (atKey === undefined) state.parkedReceiptsByKey.set(key, new Set([parked]));
    else atKey.add(parked);
  }
  tell(work, "receiptUnmatched", null, { copNo });
  return takenWith("parked", "no manifest with its copNo, invtNo or orderNo yet");
}

/** Ends a receipt's wait. */
export function unpark({ state }: Workspace, parked: ParkedReceipt): void {
  state.parkedReceipts.delete(parked);
  for (const key of parked.receipt.keys) {
    const atKey = state.parkedReceiptsByKey.get(key);
    atKey?.delete(parked);
    if (atKey?.size === 0) state.parkedReceiptsByKey.delete(key);
  }
}

/** Receipts that wait for a manifest with one of these keys. */
export function parkedFor({ state }: Workspace, keys: readonly string[]): readonly ParkedReceipt[] {
  const found = new Set<ParkedReceipt>();
  for (const key of keys) {
    for (const parked of state.parkedReceiptsByKey.get(key) ?? []) found.add(parked);
  }
  return [...found];
}
