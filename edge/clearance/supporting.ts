import type { CebOrder, CebMoneyReceipt, CebWaybill } from "../../protocols/ceb/messages.ts";
import { waybillAsWritten } from "../../protocols/clearance.ts";
import {
  carriageKey,
  codeAsWritten,
  digestOrder,
  digestMoneyReceipt,
  digestWaybill,
  moneyKeyOf,
  orderKeyOf,
  type OrderDigest,
  type MoneyReceiptDigest,
  type WaybillDigest,
} from "./digests.ts";
import { refusalOf, refusalOfMoney } from "./document-refusals.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { leftRefused } from "./retention.ts";
import { endOf, type ManifestCase } from "./state.ts";
import { noteUnnamed, whyNumberEnded } from "./unnamed.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

type Digest = OrderDigest | MoneyReceiptDigest | WaybillDigest;
type AppType = CebOrder["head"]["appType"];

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

interface Incoming<D extends Digest> {
  readonly key: string;
  /** The order that this document names; a waybill names none, so it is null there. */
  readonly orderNo: string | null;
  readonly digest: D;
  readonly appType: AppType;
  /** Customs has refused the one that is held, so nothing relies on it and another may follow. */
  readonly isRefused: boolean;
}

/**
 * What becomes of a document when one with the same number may be there already. New ones do not
 * replace; changes replace an older one; what a manifest relies on is left alone.
 */
function judge(
  { digest, appType, isRefused }: Incoming<Digest>,
  held: Digest | undefined,
  isReliedOn: boolean,
): Verdict {
  if (held === undefined) {
    return appType === "3" ? refused("nothingToDelete", "guid", "is not held here") : "put";
  }
  if (appType !== "3" && isSame(digest, held)) {
    return takenWith("repeated", "already held, nothing changed");
  }
  if (isReliedOn && !isRefused)
    return refused("frozen", "guid", "would change what an activated manifest relies on");
  if (appType === "1" && !isRefused)
    return refused("exists", "guid", "is new, its number is held already");
  if (digest.appTime < held.appTime) {
    return refused("exists", "appTime", "is older than what is held");
  }
  return appType === "3" ? "drop" : "put";
}

/** Writes one document into its map, within its bound, and settles the manifest it belongs to. */
function place<D extends Digest>(
  work: Workspace,
  map: Map<string, D>,
  incoming: Incoming<D>,
  belongsTo: ManifestCase | undefined,
): Outcome {
  const { key, digest, orderNo } = incoming;
  if (belongsTo?.left !== undefined) return leftRefused("guid", belongsTo);
  const ended = whyNumberEnded(work.state, key, orderNo === null ? "logisticsNo" : "orderNo");
  if (ended !== null) return ended;
  const held = map.get(key);
  const verdict = judge(incoming, held, isReliedOn(belongsTo));
  if (verdict === "drop") map.delete(key);
  else if (verdict !== "put") return verdict;
  else if (held === undefined && map.size >= work.rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${map.size} of them, the most allowed`);
  } else map.set(key, digest);
  if (belongsTo !== undefined) settle(work, belongsTo);
  else noteUnnamed(work, key, orderNo);
  return taken;
}

export function takeOrder(work: Workspace, order: CebOrder): Outcome {
  const key = orderKeyOf(order.head);
  const isRefused = refusalOf(work.state, key) !== null;
  const { appType, orderNo } = order.head;
  const incoming = { key, orderNo, digest: digestOrder(order), appType, isRefused };
  return place(work, work.state.orders, incoming, caseOfOrder(work, key));
}

export function takeWaybill(work: Workspace, document: CebWaybill): Outcome {
  const { logisticsCode, logisticsNo, appType } = document.head;
  const each = work.state.cases.get(waybillAsWritten(logisticsNo));
  const belongsTo = each?.manifest.carrierCode === codeAsWritten(logisticsCode) ? each : undefined;
  const key = carriageKey(logisticsCode, logisticsNo);
  const isRefused = refusalOf(work.state, key) !== null;
  const digest = digestWaybill(document);
  const incoming = { key, orderNo: null, digest, appType, isRefused };
  return place(work, work.state.waybills, incoming, belongsTo);
}

/**
 * An order has one receipt of money. A second one is refused and told, and changes nothing: whoever
 * could return a manifest by paying twice could shed what was found on its parcel. Customs' refusal
 * of the first makes room.
 */
export function takeMoneyReceipt(work: Workspace, receipt: CebMoneyReceipt): Outcome {
  const { moneyReceipts } = work.state;
  const { head } = receipt;
  const key = orderKeyOf(head);
  const digest = digestMoneyReceipt(receipt);
  const held = moneyReceipts.get(key);
  const belongsTo = caseOfOrder(work, key);
  if (belongsTo?.left !== undefined) return leftRefused("guid", belongsTo);
  const isRefused = held !== undefined && refusalOfMoney(work.state, held, head.orderNo) !== null;
  if (held !== undefined && held.guid !== digest.guid && !isRefused) {
    const { orderNo } = head;
    tell(work, "duplicateReceipt", belongsTo?.manifest.waybill ?? null, { orderNo });
    return refused("duplicateReceipt", "orderNo", `has a receipt of money already (${held.guid})`);
  }
  const incoming = { key, orderNo: head.orderNo, digest, appType: head.appType, isRefused };
  const outcome = place(work, moneyReceipts, incoming, belongsTo);
  watchPaid(work.state, head, held);
  return outcome;
}

/**
 * Keeps the orders that have a receipt of money in agreement with the receipts that are held.
 * `former`: the one that this order had before; a change may be of another seller.
 */
function watchPaid(
  { moneyReceipts, ordersPaid }: Workspace["state"],
  head: CebMoneyReceipt["head"],
  former: MoneyReceiptDigest | undefined,
): void {
  const key = orderKeyOf(head);
  const paidKeyOf = ({ merchant }: MoneyReceiptDigest): string =>
    moneyKeyOf(merchant.code, head.orderNo, "");
  const held = moneyReceipts.get(key);
  if (held === former) return;
  if (former !== undefined) {
    const paid = ordersPaid.get(paidKeyOf(former));
    paid?.delete(key);
    if (paid?.size === 0) ordersPaid.delete(paidKeyOf(former));
  }
  if (held !== undefined) {
    const paid = ordersPaid.get(paidKeyOf(held)) ?? new Set();
    ordersPaid.set(paidKeyOf(held), paid.add(key));
  }
}
