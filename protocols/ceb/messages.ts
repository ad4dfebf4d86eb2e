import type { Field, RowOf } from "./fields.ts";
import { manifestHeadFields, manifestListFields, manifestReturnFields } from "./tables/manifest.ts";
import { orderHeadFields, orderListFields, orderReturnFields } from "./tables/order.ts";
import { receiptFields, receiptReturnFields } from "./tables/receipt.ts";
import { waybillFields, waybillReturnFields } from "./tables/waybill.ts";

export const cebNamespace = "http://www.chinaport.gov.cn/ceb";
export const dxpNamespace = "http://www.chinaport.gov.cn/dxp";
export const signatureNamespace = "http://www.w3.org/2000/09/xmldsig#";

/** Business elements in one message, and rows in one list: both maxOccurs of the XSD. */
export const elementsMax = 100;
export const listRowsMax = 100;

/** How a message type is built. Fields sit in `headName`, or in the element itself if null. */
export interface MessageTable {
  readonly element: string;
  readonly headName: string | null;
  readonly head: readonly Field[];
  readonly listName: string | null;
  readonly list: readonly Field[];
  /** `list`: first a head, then rows. Messages of enterprises also name their sender. */
  readonly hasTransfer: boolean;
}

const flat = <const E extends string, const H extends readonly Field[]>(
  element: E,
  head: H,
  hasTransfer: boolean,
) => ({ element, headName: null, head, listName: null, list: [], hasTransfer }) as const;

/** The one table of messages that are read and written. */
export const messageTables = {
  CEB303: {
    element: "Order",
    headName: "OrderHead",
    head: orderHeadFields,
    listName: "OrderList",
    list: orderListFields,
    hasTransfer: true,
  },
  CEB304: flat("OrderReturn", orderReturnFields, false),
  CEB403: flat("Receipts", receiptFields, true),
  CEB404: flat("ReceiptsReturn", receiptReturnFields, false),
  CEB505: flat("Logistics", waybillFields, true),
  CEB506: flat("LogisticsReturn", waybillReturnFields, false),
  CEB603: {
    element: "Inventory",
    headName: "InventoryHead",
    head: manifestHeadFields,
    listName: "InventoryList",
    list: manifestListFields,
    hasTransfer: true,
  },
  CEB604: flat("InventoryReturn", manifestReturnFields, false),
} as const satisfies Record<string, MessageTable>;

export type CebType = keyof typeof messageTables;
export const cebTypes = Object.keys(messageTables) as readonly CebType[];

/** What enterprises send of the catalogue's types that have no use here. */
const otherDeclarationTypes = [
  "CEB213",
  "CEB215",
  "CEB507",
  "CEB509",
  "CEB605",
  "CEB607",
  "CEB701",
] as const;
/** Types of the catalogue that have no use here: answered by name, element by element. */
export const otherCebTypes = [
  ...otherDeclarationTypes,
  "CEB214",
  "CEB216",
  "CEB508",
  "CEB510",
  "CEB606",
  "CEB608",
  "CEB702",
  "CEB792",
  "CEB900",
] as const;
export type OtherCebType = (typeof otherCebTypes)[number];

/** What enterprises send of the catalogue of import, of which nothing is taken here. */
const importDeclarationTypes = [
  "CEB311",
  "CEB411",
  "CEB511",
  "CEB513",
  "CEB621",
  "CEB623",
  "CEB625",
  "CEB711",
];

/** All that enterprises send to declare something, and customs never does. */
export const declarationTypes: readonly string[] = [
  ...cebTypes.filter((type) => messageTables[type].hasTransfer),
  ...otherDeclarationTypes,
  ...importDeclarationTypes,
];

/** One business element, checked: a head and, for orders and manifests, 1 to 100 rows. */
export interface ElementOf<T extends CebType> {
  readonly type: T;
  readonly head: RowOf<(typeof messageTables)[T]["head"]>;
  readonly list: readonly RowOf<(typeof messageTables)[T]["list"]>[];
}
export type CebElement = { [T in CebType]: ElementOf<T> }[CebType];

export type CebOrder = ElementOf<"CEB303">;
export type CebMoneyReceipt = ElementOf<"CEB403">;
export type CebWaybill = ElementOf<"CEB505">;
export type CebManifest = ElementOf<"CEB603">;
export type CebManifestReturn = ElementOf<"CEB604">;
/** Customs' answers to the documents beside the manifest. */
export type CebDocumentReturn = ElementOf<"CEB304"> | ElementOf<"CEB404"> | ElementOf<"CEB506">;
