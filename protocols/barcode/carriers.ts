/**
 * Chinese carriers' number patterns, collected from public lists that disagree in places: no
 * carrier publishes a binding one. They say what a number looks like, never that it is valid, and
 * a site edits them.
 */
export interface CarrierPattern {
  readonly carrier: string;
  /** A `safe-pattern`, matched against the whole code. */
  readonly pattern: string;
}

/** Begin with letters of the carrier's own, so that nothing else on a parcel looks like them. */
export const letteredCarriers = [
  { carrier: "SF", pattern: "SF[A-Za-z0-9]\\d{12}" },
  // Yuantong and YunExpress differ in length alone.
  { carrier: "YTO", pattern: "YT\\d{13}" },
  { carrier: "YunExpress", pattern: "YT\\d{16}" },
  { carrier: "J&T", pattern: "JT\\d{13}" },
  { carrier: "JD", pattern: "JD[A-Za-z0-9]{2}\\d{11}" },
  { carrier: "Deppon", pattern: "DPK\\d{12}" },
  { carrier: "GOFO", pattern: "GFUS\\d{14}" },
] as const satisfies readonly CarrierPattern[];

/** Digits only: they also fit retail codes and order numbers, hence conflicts and inspection. */
export const numericCarriers = [
  { carrier: "ZTO", pattern: "7[3-68]\\d{12}" },
  { carrier: "STO", pattern: "77\\d{12,15}|43\\d{12,15}" },
  { carrier: "Yunda", pattern: "[34]\\d{14}|5\\d{12}" },
  { carrier: "EMS", pattern: "[981]\\d{12}|P[A-Za-z]\\d{11}" },
  { carrier: "Cainiao", pattern: "621\\d{12}" },
] as const satisfies readonly CarrierPattern[];
