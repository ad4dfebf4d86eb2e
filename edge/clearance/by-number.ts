import { numberKeysOf } from "./digests.ts";
import type { DocumentState, ManifestCase } from "./state.ts";

/**
 * Manifests by a number alone, without the code of the company whose number it is. Customs' answers
 * leave the code out or write another one; what they say then is said of one of these.
 */
export function noteNumbers(
  { waybillsByNumber }: DocumentState,
  keys: readonly string[],
  waybill: string,
): void {
  for (const key of numberKeysOf(keys)) {
    const held = waybillsByNumber.get(key) ?? [];
    if (!held.includes(waybill)) waybillsByNumber.set(key, [...held, waybill]);
  }
}

export function forgetNumbers(
  { waybillsByNumber }: DocumentState,
  keys: readonly string[],
  waybill: string,
): void {
  for (const key of numberKeysOf(keys)) {
    const others = (waybillsByNumber.get(key) ?? []).filter((each) => each !== waybill);
    if (others.length === 0) waybillsByNumber.delete(key);
    else waybillsByNumber.set(key, others);
  }
}

/** Every manifest that has one of these numbers, whoever gave it. */
export function casesByNumber(
  { cases, waybillsByNumber }: DocumentState,
  keys: readonly string[],
): readonly ManifestCase[] {
  const waybills = numberKeysOf(keys).flatMap((key) => waybillsByNumber.get(key) ?? []);
  return [...new Set(waybills)].flatMap((waybill) => cases.get(waybill) ?? []);
}
