/**
 * Chinese carriers' number patterns, collected from public lists that disagree in places: no
 * carrier publishes a binding one. They say what a number looks like, never that it is valid, and
 * a site adds and replaces them. Each is a `safe-pattern`, matched against the whole code.
 */
export const carrierPatterns = {
  // These begin with letters of the carrier's own, so that nothing else on a parcel looks alike.
  sf: "SF[A-Za-z0-9]\\d{12}",
  // Yuantong and YunExpress differ in length alone.
  yto: "YT\\d{13}",
  yunExpress: "YT\\d{16}",
  jt: "JT\\d{13}",
  jd: "JD[A-Za-z0-9]{2}\\d{11}",
  deppon: "DPK\\d{12}",
  gofo: "GFUS\\d{14}",
  // Digits only: they also fit retail codes and order numbers, hence conflicts and inspection.
  zto: "7[3-68]\\d{12}",
  sto: "77\\d{12,15}|43\\d{12,15}",
  yunda: "[34]\\d{14}|5\\d{12}",
  ems: "[981]\\d{12}|P[A-Za-z]\\d{11}",
  cainiao: "621\\d{12}",
} as const;

export type CarrierId = keyof typeof carrierPatterns;
export const carrierIds = Object.keys(carrierPatterns) as readonly CarrierId[];
