import { decimal, key, optional, text, time } from "../fields.ts";
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
} from "./common.ts";

/** CEB403: receipt of money (收款单). Export has no payment and no payer. */
export const receiptFields = [
  guid,
  appType,
  appTime,
  appStatusStored,
  key("ebpCode", 18),
  text("ebpName", 100),
  key("ebcCode", 18),
  text("ebcName", 100),
  key("orderNo", 60),
  optional(text("payCode", 18)),
  text("payName", 100),
  optional(text("payNo", 60)),
  decimal("charge"),
  currencyCode("currency"),
  time("accountingDate", 14),
  note,
] as const;

/** CEB404: customs' answer to a receipt of money. */
export const receiptReturnFields = [
  guid,
  text("ebcCode", 18),
  text("orderNo", 60),
  optional(text("payNo", 60)),
  returnStatus,
  returnTime,
  returnInfo,
] as const;
