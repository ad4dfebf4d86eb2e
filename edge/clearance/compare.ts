import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type { ClearanceConfig, DocumentKind } from "./config.ts";
import type { ManifestDigest, OrderDigest, MoneyReceiptDigest, WaybillDigest } from "./digests.ts";

/** The documents that were found for a manifest. */
export interface Documents {
  readonly order: OrderDigest | null;
  /** All receipts of money for the order: more than one is a fault. */
  readonly receipts: readonly MoneyReceiptDigest[];
  readonly waybill: WaybillDigest | null;
  readonly acceptance: Acceptance;
}

/** Where several differences are told, they are told in this order. */
const differences = [
  "currency",
  "amount",
  "orderSum",
  "receiptAmount",
  "duplicateReceipt",
  "weight",
  "pieces",
  "acceptedWeight",
  "acceptedPieces",
] as const;
type Difference = (typeof differences)[number];

export type Comparison =
  | { readonly outcome: "waiting"; readonly missing: readonly DocumentKind[] }
  | { readonly outcome: "matched" }
  | { readonly outcome: "differs"; readonly differences: readonly Difference[] };

const matched: Comparison = { outcome: "matched" };

/** Amounts are compared as texts: a decimal has one spelling only. */
function orderDifferences(manifest: ManifestDigest, order: OrderDigest): Difference[] {
  const found: Difference[] = [];
  const isOneCurrency = order.currency !== null && manifest.currency === order.currency;
  if (!isOneCurrency) found.push("currency");
  if (manifest.total !== order.goodsValue) found.push("amount");
  if (order.listTotal !== order.goodsValue) found.push("orderSum");
  return found;
}

function receiptDifferences(
  manifest: ManifestDigest,
  order: OrderDigest | null,
  receipts: readonly MoneyReceiptDigest[],
): Difference[] {
  const found: Difference[] = [];
  if (receipts.length > 1) found.push("duplicateReceipt");
  for (const { charge, currency } of receipts) {
    if (currency !== manifest.currency) found.push("currency");
    if (order !== null && charge !== order.due) found.push("receiptAmount");
  }
  return found;
}

/**
 * The weights were taken by different people on different scales, so they may differ by a share or
 * by some grams, whichever is more.
 */
function isWeightClose(aG: number, bG: number, config: ClearanceConfig): boolean {
  const allowedG = Math.max(config.weightToleranceG, (bG * config.weightTolerancePct) / 100);
  return Math.abs(aG - bG) <= allowedG;
}

function carriageDifferences(
  manifest: ManifestDigest,
  { waybill, acceptance }: Documents,
  config: ClearanceConfig,
): Difference[] {
  const found: Difference[] = [];
  const declaredG = manifest.grossWeightG;
  if (waybill !== null) {
    if (!isWeightClose(waybill.grossWeightG, declaredG, config)) found.push("weight");
    if (waybill.pieces !== manifest.pieces) found.push("pieces");
  }
  if (!isWeightClose(acceptance.weightG, declaredG, config)) found.push("acceptedWeight");
  if (acceptance.pieces !== manifest.pieces) found.push("acceptedPieces");
  return found;
}

/**
 * Compares the documents with the manifest (三单比对, ZJG-19). What is there is compared at once;
 * what the trade mode needs and is not there yet is waited for, which is no difference.
 */
export function compareDocuments(
  manifest: ManifestDigest,
  documents: Documents,
  config: ClearanceConfig,
): Comparison {
  const needed = config.documentMatrix[manifest.tradeMode];
  const { order, receipts, waybill } = documents;
  const found = new Set<Difference>([
    ...(order === null ? [] : orderDifferences(manifest, order)),
    ...receiptDifferences(manifest, order, receipts),
    ...carriageDifferences(manifest, documents, config),
  ]);
  if (found.size > 0) {
    return { outcome: "differs", differences: differences.filter((each) => found.has(each)) };
  }
  const has = { order: order !== null, receipt: receipts.length > 0, waybill: waybill !== null };
  const missing = needed.filter((kind) => !has[kind]);
  return missing.length > 0 ? { outcome: "waiting", missing } : matched;
}

/**
 * A difference once seen stays: a returned manifest is not brought back by changing the documents
 * under it (ZJG-19). Otherwise the newer comparison counts.
 */
export function joinComparisons(former: Comparison, next: Comparison): Comparison {
  if (former.outcome !== "differs") return next;
  const seen = new Set([
    ...former.differences,
    ...(next.outcome === "differs" ? next.differences : []),
  ]);
  return { outcome: "differs", differences: differences.filter((each) => seen.has(each)) };
}
