import { formed, key, oneOf, optional, orElse, text, time } from "../fields.ts";

/**
 * Rows that several messages share.
 * @see 海关跨境电子商务统一版系统企业对接报文规范（202205 版） and its XSD `ceb-export-202205.xsd`.
 */
export const guid = formed("guid", /^[0-9A-Za-z-]{36}$/, "36 letters, digits and '-'");
/** 1 new, 2 change, 3 delete: the XSD's words; the text of CEB603 has a copying error. */
export const appType = oneOf("appType", ["1", "2", "3"]);
export const appTime = time("appTime", 14);
/** 1 stored, 2 declare. */
export const appStatus = oneOf("appStatus", ["1", "2"]);
export const appStatusStored = orElse(appStatus, "1");
export const appStatusDeclared = orElse(appStatus, "2");

/** Codes of JGS-20: three digits of old, three capitals since the country codes changed. */
const codeOfThree = /^[0-9A-Z]{3}$/;
export const currencyCode = <const N extends string>(name: N) =>
  formed(name, codeOfThree, "a currency code of three characters");
export const countryCode = <const N extends string>(name: N) =>
  formed(name, codeOfThree, "a country code of three characters");
export const unitCode = <const N extends string>(name: N) =>
  formed(name, /^[0-9]{3}$/, "a unit code of three digits");
export const customsOffice = <const N extends string>(name: N) =>
  formed(name, /^[0-9]{4}$/, "a customs office of four digits");

/**
 * Carrier's number. The line reads it from a label, hence the alphabet of barcodes; people put
 * separators between its parts, which count for nothing.
 */
export const logisticsNo = formed(
  "logisticsNo",
  /^(?=.{4,32}$)(?:[-./ ]*[0-9A-Za-z]){4,32}[-./ ]*$/,
  "4 to 32 characters: at least 4 letters and digits, and '-', '.', '/' or blanks between them",
);

export const note = optional(text("note", 1_000));

/** Who sent the message: `BaseTransfer`, once in every message of an enterprise. */
export const transferFields = [
  key("copCode", 18),
  text("copName", 100),
  oneOf("dxpMode", ["DXP"]),
  key("dxpId", 30),
  note,
] as const;

export const returnStatus = key("returnStatus", 10);
export const returnTime = time("returnTime", 17);
export const returnInfo = text("returnInfo", 1_000);
