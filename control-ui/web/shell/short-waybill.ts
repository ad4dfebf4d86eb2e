const digitsShown = 4;

/**
 * Enough of a waybill to tell neighbours apart: its last four digits. Postal numbers end in two
 * letters that all of them share ("HB290000174CN").
 */
export const shortWaybill = (waybill: string): string =>
  waybill.replace(/[A-Za-z]+$/, "").slice(-digitsShown) || waybill.slice(-digitsShown);
