/**
 * AIM symbology identifiers, `]cm`: code character and modifier.
 * @see ISO/IEC 15424; Zebra DS457 guide, p. 401
 */
export const aimSymbologies = {
  A: "Code 39",
  C: "Code 128",
  d: "Data Matrix",
  E: "EAN/UPC",
  e: "GS1 DataBar",
  F: "Codabar",
  G: "Code 93",
  H: "Code 11",
  h: "Han Xin",
  I: "Interleaved 2 of 5",
  J: "DotCode",
  L: "PDF417",
  M: "MSI",
  Q: "QR Code",
  S: "2 of 5",
  U: "MaxiCode",
  X: "other",
  z: "Aztec",
} as const;

/**
 * Identifiers that say "this is GS1 data": FNC1 in first position, with or without the escapes of
 * extended channels (`]d5`, `]Q4`, `]J4`), or a GS1-only symbology.
 */
const gs1Carriers = new Set(["]C1", "]d2", "]d5", "]Q3", "]Q4", "]J1", "]J4", "]e0"]);

export interface AimIdentifier {
  /** Key of `aimSymbologies` where known. */
  readonly symbology: string;
  readonly modifier: string;
  readonly isGs1: boolean;
  /** EAN and UPC number goods in shops, never a parcel. */
  readonly isRetail: boolean;
}

export function parseAim(aim: string): AimIdentifier | null {
  const found = /^\]([A-Za-z])([0-9A-Za-z])$/.exec(aim);
  if (found === null) return null;
  const [, symbology = "", modifier = ""] = found;
  return { symbology, modifier, isGs1: gs1Carriers.has(aim), isRetail: symbology === "E" };
}
