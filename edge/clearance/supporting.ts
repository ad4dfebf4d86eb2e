import type { CebOrder, CebMoneyReceipt, CebWaybill } from "../../protocols/ceb/messages.ts";
import {
  carriageKey,
  digestOrder,
  digestMoneyReceipt,
  digestWaybill,
  orderKeyOf,
  type OrderDigest,
  type MoneyReceiptDigest,
  type WaybillDigest,
} from "./digests.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { endOf, type ManifestCase } from "./state.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

type Digest = OrderDigest | MoneyReceiptDigest | WaybillDigest;
type AppType = CebOrder["head"]["appType"];

/** Receipts of money kept for one order; the second already returns the manifest. */
const moneyReceiptsPerOrderMax = 4;

/** Whether two documents say the same in everything that is looked at again. */
const isSame = (a: Digest, b: Digest): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The manifest that a document belongs to, if it has come. */
function caseOfOrder({ state }: Workspace, key: string): ManifestCase | undefined {
  const waybill = state.waybillByKey.get(key);
  return waybill === undefined ? undefined : state.cases.get(waybill);
}

/** Once a manifest is activated its documents are fixed as well, because it was judged by them. */
const isReliedOn = (each: ManifestCase | undefined): boolean =>
  each !== undefined && each.activation !== null && endOf(each) === null;

type Verdict = Outcome | "put" | "drop";

/**
 * What becomes of a document when one with the same number may be there already. New ones do not
 * replace; changes replace an older one; what a manifest relies on is left alone.
 */
function judge(
  incoming: Digest,
  appType: AppType,
  held: Digest | undefined,
  isFixed: boolean,
): Verdict {
  if (held === undefined) {
    return appType === "3" ? refused("nothingToDelete", "guid", "is not held here") : "put";
  }
  if (appType !== "3" && isSame(incoming, held)) {
    return takenWith("repeated", "already held, nothing changed");
  }
  if (isFixed)
    return refused("frozen", "guid", "would change what an activated manifest relies on");
  if (appType === "1") return refused("exists", "guid", "is new, its number is held already");
  if (incoming.appTime < held.appTime) {
    return refused("exists", "appTime", "is older than what is held");
  }
  return appType === "3" ? "drop" : "put";
}

/** Writes one document into its map, within its bound, and settles the manifest it belongs to. */
function place<D extends Digest>(
  work: Workspace,
  map: Map<string, D>,
  incoming: { readonly key: string; readonly digest: D; readonly appType: AppType },
  belongsTo: ManifestCase | undefined,
): Outcome {
  const { key, digest, appType } = incoming;
  const held = map.get(key);
  const verdict = judge(digest, appType, held, isReliedOn(belongsTo));
  if (verdict === "drop") map.delete(key);
  else if (verdict !== "put") return verdict;
  else if (held === undefined && map.size >= work.rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${map.size} of them, the most allowed`);
  } else map.set(key, digest);
  if (belongsTo !== undefined) settle(work, belongsTo);
  return taken;
}

export function takeOrder(work: Workspace, order: CebOrder): Outcome {
  const key = orderKeyOf(order.head);
  const incoming = { key, digest: digestOrder(order), appType: order.head.appType };
  return place(work, work.state.orders, incoming, caseOfOrder(work, key));
}

export function takeWaybill(work: Workspace, document: CebWaybill): Outcome {
  const { logisticsCode, logisticsNo, appType } = document.head;
  const each = work.state.cases.get(logisticsNo);
  const belongsTo = each?.manifest.carrierCode === logisticsCode ? each : undefined;
  const key = carriageKey(logisticsCode, logisticsNo);
  const incoming = { key, digest: digestWaybill(document), appType };
  return place(work, work.state.waybills, incoming, belongsTo);
}

/** An order may have one receipt of money. A second one is kept, and returns the manifest. */
export function takeMoneyReceipt(work: Workspace, receipt: CebMoneyReceipt): Outcome {
  const { moneyReceipts } = work.state;
  const key = orderKeyOf(receipt.head);
  const digest = digestMoneyReceipt(receipt);
  const held = moneyReceipts.get(key) ?? [];
  const belongsTo = caseOfOrder(work, key);
  const former = held.find(({ guid }) => guid === digest.guid);
  const verdict = judge(digest, receipt.head.appType, former, isReliedOn(belongsTo));
  if (verdict !== "put" && verdict !== "drop") return verdict;
  if (held.length === 0 && moneyReceipts.size >= work.rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${moneyReceipts.size} of them, the most allowed`);
  }
  const others = held.filter((each) => each !== former);
  if (verdict === "put" && others.length >= moneyReceiptsPerOrderMax) {
    return refused("duplicateReceipt", "orderNo", `has ${others.length} receipts of money already`);
  }
  const next = verdict === "put" ? [...others, digest] : others;
  if (next.length === 0) moneyReceipts.delete(key);
  else moneyReceipts.set(key, next);
  if (belongsTo !== undefined) settle(work, belongsTo);
  if (next.length < 2) return taken;
  tell(work, "duplicateReceipt", belongsTo?.manifest.waybill ?? null, {
    orderNo: receipt.head.orderNo,
  });
  return takenWith("duplicateReceipt", "the order has another receipt of money");
}
