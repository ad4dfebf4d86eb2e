import { collapsed, decimal, integer, key, optional, positive, text } from "../fields.ts";
import {
  appStatusDeclared,
  appTime,
  appType,
  currencyCode,
  guid,
  logisticsNo,
  note,
  returnInfo,
  returnStatus,
  returnTime,
} from "./common.ts";

/** CEB505: waybill (运单). It carries no order number: the manifest joins the two. */
export const waybillFields = [
  guid,
  appType,
  appTime,
  appStatusDeclared,
  key("logisticsCode", 18),
  text("logisticsName", 100),
  logisticsNo,
  decimal("freight"),
  decimal("insuredFee"),
  currencyCode("currency"),
  /** Kilograms. */
  positive("grossWeight"),
  /** The XSD allows nine digits; a parcel of the line has at most 999 pieces. */
  integer("packNo", 1, 999),
  collapsed("goodsInfo", 200),
  optional(text("ebcCode", 18)),
  optional(text("ebcName", 100)),
  optional(text("ebcTelephone", 50)),
  note,
] as const;

/** CEB506: customs' answer to a waybill. */
export const waybillReturnFields = [
  guid,
  text("logisticsCode", 18),
  text("logisticsNo", 32),
  returnStatus,
  returnTime,
  returnInfo,
] as const;
