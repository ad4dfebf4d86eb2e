import { gramsOfKg, sumDecimals, type DecimalText } from "../../protocols/ceb/decimal.ts";
import type {
  CebManifest,
  CebManifestReturn,
  CebOrder,
  CebMoneyReceipt,
  CebWaybill,
} from "../../protocols/ceb/messages.ts";
import type { TradeMode } from "../../protocols/ceb/tables/manifest.ts";
import { contentHash } from "./content.ts";

/**
 * What is kept of a document: everything that is ever looked at again, and no more. The document
 * itself is in the journal. A site holds millions of these.
 */
interface DocumentDigest {
  /** In capitals: guids compare without regard to case. */
  readonly guid: string;
  /** 14 digits; the later of two versions of a document counts. */
  readonly appTime: string;
}

export interface OrderDigest extends DocumentDigest {
  readonly goodsValue: DecimalText;
  /** Goods and freight: what the receipt of money must say. */
  readonly due: DecimalText;
  readonly listTotal: DecimalText;
  /** Null when its rows are not all in one currency. */
  readonly currency: string | null;
}

export interface MoneyReceiptDigest extends DocumentDigest {
  readonly charge: DecimalText;
  readonly currency: string;
}

export interface WaybillDigest extends DocumentDigest {
  readonly grossWeightG: number;
  readonly pieces: number;
}

interface ItemDigest {
  readonly hsCode: string;
  readonly name: string;
  readonly model: string;
  readonly qty: DecimalText;
  readonly unit: string;
  readonly price: DecimalText;
  readonly totalPrice: DecimalText;
}

export interface ManifestDigest extends DocumentDigest {
  /** SHA-256 of the whole content: what activation freezes. */
  readonly hash: string;
  readonly waybill: string;
  readonly carrierCode: string;
  /** Under which the order, customs' receipts and other versions find it. */
  readonly orderKey: string;
  readonly copKey: string;
  readonly invtKey: string | null;
  readonly direction: "export" | "import";
  /** Flag A, simplified declaration. */
  readonly isSimplified: boolean;
  readonly tradeMode: TradeMode;
  readonly total: DecimalText;
  /** Null when its rows are not all in one currency. */
  readonly currency: string | null;
  readonly grossWeightG: number;
  readonly grossWeightKg: DecimalText;
  readonly netWeightKg: DecimalText;
  readonly pieces: number;
  readonly orderNo: string;
  readonly sender: string;
  readonly platform: string;
  readonly destination: string;
  readonly items: readonly ItemDigest[];
}

/** Of a customs receipt: for which manifest it may be, and what it says. */
export interface ReturnDigest {
  /** Under which of its numbers it may find its manifest; it has no waybill number. */
  readonly keys: readonly string[];
  readonly invtKey: string | null;
  readonly status: string;
  /** 17 digits, so that two times compare as texts. */
  readonly time: string;
}

/** No field of a message can hold this character, so joined keys cannot run into each other. */
const separator = "\u0000";

/** Such a number names nothing. */
const isBlank = (text: string): boolean => text.trim() === "";

/** The same order number may be used on two platforms. */
export const orderKeyOf = (head: { readonly ebpCode: string; readonly orderNo: string }): string =>
  `o${separator}${head.ebpCode}${separator}${head.orderNo}`;
const copKeyOf = (head: { readonly agentCode: string; readonly copNo: string }): string =>
  `c${separator}${head.agentCode}${separator}${head.copNo}`;
const invtKeyOf = (invtNo: string | null): string | null =>
  invtNo === null || isBlank(invtNo) ? null : `i${separator}${invtNo}`;
/** A waybill number belongs to its carrier. */
export const carriageKey = (carrierCode: string, waybill: string): string =>
  `${carrierCode}${separator}${waybill}`;

/** Longest text that the engine copies out of a larger one instead of pointing into it. */
const copiedCharsMax = 12;

/**
 * A copy of the text. What the XML reader hands out points into the whole message, so that keeping
 * one field would keep up to 8 MiB in memory.
 */
const own = (text: string): string =>
  text.length <= copiedCharsMax ? text : Buffer.from(text, "utf8").toString("utf8");

const totalOf = (rows: readonly { readonly totalPrice: DecimalText }[]): DecimalText =>
  sumDecimals(rows.map((row) => row.totalPrice));

/** The one currency of all rows, or null. */
function currencyOf(rows: readonly { readonly currency: string }[]): string | null {
  const first = rows[0]?.currency ?? null;
  return rows.every((row) => row.currency === first) ? first : null;
}

const documentDigest = (head: {
  readonly guid: string;
  readonly appTime: string;
}): DocumentDigest => ({ guid: own(head.guid).toUpperCase(), appTime: own(head.appTime) });

export function digestOrder({ head, list }: CebOrder): OrderDigest {
  return {
    ...documentDigest(head),
    goodsValue: head.goodsValue,
    due: sumDecimals([head.goodsValue, head.freight]),
    listTotal: totalOf(list),
    currency: currencyOf([head, ...list]),
  };
}

export const digestMoneyReceipt = ({ head }: CebMoneyReceipt): MoneyReceiptDigest => ({
  ...documentDigest(head),
  charge: head.charge,
  currency: head.currency,
});

export const digestWaybill = ({ head }: CebWaybill): WaybillDigest => ({
  ...documentDigest(head),
  grossWeightG: gramsOfKg(head.grossWeight),
  pieces: head.packNo,
});

export function digestManifest(manifest: CebManifest): ManifestDigest {
  const { head, list } = manifest;
  return {
    ...documentDigest(head),
    hash: contentHash(manifest),
    waybill: own(head.logisticsNo),
    carrierCode: own(head.logisticsCode),
    orderKey: own(orderKeyOf(head)),
    copKey: own(copKeyOf(head)),
    invtKey: invtKeyOf(head.invtNo),
    direction: head.ieFlag === "I" ? "import" : "export",
    isSimplified: head.statisticsFlag === "A",
    tradeMode: head.tradeMode,
    total: totalOf(list),
    currency: currencyOf(list),
    grossWeightG: gramsOfKg(head.grossWeight),
    grossWeightKg: head.grossWeight,
    netWeightKg: head.netWeight,
    pieces: head.packNo,
    orderNo: own(head.orderNo),
    sender: own(head.ebcName),
    platform: own(head.ebpName),
    destination: head.country,
    items: list.map((item) => ({
      hsCode: item.gcode,
      name: own(item.gname),
      model: own(item.gmodel),
      qty: own(item.qty),
      unit: item.unit,
      price: own(item.price),
      totalPrice: own(item.totalPrice),
    })),
  };
}

export function digestReturn({ head }: CebManifestReturn): ReturnDigest {
  const invtKey = invtKeyOf(head.invtNo);
  return {
    keys: [
      ...(isBlank(head.copNo) ? [] : [own(copKeyOf(head))]),
      ...(invtKey === null ? [] : [own(invtKey)]),
      ...(isBlank(head.orderNo) ? [] : [own(orderKeyOf(head))]),
    ],
    invtKey,
    status: own(head.returnStatus),
    time: own(head.returnTime),
  };
}
