/**
 * How many digits a label shows, and how many more where another parcel on the belt ends in the
 * same ones.
 */
const digitsShown = 4;
const digitsShownAlike = 7;

/**
 * Enough of a waybill to tell neighbours apart: its last four digits. Postal numbers end in two
 * letters that all of them share ("HB290000174CN").
 */
export const shortWaybill = (waybill: string): string => lastDigits(waybill, digitsShown);

/** Labels of the parcels of one belt, longer where two would read the same. */
export function shortWaybills(waybills: Iterable<string>): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const firstOf = new Map<string, string>();
  for (const waybill of waybills) {
    if (labels.has(waybill)) continue;
    const short = shortWaybill(waybill);
    const other = firstOf.get(short);
    if (other === undefined) firstOf.set(short, waybill);
    else labels.set(other, lastDigits(other, digitsShownAlike));
    labels.set(waybill, other === undefined ? short : lastDigits(waybill, digitsShownAlike));
  }
  return labels;
}

const lastDigits = (waybill: string, count: number): string =>
  waybill.replace(/[A-Za-z]+$/, "").slice(-count) || waybill.slice(-count);
