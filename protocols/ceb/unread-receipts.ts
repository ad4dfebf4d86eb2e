import { z } from "zod";
import { epochOfChinaTime } from "./calendar.ts";
import { trimXml } from "./decimal.ts";
import type { CebRefusal } from "./refusals.ts";
import { lineOfInfo } from "./return-info.ts";
import type { XmlElement } from "./xml-tree.ts";

/** Elements by which customs answers something that we hold, by the message that brings them. */
const receiptElements = {
  OrderReturn: "CEB304",
  ReceiptsReturn: "CEB404",
  LogisticsReturn: "CEB506",
  InventoryReturn: "CEB604",
  /** On a request to cancel a manifest. What it decides is not read here. */
  InvtCancelReturn: "CEB606",
} as const;

/** The numbers by which a receipt names what it answers; empty where it does not say. */
const zNames = z.strictObject({
  agentCode: z.string().max(64),
  copNo: z.string().max(64),
  invtNo: z.string().max(64),
  ebpCode: z.string().max(64),
  ebcCode: z.string().max(64),
  orderNo: z.string().max(64),
  payNo: z.string().max(64),
  logisticsCode: z.string().max(64),
  logisticsNo: z.string().max(64),
});
const names = Object.keys(zNames.shape) as readonly (keyof z.infer<typeof zNames>)[];

/**
 * A customs receipt that cannot be read whole, with as much of it as can. Customs has said something
 * of what it names, and nobody here knows what: that is doubt, and no reason to forget it.
 */
export const zUnreadReceipt = z.strictObject({
  type: z.enum(receiptElements),
  guid: z.string().max(64).nullable(),
  names: zNames,
  status: z.string().max(10).nullable(),
  /** 17 digits; null when the receipt's own is no time. */
  time: z
    .string()
    .regex(/^\d{17}$/)
    .nullable(),
  /** Customs' words in one line. */
  info: z.string().max(200).nullable(),
  /** What is wrong with it: a refusal's code, and the field. */
  why: z.string().max(64),
  field: z.string().max(200).nullable(),
});
export type UnreadReceipt = z.infer<typeof zUnreadReceipt>;

/** Longest of the numbers above. One that is longer names nothing that anybody holds. */
const nameCharsMax = 64;

/** By its element's name in small letters: which message a receipt comes in. */
export const receiptNamed: ReadonlyMap<string, UnreadReceipt["type"]> = new Map(
  Object.entries(receiptElements).map(([name, type]) => [name.toLowerCase(), type]),
);

/** Messages that are nothing but receipts, whatever their elements are called. */
export const receiptTypeOf = (type: string): UnreadReceipt["type"] | null =>
  Object.values(receiptElements).find((each) => each === type) ?? null;

/** Fields of a receipt that are told of it. */
export const wantedFields: readonly string[] = [
  "guid",
  ...names,
  "returnStatus",
  "returnTime",
  "returnInfo",
];

/** The 17 digits of a receipt's time, of which some senders leave the milliseconds out. */
function timeOf(text: string): string | null {
  const digits = /^\d{14}$/.test(text) ? `${text}000` : text;
  return digits.length === 17 && epochOfChinaTime(digits) !== null ? digits : null;
}

/** The texts of a receipt's fields, by their names in small letters; empty or absent for none. */
export type FieldTexts = ReadonlyMap<string, string>;

/** A text that is too long for its field is none. */
const shortText = (text: string, charsMax: number): string => {
  const trimmed = trimXml(text);
  return trimmed.length > charsMax ? "" : trimmed;
};

/** Numbers of which a receipt has at least one, or it names nothing. */
const numbers = ["copNo", "invtNo", "orderNo", "logisticsNo"] as const;
export const namesSomething = ({ names }: Pick<UnreadReceipt, "names">): boolean =>
  numbers.some((number) => names[number] !== "");
/** The same of its texts, before a receipt is made of them. */
export const textsNameSomething = (texts: FieldTexts): boolean =>
  numbers.some((each) => shortText(texts.get(each.toLowerCase()) ?? "", nameCharsMax) !== "");

/** What can be told of a receipt from the texts of its fields. */
export function unreadReceiptFrom(
  type: UnreadReceipt["type"],
  texts: FieldTexts,
  refusal: CebRefusal,
): UnreadReceipt {
  const raw = (name: string): string => texts.get(name.toLowerCase()) ?? "";
  const textOf = (name: string, charsMax = nameCharsMax): string => shortText(raw(name), charsMax);
  return {
    type,
    guid: textOf("guid") || null,
    names: zNames.parse(Object.fromEntries(names.map((name) => [name, textOf(name)]))),
    status: textOf("returnStatus", 10) || null,
    time: timeOf(textOf("returnTime")),
    info: lineOfInfo(raw("returnInfo")),
    why: refusal.code,
    field: refusal.field?.slice(0, 200) ?? null,
  };
}

/** What can be told of an element that is a receipt of this type. */
export function unreadReceiptAs(
  type: UnreadReceipt["type"],
  element: XmlElement,
  refusal: CebRefusal,
): UnreadReceipt {
  const texts = new Map<string, string>();
  for (const { name, text } of element.children) {
    const key = name.toLowerCase();
    if ((texts.get(key) ?? "") === "") texts.set(key, text);
  }
  return unreadReceiptFrom(type, texts, refusal);
}

/** The receipts in a tree that is refused, wherever in it they stand. */
export function unreadReceiptsIn(root: XmlElement, refusal: CebRefusal): readonly UnreadReceipt[] {
  const type = receiptNamed.get(root.name.toLowerCase());
  if (type !== undefined) return [unreadReceiptAs(type, root, refusal)];
  return root.children.flatMap((child) => unreadReceiptsIn(child, refusal));
}
