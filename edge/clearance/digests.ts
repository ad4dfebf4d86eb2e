import { gramsOfKg, sumDecimals, type DecimalText } from "../../protocols/ceb/decimal.ts";
import type {
  CebDocumentReturn,
  CebManifest,
  CebManifestReturn,
  CebOrder,
  CebMoneyReceipt,
  CebWaybill,
} from "../../protocols/ceb/messages.ts";
import { lineOfInfo } from "../../protocols/ceb/return-info.ts";
import type { TradeMode } from "../../protocols/ceb/tables/manifest.ts";
import type { UnreadReceipt } from "../../protocols/ceb/unread-receipts.ts";
import { waybillAsWritten } from "../../protocols/clearance.ts";
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

/** Who sells: a code of customs' register, and a name for people. */
export interface Merchant {
  readonly code: string;
  readonly name: string;
}

/** A row of goods as the order has it. It knows no HS code. */
export interface OrderItemDigest {
  readonly itemNo: string;
  readonly name: string;
  readonly qty: DecimalText;
  readonly unit: string;
  readonly totalPrice: DecimalText;
}

export interface OrderDigest extends DocumentDigest {
  readonly merchant: Merchant;
  readonly items: readonly OrderItemDigest[];
  readonly goodsValue: DecimalText;
  /** Goods and freight: what the receipt of money must say. */
  readonly due: DecimalText;
  readonly listTotal: DecimalText;
  /** Null when its rows are not all in one currency. */
  readonly currency: string | null;
}

export interface MoneyReceiptDigest extends DocumentDigest {
  readonly merchant: Merchant;
  readonly payNo: string;
  readonly charge: DecimalText;
  readonly currency: string;
}

export interface WaybillDigest extends DocumentDigest {
  /** Null where the carrier does not name him. */
  readonly merchant: Merchant | null;
  readonly grossWeightG: number;
  readonly pieces: number;
}

export interface ItemDigest {
  /** The seller's own number and name, as in the order. */
  readonly itemNo: string;
  readonly itemName: string;
  readonly hsCode: string;
  readonly name: string;
  readonly model: string;
  readonly qty: DecimalText;
  readonly unit: string;
  readonly price: DecimalText;
  readonly totalPrice: DecimalText;
}

export interface ManifestNumbers {
  /** In its one spelling. */
  readonly waybill: string;
  readonly carrierCode: string;
  /** Under which the order, customs' receipts and other versions find it. */
  readonly orderKey: string;
  readonly copKey: string;
  readonly invtKey: string | null;
  readonly orderNo: string;
}

export interface ManifestDigest extends DocumentDigest, ManifestNumbers {
  /** SHA-256 of the whole content: what activation freezes. */
  readonly hash: string;
  readonly merchant: Merchant;
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
  readonly platform: string;
  readonly destination: string;
  readonly items: readonly ItemDigest[];
}

/** When something came, in 17 digits. */
export interface Coming {
  /** By the later of both clocks. What comes in one message came at one time. */
  readonly cameAt: string;
  /**
   * By time that passed without what proofs have moved it, of what came while the calendar was not
   * proved; null of anything else. A proof that comes later leaves it where it was.
   */
  readonly unprovedAt: string | null;
}

export interface Timing extends Coming {
  /** When it was said, by the same time; null while the calendar is not proved. */
  readonly passedTime: string | null;
}

/** Of a customs receipt: for which manifest it may be, and what it says. */
export interface ReturnDigest extends Timing {
  readonly guid: string;
  readonly status: string;
  /** 17 digits, so that two times compare as texts. */
  readonly time: string;
  /** Customs' own words in one line; null for none. */
  readonly info: string | null;
}

/** Of a receipt that could not be read whole: what is known of it. */
export interface UnreadDigest extends Coming {
  readonly guid: string | null;
  readonly status: string | null;
  readonly time: string | null;
  readonly info: string | null;
  /** What is wrong with it. */
  readonly field: string | null;
  /** It has a time that can be right; any other is as old as its coming. */
  readonly isTimed: boolean;
}

/** By what a receipt finds its manifest; it has no waybill number. */
export interface ManifestNames {
  readonly keys: readonly string[];
  readonly copKey: string | null;
  readonly invtKey: string | null;
  readonly orderKey: string | null;
}

/** No field of a message can hold this character, so joined keys cannot run into each other. */
const separator = "\u0000";

/** Such a number names nothing. */
export const isBlank = (text: string): boolean => text.trim() === "";

/** Blanks around a number are no part of it. */
const joined = (kind: string, ...parts: readonly string[]): string =>
  [kind, ...parts.map((part) => part.trim())].join(separator);

/** Codes of customs' register compare without regard to case. */
export const codeAsWritten = (code: string): string => code.trim().toUpperCase();

/** The same order number may be used on two platforms. */
export const orderKeyOf = (head: { readonly ebpCode: string; readonly orderNo: string }): string =>
  joined("o", codeAsWritten(head.ebpCode), head.orderNo);
const copKeyOf = (head: { readonly agentCode: string; readonly copNo: string }): string =>
  joined("c", codeAsWritten(head.agentCode), head.copNo);
const invtKeyOf = (invtNo: string | null): string | null =>
  invtNo === null || isBlank(invtNo) ? null : joined("i", invtNo);

/** A waybill number belongs to its carrier. Both in their one spelling. */
export const carriageKey = (carrierCode: string, waybill: string): string =>
  joined("w", codeAsWritten(carrierCode), waybillAsWritten(waybill));

/**
 * Customs' answer to a receipt of money names the seller's order, not the platform, and not always
 * the payment; without one it speaks of all of that order.
 */
export const moneyKeyOf = (ebcCode: string, orderNo: string, payNo: string): string =>
  joined("m", codeAsWritten(ebcCode), orderNo, payNo);

/** A number without regard to case, to the width of its characters and to what separates them. */
export const looseNumberOf = (text: string): string =>
  waybillAsWritten(text) || text.trim().toUpperCase();

/**
 * A key without the code of the company in it: its kind, and the number that the company gave, in
 * whatever spelling. What is found by it is only ever doubt.
 */
export function numberKeyOf(key: string): string | null {
  const [kind, , number] = key.split(separator);
  return kind === undefined || number === undefined ? null : joined(kind, looseNumberOf(number));
}

/** A key for people. */
export const keyText = (key: string): string => key.split(separator).join("/");

/** Two keys have the same company's code in them. */
export const isOfSameCompany = (a: string, b: string): boolean =>
  a.split(separator)[1] === b.split(separator)[1];

/** Customs' own numbers and guids have no code beside them and are not among these. */
export const numberKeysOf = (keys: readonly string[]): readonly string[] =>
  keys.flatMap((key) => numberKeyOf(key) ?? []);

export const withNumberKeys = (keys: readonly string[]): readonly string[] => [
  ...keys,
  ...numberKeysOf(keys),
];

/** Longest text that the engine copies out of a larger one instead of pointing into it. */
const copiedCharsMax = 12;

/**
 * A copy of the text. What the XML reader hands out points into the whole message, so that keeping
 * one field would keep up to 8 MiB in memory.
 */
const own = (text: string): string =>
  text.length <= copiedCharsMax ? text : Buffer.from(text, "utf8").toString("utf8");

const ownOrNull = (text: string | null): string | null => (text === null ? null : own(text));

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

const merchantOf = (head: { readonly ebcCode: string; readonly ebcName: string }): Merchant => ({
  code: own(codeAsWritten(head.ebcCode)),
  name: own(head.ebcName),
});

export function digestOrder({ head, list }: CebOrder): OrderDigest {
  return {
    ...documentDigest(head),
    merchant: merchantOf(head),
    items: list.map((item) => ({
      itemNo: own(codeAsWritten(item.itemNo)),
      name: own(item.itemName),
      qty: own(item.qty),
      unit: item.unit,
      totalPrice: own(item.totalPrice),
    })),
    goodsValue: head.goodsValue,
    due: sumDecimals([head.goodsValue, head.freight]),
    listTotal: totalOf(list),
    currency: currencyOf([head, ...list]),
  };
}

export const digestMoneyReceipt = ({ head }: CebMoneyReceipt): MoneyReceiptDigest => ({
  ...documentDigest(head),
  merchant: merchantOf(head),
  payNo: own((head.payNo ?? "").trim()),
  charge: head.charge,
  currency: head.currency,
});

export const digestWaybill = ({ head }: CebWaybill): WaybillDigest => ({
  ...documentDigest(head),
  merchant: isBlank(head.ebcCode ?? "")
    ? null
    : merchantOf({ ebcCode: head.ebcCode ?? "", ebcName: head.ebcName ?? "" }),
  grossWeightG: gramsOfKg(head.grossWeight),
  pieces: head.packNo,
});

/** By what a manifest is found, and by what it finds its documents. */
export const manifestNumbersOf = (head: CebManifest["head"]): ManifestNumbers => ({
  waybill: own(waybillAsWritten(head.logisticsNo)),
  carrierCode: own(codeAsWritten(head.logisticsCode)),
  orderKey: own(orderKeyOf(head)),
  copKey: own(copKeyOf(head)),
  invtKey: invtKeyOf(head.invtNo),
  orderNo: own(head.orderNo),
});

/**
 * Under which keys customs' receipts and other documents find a manifest. Its guid is none of them,
 * because senders give a whole batch the same.
 */
export function keysOfManifest({
  copKey,
  orderKey,
  invtKey,
}: Pick<ManifestNumbers, "copKey" | "orderKey" | "invtKey">): readonly string[] {
  const keys = [copKey, orderKey];
  return invtKey === null ? keys : [...keys, invtKey];
}

export function digestManifest(manifest: CebManifest): ManifestDigest {
  const { head, list } = manifest;
  return {
    ...documentDigest(head),
    hash: contentHash(manifest),
    ...manifestNumbersOf(head),
    merchant: merchantOf(head),
    direction: head.ieFlag === "I" ? "import" : "export",
    isSimplified: head.statisticsFlag === "A",
    tradeMode: head.tradeMode,
    total: totalOf(list),
    currency: currencyOf(list),
    grossWeightG: gramsOfKg(head.grossWeight),
    grossWeightKg: head.grossWeight,
    netWeightKg: head.netWeight,
    pieces: head.packNo,
    platform: own(head.ebpName),
    destination: head.country,
    items: list.map((item) => ({
      itemNo: own(codeAsWritten(item.itemNo)),
      itemName: own(item.itemName ?? ""),
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

/**
 * A status without the blanks around it, and with the minus sign that programs write: what is below
 * zero is so in any spelling.
 */
function statusAsWritten(status: string): string {
  const trimmed = status.trim();
  const plain = trimmed.normalize("NFKC").replace(/^[\u2010-\u2015\u2212]\s*/, "-");
  return /^-\d+$/.test(plain) ? plain : trimmed;
}

export const digestReturn = (
  { head }: Pick<CebManifestReturn | CebDocumentReturn, "head">,
  timing: Timing,
): ReturnDigest => ({
  guid: own(head.guid).toUpperCase(),
  status: own(statusAsWritten(head.returnStatus)),
  time: own(head.returnTime),
  info: ownOrNull(lineOfInfo(head.returnInfo)),
  ...timing,
});

/** A time that has not come yet is none. */
export function digestUnread(
  { guid, status, time, info, field }: UnreadReceipt,
  { coming, isAhead }: { readonly coming: Coming; readonly isAhead: (time: string) => boolean },
): UnreadDigest {
  const believed = time === null || isAhead(time) ? null : own(time);
  return {
    guid: ownOrNull(guid)?.toUpperCase() ?? null,
    status: status === null ? null : statusAsWritten(status),
    time: believed,
    info: ownOrNull(info),
    field: ownOrNull(field),
    ...coming,
    isTimed: believed !== null,
  };
}

/** A receipt that names its manifest or document in a way that leaves doubt of which. */
export function doubtOf(receipt: ReturnDigest, field: string | null): UnreadDigest {
  const { guid, status, time, info, cameAt, unprovedAt } = receipt;
  return { guid, status, time, info, field, cameAt, unprovedAt, isTimed: true };
}

/** A receipt whose own time cannot be right: it is as old as its coming. */
export const aheadDoubtOf = (receipt: ReturnDigest): UnreadDigest => ({
  ...doubtOf(receipt, "returnTime"),
  isTimed: false,
});

type NumbersNamed = Pick<
  UnreadReceipt["names"],
  "agentCode" | "copNo" | "invtNo" | "ebpCode" | "orderNo"
>;

/** Under which keys a receipt may find its manifest. */
export function manifestNamesOf(numbers: NumbersNamed): ManifestNames {
  const copKey = isBlank(numbers.copNo) ? null : own(copKeyOf(numbers));
  const invtKey = invtKeyOf(numbers.invtNo);
  const orderKey = isBlank(numbers.orderNo) ? null : own(orderKeyOf(numbers));
  const keys = [copKey, invtKey, orderKey].filter((key) => key !== null);
  return { keys, copKey, invtKey, orderKey };
}
