import { decimal, integer, key, oneOf, optional, orElse, positive, text } from "../fields.ts";
import {
  appStatusStored,
  appTime,
  appType,
  currencyCode,
  guid,
  note,
  returnInfo,
  returnStatus,
  returnTime,
  unitCode,
} from "./common.ts";

/** CEB303: order, or booking of an overseas warehouse (订单). */
export const orderHeadFields = [
  guid,
  appType,
  appTime,
  appStatusStored,
  /** E B2C, B B2B, W overseas warehouse. The XSD also names I, which is no export. */
  oneOf("orderType", ["E", "B", "W"]),
  key("orderNo", 60),
  key("ebpCode", 18),
  text("ebpName", 100),
  key("ebcCode", 18),
  text("ebcName", 100),
  /** Price of the goods, FOB, without freight. */
  decimal("goodsValue"),
  orElse(decimal("freight"), "0"),
  currencyCode("currency"),
  note,
] as const;

export const orderListFields = [
  integer("gnum", 1, 99_999),
  text("itemNo", 30),
  text("itemName", 250),
  optional(text("itemDescribe", 1_000)),
  optional(text("barCode", 50)),
  unitCode("unit"),
  currencyCode("currency"),
  positive("qty"),
  decimal("price"),
  decimal("totalPrice"),
  note,
] as const;

/** CEB304: customs' answer to an order. */
export const orderReturnFields = [
  guid,
  text("ebpCode", 18),
  text("ebcCode", 18),
  text("orderNo", 60),
  returnStatus,
  returnTime,
  returnInfo,
] as const;
