import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { waybillOf, type WaybillRules } from "../../protocols/barcode/waybill.ts";

/**
 * Whether a reader says again, under one parcel's output, what it has said under another's. That one
 * telegram goes with each output is a claim about counting: one that is said again without an output
 * of its own, and comes out only at the next output, leaves the reader one telegram behind from then
 * on, and every later parcel gets the label of the one before.
 */
export interface SaidBefore {
  /** Under whose output a code was said, oldest first, `codesMax` of them at most. */
  readonly passOf: Map<string, string>;
  /** Some telegram said nothing that had not been said. */
  hasRepeat: boolean;
  /** What was said under the outputs of the pass before, or of this one so far. */
  last: { readonly passId: string; readonly codes: readonly ScannedCode[] } | null;
}

/** More than a reader or the gateway before it keeps (twenty telegrams), and a short while of belt. */
const codesMax = 64;

export const nothingSaid = (): SaidBefore => ({ passOf: new Map(), hasRepeat: false, last: null });

/**
 * Notes what was said under an output of this pass. True if that, or what was said before it, may
 * have been a telegram too many: a label of another pass; or, where anything has been said again, a
 * parcel of which no label was told. That equal goods bear equal codes, beside labels, is usual.
 */
export function isSaidAgain(
  said: SaidBefore,
  { passId, codes }: { readonly passId: string; readonly codes: readonly ScannedCode[] },
  rules: WaybillRules,
): boolean {
  if (codes.length === 0) return false;
  const { last, passOf } = said;
  const isNext = last?.passId !== passId;
  const isAfterNobodys =
    isNext && last !== null && said.hasRepeat && waybillOf(last.codes, rules).kind === "none";
  const ofAnother = codes.filter((code) => (passOf.get(keyOf(code)) ?? passId) !== passId);
  if (isAfterNobodys || waybillOf(ofAnother, rules).kind !== "none") return true;
  said.hasRepeat ||= codes.every((code) => passOf.has(keyOf(code)));
  said.last = { passId, codes: isNext ? codes : [...last.codes, ...codes].slice(-codesMax) };
  for (const code of codes) {
    const key = keyOf(code);
    passOf.delete(key);
    passOf.set(key, passId);
  }
  for (const oldest of passOf.keys()) {
    if (passOf.size <= codesMax) break;
    passOf.delete(oldest);
  }
  return false;
}

const keyOf = ({ aim, text }: ScannedCode): string => `${aim} ${text}`;
