import { numberKeysOf } from "./digests.ts";
import { casesOf, type DocumentState, type ManifestCase } from "./state.ts";

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

/** Manifests that are found by one number. Nobody gives as many the same. */
const waybillsPerNumberMax = 200;

/** One of the keys' numbers that has no room for one more manifest; null when all have. */
export const crowdedNumber = (
  { waybillsByNumber }: DocumentState,
  keys: readonly string[],
  waybill: string,
): string | null =>
  numberKeysOf(keys).find((key) => {
    const held = waybillsByNumber.get(key) ?? [];
    return held.length >= waybillsPerNumberMax && !held.includes(waybill);
  }) ?? null;

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
export const casesByNumber = (
  state: DocumentState,
  keys: readonly string[],
): readonly ManifestCase[] =>
  casesOf(
    state,
    numberKeysOf(keys).flatMap((key) => state.waybillsByNumber.get(key) ?? []),
  );
