import type { CebOrder, CebReceipt, CebWaybill } from "../../protocols/ceb/messages.ts";
import { contentOf } from "./content.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { carriageKey, orderKey, type ManifestCase } from "./state.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

type SupportingDocument = CebOrder | CebReceipt | CebWaybill;

/** Receipts of money kept for one order; the second already returns the manifest. */
const receiptsPerOrderMax = 4;

const isSame = (a: SupportingDocument, b: SupportingDocument): boolean =>
  contentOf(a) === contentOf(b);

/** The manifest that a document belongs to, if it has come. */
function caseOfOrder({ state }: Workspace, key: string): ManifestCase | undefined {
  const waybill = state.waybillByKey.get(key);
  return waybill === undefined ? undefined : state.cases.get(waybill);
}

/** An activated manifest relies on its documents, so they are as fixed as itself. */
const isReliedOn = (each: ManifestCase | undefined): boolean =>
  each !== undefined && each.activation !== null && each.end === null;

type Verdict = Outcome | "put" | "drop";

/**
 * What becomes of a document when one with the same number may be there already. New ones do not
 * replace; changes replace an older one; what a manifest relies on is left alone.
 */
function judge<D extends SupportingDocument>(
  incoming: D,
  held: D | undefined,
  isFixed: boolean,
  field: string,
): Verdict {
  const { appType, appTime } = incoming.head;
  if (held === undefined) {
    return appType === "3" ? refused("nothingToDelete", field, "is not held here") : "put";
  }
  if (isSame(incoming, held)) return takenWith("repeated", "already held, nothing changed");
  if (isFixed) return refused("frozen", field, "belongs to an activated manifest");
  if (appType === "1") return refused("exists", field, "is held already with other content");
  if (appTime < held.head.appTime)
    return refused("exists", "appTime", "is older than what is held");
  return appType === "3" ? "drop" : "put";
}

/** Writes one document into its map, within its bound, and settles the manifest it belongs to. */
function place<D extends SupportingDocument>(
  work: Workspace,
  map: Map<string, D>,
  key: string,
  document: D,
  belongsTo: ManifestCase | undefined,
): Outcome {
  const field = document.type === "CEB505" ? "logisticsNo" : "orderNo";
  const verdict = judge(document, map.get(key), isReliedOn(belongsTo), field);
  if (verdict === "drop") map.delete(key);
  else if (verdict !== "put") return verdict;
  else if (!map.has(key) && map.size >= work.rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${map.size} of them, the most allowed`);
  } else map.set(key, document);
  if (belongsTo !== undefined) settle(work, belongsTo);
  return taken;
}

export function takeOrder(work: Workspace, order: CebOrder): Outcome {
  const key = orderKey(order.head);
  return place(work, work.state.orders, key, order, caseOfOrder(work, key));
}

export function takeWaybill(work: Workspace, document: CebWaybill): Outcome {
  const { logisticsCode, logisticsNo } = document.head;
  const each = work.state.cases.get(logisticsNo);
  const belongsTo = each?.manifest.head.logisticsCode === logisticsCode ? each : undefined;
  const key = carriageKey(logisticsCode, logisticsNo);
  return place(work, work.state.waybills, key, document, belongsTo);
}

/** An order may have one receipt of money. A second one is kept, and returns the manifest. */
export function takeReceipt(work: Workspace, receipt: CebReceipt): Outcome {
  const { receipts } = work.state;
  const key = orderKey(receipt.head);
  const held = receipts.get(key) ?? [];
  const belongsTo = caseOfOrder(work, key);
  const guid = receipt.head.guid.toUpperCase();
  const former = held.find(({ head }) => head.guid.toUpperCase() === guid);
  const verdict = judge(receipt, former, isReliedOn(belongsTo), "orderNo");
  if (verdict !== "put" && verdict !== "drop") return verdict;
  if (held.length === 0 && receipts.size >= work.rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${receipts.size} of them, the most allowed`);
  }
  const others = held.filter((each) => each !== former);
  if (verdict === "put" && others.length >= receiptsPerOrderMax) {
    return refused("duplicateReceipt", "orderNo", `has ${others.length} receipts of money already`);
  }
  const next = verdict === "put" ? [...others, receipt] : others;
  if (next.length === 0) receipts.delete(key);
  else receipts.set(key, next);
  if (belongsTo !== undefined) settle(work, belongsTo);
  if (next.length < 2) return taken;
  tell(work, "duplicateReceipt", belongsTo?.waybill ?? null, { orderNo: receipt.head.orderNo });
  return takenWith("duplicateReceipt", "the order has another receipt of money");
}
