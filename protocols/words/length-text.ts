/** A length along the belt as the page says it: millimetres, from a metre on metres. */
export function lengthText(mm: number): string {
  const rounded = Math.round(mm);
  return Math.abs(rounded) < 1_000 ? `${rounded} mm` : `${(rounded / 1_000).toFixed(1)} m`;
}
