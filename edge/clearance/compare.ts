import { sumDecimals } from "../../protocols/ceb/decimal.ts";
import type { Acceptance } from "../../protocols/ceb/answers.ts";
import { oneLine } from "../../protocols/ceb/return-info.ts";
import type { ReasonParams } from "../../protocols/reasons.ts";
import type { ClearanceSettings, DocumentKind } from "./config.ts";
import type {
  ManifestDigest,
  Merchant,
  MoneyReceiptDigest,
  OrderDigest,
  WaybillDigest,
} from "./digests.ts";
import type { DocumentRefusal } from "./document-refusals.ts";
import { compareGoods, type ComparedGoods, type RowGroup } from "./same-goods.ts";

/** The documents that were found for a manifest. */
export interface Documents {
  readonly order: OrderDigest | null;
  readonly receipt: MoneyReceiptDigest | null;
  readonly waybill: WaybillDigest | null;
  readonly acceptance: Acceptance;
  /** Those that are here and do not count, because customs has refused them. */
  readonly refused: Readonly<Partial<Record<DocumentKind, DocumentRefusal>>>;
}

/** Where several differences are told, they are told in this order. */
const differenceFields = [
  "merchant",
  "goods",
  "quantity",
  "currency",
  "amount",
  "itemAmount",
  "orderSum",
  "receiptAmount",
  "weight",
  "pieces",
  "acceptedWeight",
  "acceptedPieces",
] as const;
type DifferenceField = (typeof differenceFields)[number];

/** One field that differs, and how: what the manifest says, and what the other document says. */
export interface Difference {
  readonly field: DifferenceField;
  readonly declared: string;
  readonly other: string;
}

export type Comparison =
  | {
      readonly outcome: "waiting";
      readonly missing: readonly DocumentKind[];
      /** The first of them that customs has refused; null when all are simply not here. */
      readonly refused: { readonly kind: DocumentKind; readonly by: DocumentRefusal } | null;
    }
  | { readonly outcome: "matched" }
  | { readonly outcome: "differs"; readonly differences: readonly Difference[] };

const matched: Comparison = { outcome: "matched" };

const differ = (field: DifferenceField, declared: string, other: string): Difference => ({
  field,
  declared,
  other,
});

/** Null when there is nothing that could contradict. */
const merchantDifference = (own: Merchant, other: Merchant | null, type: string): Difference[] =>
  other === null || other.code === own.code
    ? []
    : [differ("merchant", `${own.code} ${own.name}`, `${other.code} ${other.name} (${type})`)];

/** What only one of the two documents has, and what the other has in its place. */
function goodsDifference(
  manifest: ManifestDigest,
  order: OrderDigest,
  { alone }: ComparedGoods,
): Difference[] {
  const [odd, lacking] = [alone.declared[0], alone.ordered[0]];
  if (odd === undefined && lacking === undefined) return [];
  const shown = odd ?? manifest.items[0];
  const told = shown === undefined ? "0" : `${shown.hsCode} ${shown.name}`;
  return [differ("goods", told, (lacking ?? order.items[0])?.name ?? "0")];
}

const unitsOf = (items: readonly { readonly unit: string }[]): string =>
  [...new Set(items.map(({ unit }) => unit))].toSorted().join("+");

/** Kilogram and gram (JGS-20). */
const massUnits: ReadonlySet<string> = new Set(["035", "036"]);
const isMass = ({ unit }: { readonly unit: string }): boolean => massUnits.has(unit);

/**
 * Numbers of pieces are compared whatever the unit's code: many codes mean a piece. So much of a
 * weight is never so many pieces, nor so much of another weight's unit.
 */
function quantityDifference({ declared, ordered }: RowGroup): Difference[] {
  const [a, b] = [declared, ordered].map((rows) => sumDecimals(rows.map(({ qty }) => qty)));
  const [unitA, unitB] = [unitsOf(declared), unitsOf(ordered)];
  const isWeighed = declared.some(isMass) || ordered.some(isMass);
  if (a === b && (!isWeighed || unitA === unitB)) return [];
  const isOneUnit = unitA === unitB;
  return [
    differ(
      "quantity",
      isOneUnit ? `${a}` : `${a} (${unitA})`,
      isOneUnit ? `${b}` : `${b} (${unitB})`,
    ),
  ];
}

function itemAmountDifference({ declared, ordered }: RowGroup): Difference[] {
  const [a = "", b = ""] = [declared, ordered].map((rows) =>
    sumDecimals(rows.map(({ totalPrice }) => totalPrice)),
  );
  return a === b ? [] : [differ("itemAmount", a, b)];
}

/** Amounts are compared as texts: a decimal has one spelling only. */
function orderDifferences(manifest: ManifestDigest, order: OrderDigest): Difference[] {
  const goods = compareGoods(manifest.items, order.items);
  const kinds = [...goods.same, goods.alone];
  const found = [
    ...merchantDifference(manifest.merchant, order.merchant, "CEB303"),
    ...goodsDifference(manifest, order, goods),
    ...kinds.flatMap(quantityDifference),
  ];
  const isOneCurrency = order.currency !== null && manifest.currency === order.currency;
  if (!isOneCurrency) {
    found.push(differ("currency", manifest.currency ?? "", `${order.currency ?? ""} (CEB303)`));
  }
  const isSameSum = manifest.total === order.goodsValue;
  if (!isSameSum) found.push(differ("amount", manifest.total, order.goodsValue));
  if (order.listTotal !== order.goodsValue) {
    found.push(differ("orderSum", order.goodsValue, order.listTotal));
  }
  return isSameSum ? [...found, ...kinds.flatMap(itemAmountDifference)] : found;
}

function receiptDifferences(
  manifest: ManifestDigest,
  order: OrderDigest | null,
  { merchant, charge, currency }: MoneyReceiptDigest,
): Difference[] {
  const found = merchantDifference(manifest.merchant, merchant, "CEB403");
  if (currency !== manifest.currency) {
    found.push(differ("currency", manifest.currency ?? "", `${currency} (CEB403)`));
  }
  if (order !== null && charge !== order.due) {
    found.push(differ("receiptAmount", order.due, charge));
  }
  return found;
}

/**
 * The weights were taken by different people on different scales, so they may differ by a share or
 * by some grams, whichever is more.
 */
function isWeightClose(aG: number, bG: number, config: ClearanceSettings): boolean {
  const allowedG = Math.max(config.weightToleranceG, (bG * config.weightTolerancePct) / 100);
  return Math.abs(aG - bG) <= allowedG;
}

function carriageDifferences(
  manifest: ManifestDigest,
  { waybill, acceptance }: Documents,
  config: ClearanceSettings,
): Difference[] {
  const found: Difference[] = [];
  const { grossWeightG: declaredG, pieces } = manifest;
  const compared = (field: "weight" | "pieces", own: number, other: number, isSame: boolean) => {
    if (!isSame) found.push(differ(field, String(own), String(other)));
  };
  if (waybill !== null) {
    found.push(...merchantDifference(manifest.merchant, waybill.merchant, "CEB505"));
    const isClose = isWeightClose(waybill.grossWeightG, declaredG, config);
    compared("weight", declaredG, waybill.grossWeightG, isClose);
    compared("pieces", pieces, waybill.pieces, waybill.pieces === pieces);
  }
  if (!isWeightClose(acceptance.weightG, declaredG, config)) {
    found.push(differ("acceptedWeight", String(declaredG), String(acceptance.weightG)));
  }
  if (acceptance.pieces !== pieces) {
    found.push(differ("acceptedPieces", String(pieces), String(acceptance.pieces)));
  }
  return found;
}

/** The first difference of each field, in the order in which they are told. */
function inOrder(found: readonly Difference[]): readonly Difference[] {
  return differenceFields.flatMap((field) => found.find((each) => each.field === field) ?? []);
}

/**
 * Compares the documents with the manifest (三单比对, ZJG-19). What is there is compared at once;
 * what the trade mode needs and is not there yet is waited for, which is no difference. A document
 * that customs has refused is not there.
 */
export function compareDocuments(
  manifest: ManifestDigest,
  documents: Documents,
  config: ClearanceSettings,
): Comparison {
  const needed = config.documentMatrix[manifest.tradeMode];
  const { order, receipt } = documents;
  const found = [
    ...(order === null ? [] : orderDifferences(manifest, order)),
    ...(receipt === null ? [] : receiptDifferences(manifest, order, receipt)),
    ...carriageDifferences(manifest, documents, config),
  ];
  if (found.length > 0) return { outcome: "differs", differences: inOrder(found) };
  const missing = needed.filter((kind) => documents[kind] === null);
  if (missing.length === 0) return matched;
  return { outcome: "waiting", missing, refused: firstRefused(missing, documents) };
}

function firstRefused(
  missing: readonly DocumentKind[],
  { refused }: Documents,
): Extract<Comparison, { outcome: "waiting" }>["refused"] {
  for (const kind of missing) {
    const by = refused[kind];
    if (by !== undefined) return { kind, by };
  }
  return null;
}

/**
 * A difference once seen stays: a returned manifest is not brought back by changing the documents
 * under it (ZJG-19). Otherwise the newer comparison counts.
 */
export function joinComparisons(former: Comparison, next: Comparison): Comparison {
  if (former.outcome !== "differs") return next;
  const added = next.outcome === "differs" ? next.differences : [];
  return { outcome: "differs", differences: inOrder([...former.differences, ...added]) };
}

/** What was found to differ. Other papers do not put it right: it stays with the parcel. */
export const differencesOf = (comparison: Comparison): readonly Difference[] =>
  comparison.outcome === "differs" ? comparison.differences : [];

/** Differences that a reason tells in full; of the others it names the field. */
const toldMax = 3;
/** Longest piece of a document that a reason repeats, in characters. */
const valueCharsMax = 40;

/** A reason's params: the fields that differ, and for the first of them both sides. */
export const differenceParams = (differences: readonly Difference[]): ReasonParams => ({
  differs: differences.map(({ field }) => field).join(","),
  ...Object.fromEntries(
    differences.slice(0, toldMax).map(({ field, declared, other }) => {
      const [a, b] = [declared, other].map((text) => oneLine(text, valueCharsMax) || "0");
      return [field, `${a} ≠ ${b}`];
    }),
  ),
});

/** A reason's params while documents are waited for. */
export function missingParams({
  missing,
  refused,
}: Extract<Comparison, { outcome: "waiting" }>): ReasonParams {
  const params = { missing: missing.join(",") };
  if (refused === null) return params;
  const { isRead, status, info } = refused.by;
  return {
    ...params,
    [isRead ? "refused" : "unread"]: refused.kind,
    ...(status === null ? {} : { status }),
    ...(info === null ? {} : { info }),
  };
}
