import { compareDecimals, gramsOfKg, sumDecimals } from "../../protocols/ceb/decimal.ts";
import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type {
  CebManifest,
  CebOrder,
  CebReceipt,
  CebWaybill,
} from "../../protocols/ceb/messages.ts";
import type { ClearanceConfig, DocumentKind } from "./config.ts";

/** The documents that were found for a manifest. */
export interface Documents {
  readonly order: CebOrder | null;
  /** All receipts of money for the order: more than one is a fault. */
  readonly receipts: readonly CebReceipt[];
  readonly waybill: CebWaybill | null;
  readonly acceptance: Acceptance;
}

export type Difference =
  | "currency"
  | "amount"
  | "orderSum"
  | "receiptAmount"
  | "duplicateReceipt"
  | "weight"
  | "pieces"
  | "acceptedWeight"
  | "acceptedPieces";

export type Comparison =
  | { readonly outcome: "waiting"; readonly missing: readonly DocumentKind[] }
  | { readonly outcome: "matched" }
  | { readonly outcome: "differs"; readonly differences: readonly Difference[] };

const total = (rows: readonly { readonly totalPrice: string }[]): string =>
  sumDecimals(rows.map((row) => row.totalPrice));

function orderDifferences(manifest: CebManifest, order: CebOrder): Difference[] {
  const differences: Difference[] = [];
  const { goodsValue, currency } = order.head;
  if ([...manifest.list, ...order.list].some((row) => row.currency !== currency)) {
    differences.push("currency");
  }
  if (compareDecimals(total(manifest.list), goodsValue) !== 0) differences.push("amount");
  if (compareDecimals(total(order.list), goodsValue) !== 0) differences.push("orderSum");
  return differences;
}

function receiptDifferences(
  manifest: CebManifest,
  order: CebOrder | null,
  receipts: readonly CebReceipt[],
): Difference[] {
  const differences: Difference[] = [];
  if (receipts.length > 1) differences.push("duplicateReceipt");
  for (const { head } of receipts) {
    const currency = order?.head.currency ?? manifest.list[0]?.currency;
    if (head.currency !== currency) differences.push("currency");
    if (order === null) continue;
    const due = sumDecimals([order.head.goodsValue, order.head.freight]);
    if (compareDecimals(head.charge, due) !== 0) differences.push("receiptAmount");
  }
  return differences;
}

/** Weighed by different people on different scales: the larger of share and grams is allowed. */
function isWeightClose(aG: number, bG: number, config: ClearanceConfig): boolean {
  const allowedG = Math.max(config.weightToleranceG, (bG * config.weightTolerancePct) / 100);
  return Math.abs(aG - bG) <= allowedG;
}

function carriageDifferences(
  manifest: CebManifest,
  { waybill, acceptance }: Documents,
  config: ClearanceConfig,
): Difference[] {
  const differences: Difference[] = [];
  const declaredG = gramsOfKg(manifest.head.grossWeight);
  if (waybill !== null) {
    const waybillG = gramsOfKg(waybill.head.grossWeight);
    if (!isWeightClose(waybillG, declaredG, config)) differences.push("weight");
    if (waybill.head.packNo !== manifest.head.packNo) differences.push("pieces");
  }
  if (!isWeightClose(acceptance.weightG, declaredG, config)) differences.push("acceptedWeight");
  if (acceptance.pieces !== manifest.head.packNo) differences.push("acceptedPieces");
  return differences;
}

/**
 * Compares the documents with the manifest (三单比对, ZJG-19). What is there is compared at once;
 * what the trade mode needs and is not there yet is waited for, which is no difference.
 */
export function compareDocuments(
  manifest: CebManifest,
  documents: Documents,
  config: ClearanceConfig,
): Comparison {
  const needed = config.documentMatrix[manifest.head.tradeMode];
  const { order, receipts, waybill } = documents;
  const differences = new Set<Difference>([
    ...(order === null ? [] : orderDifferences(manifest, order)),
    ...receiptDifferences(manifest, order, receipts),
    ...carriageDifferences(manifest, documents, config),
  ]);
  if (differences.size > 0) return { outcome: "differs", differences: [...differences] };
  const has = { order: order !== null, receipt: receipts.length > 0, waybill: waybill !== null };
  const missing = needed.filter((kind) => !has[kind]);
  return missing.length > 0 ? { outcome: "waiting", missing } : { outcome: "matched" };
}
