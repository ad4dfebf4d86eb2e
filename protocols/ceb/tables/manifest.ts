import {
  collapsed,
  decimal,
  formed,
  integer,
  key,
  lenient,
  oneOf,
  optional,
  orElse,
  positive,
  text,
  time,
} from "../fields.ts";
import {
  appStatus,
  appTime,
  appType,
  countryCode,
  currencyCode,
  customsOffice,
  guid,
  logisticsNo,
  note,
  returnInfo,
  returnStatus,
  returnTime,
  unitCode,
} from "./common.ts";

/** The specification's text names four, the XSD's comment adds 1239. */
export const tradeModes = ["9610", "1210", "1239", "9710", "9810"] as const;
export type TradeMode = (typeof tradeModes)[number];

/** One character of a JGS-20 list that the XSD only measures. */
const codeOfOne = /^[0-9A-Z]$/;
/** 3 is "total": the XSD fixes both flags to it. */
const totalFlag = <const N extends string>(name: N) => orElse(oneOf(name, ["3"]), "3");

/** CEB603: export manifest (申报清单). */
export const manifestHeadFields = [
  guid,
  appType,
  appTime,
  appStatus,
  customsOffice("customsCode"),
  key("ebpCode", 18),
  text("ebpName", 100),
  key("orderNo", 60),
  key("logisticsCode", 18),
  text("logisticsName", 100),
  logisticsNo,
  key("copNo", 30),
  optional(formed("preNo", /^.{18}$/u, "18 characters")),
  optional(text("invtNo", 20)),
  oneOf("ieFlag", ["I", "E"]),
  customsOffice("portCode"),
  time("ieDate", 8),
  /** A simplified, B summary declaration. */
  oneOf("statisticsFlag", ["A", "B"]),
  key("agentCode", 18),
  text("agentName", 100),
  text("ebcCode", 18),
  text("ebcName", 100),
  text("ownerCode", 18),
  text("ownerName", 100),
  optional(text("iacCode", 18)),
  optional(text("iacName", 100)),
  optional(text("emsNo", 30)),
  oneOf("tradeMode", tradeModes),
  formed("trafMode", codeOfOne, "a transport mode of one character"),
  optional(text("trafName", 100)),
  optional(text("voyageNo", 32)),
  optional(text("billNo", 37)),
  optional(text("totalPackageNo", 37)),
  optional(text("loctNo", 10)),
  optional(text("licenseNo", 19)),
  countryCode("country"),
  formed("POD", /^[0-9A-Z]{3,4}$/, "a port of three or four characters"),
  decimal("freight"),
  currencyCode("fCurrency"),
  totalFlag("fFlag"),
  decimal("insuredFee"),
  currencyCode("iCurrency"),
  totalFlag("iFlag"),
  formed("wrapType", codeOfOne, "a wrapping of one character"),
  integer("packNo", 1, 999),
  /** Kilograms. */
  positive("grossWeight"),
  positive("netWeight"),
  note,
] as const;

export const manifestListFields = [
  integer("gnum", 1, 99_999),
  text("itemNo", 20),
  optional(text("itemRecordNo", 30)),
  optional(text("itemName", 250)),
  /** The text says up to 10, the XSD exactly 10. */
  formed("gcode", /^[0-9]{10}$/, "an HS code of ten digits"),
  key("gname", 250),
  collapsed("gmodel", 250),
  collapsed("barCode", 50),
  countryCode("country"),
  currencyCode("currency"),
  positive("qty"),
  positive("qty1"),
  optional(decimal("qty2")),
  unitCode("unit"),
  unitCode("unit1"),
  optional(text("unit2", 3)),
  decimal("price"),
  decimal("totalPrice"),
  note,
] as const;

/**
 * CEB604: what customs says of a manifest. It has no waybill number. `preNo` and `invtNo` are
 * required by the XSD and optional in the text, so a receipt without them is read.
 */
export const manifestReturnFields = [
  guid,
  text("agentCode", 18),
  text("copNo", 30),
  lenient(formed("preNo", /^.{18}$/u, "18 characters")),
  lenient(text("invtNo", 20)),
  text("ebcCode", 18),
  text("ebpCode", 18),
  text("orderNo", 60),
  /** Customs' own samples have a 1 here, so only its length is held. */
  formed("statisticsFlag", /^.$/u, "one character"),
  returnStatus,
  returnTime,
  returnInfo,
] as const;
