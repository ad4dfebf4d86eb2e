import { identifierAt, type Gs1Rule } from "./gs1-identifiers.ts";
import { groupSeparator } from "./scanned-code.ts";

interface Gs1Element {
  readonly ai: string;
  readonly value: string;
}

export type Gs1Parse =
  | { readonly kind: "valid"; readonly elements: readonly Gs1Element[] }
  | { readonly kind: "invalid"; readonly ai: string | null; readonly why: Gs1Fault };

type Gs1Fault =
  | "unknownIdentifier"
  | "wrongLength"
  | "wrongCharacter"
  | "checkDigit"
  | "repeatedWithOtherValue"
  | "requiredMissing"
  | "excludedPresent";

/** CSET 82: what GS1 elements of type X may hold. */
const cset82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/;

/**
 * GS1 element strings as a scanner sends them: FNC1 in first position is not transmitted, an inner
 * one arrives as GS. Predefined elements need no separator; every other ends at GS or with the data.
 * @see GS1 General Specifications, section 7.8
 */
export function parseGs1(text: string): Gs1Parse {
  const elements: Gs1Element[] = [];
  const rules: Gs1Rule[] = [];
  const invalid = (ai: string | null, why: Gs1Fault): Gs1Parse => ({ kind: "invalid", ai, why });

  let at = 0;
  while (at < text.length) {
    const found = identifierAt(text, at);
    if (found === null) return invalid(null, "unknownIdentifier");
    const { ai, rule } = found;
    at += ai.length;
    const separatorAt = text.indexOf(groupSeparator, at);
    const dataEnd = separatorAt < 0 ? text.length : separatorAt;
    const end = rule.isPredefined ? Math.min(at + rule.lengthMax, dataEnd) : dataEnd;
    const value = text.slice(at, end);
    const fault = valueFault(rule, value);
    if (fault !== null) return invalid(ai, fault);
    const isRepeatedOtherwise = elements.some((other) => other.ai === ai && other.value !== value);
    if (isRepeatedOtherwise) return invalid(ai, "repeatedWithOtherValue");
    elements.push({ ai, value });
    rules.push(rule);
    // A separator behind a predefined element is superfluous and allowed.
    at = text[end] === groupSeparator ? end + 1 : end;
  }

  const present = new Set(elements.map(({ ai }) => ai));
  for (const [index, { ai }] of elements.entries()) {
    const rule = rules[index];
    if (rule?.excludes.some((other) => present.has(other))) return invalid(ai, "excludedPresent");
    const isSatisfied =
      rule === undefined ||
      rule.requires.length === 0 ||
      rule.requires.some((other) => present.has(other));
    if (!isSatisfied) return invalid(ai, "requiredMissing");
  }
  return { kind: "valid", elements };
}

/** As printed below a code, and as some readers write it. */
const bracketForms = [
  { whole: /^(?:\(\d{2,4}\)[^()]+)+$/, element: /\((\d{2,4})\)([^()]+)/g },
  { whole: /^(?:\[\d{2,4}\][^[\]]+)+$/, element: /\[(\d{2,4})\]([^[\]]+)/g },
] as const;
/** A channel's number, as it stands in the data of a reader that sends them. */
const channel = /\\\d{6}/g;
/** FNC1 in first position is no data, though some readers send it. */
const leadingSeparators = new RegExp(`^${groupSeparator}+`);

/**
 * What some readers send instead of the bare elements: identifiers in brackets, escapes of extended
 * channels, a separator in front. None of them can begin GS1 data, so nothing that is read now was
 * read otherwise.
 */
export function elementString(text: string): string {
  const plain = text.replaceAll(channel, "").replace(leadingSeparators, "");
  const form = bracketForms.find(({ whole }) => whole.test(plain));
  return form === undefined
    ? plain
    : plain.replaceAll(form.element, `$1$2${groupSeparator}`).slice(0, -1);
}

function valueFault(rule: Gs1Rule, value: string): Gs1Fault | null {
  if (value.length < rule.lengthMin || value.length > rule.lengthMax) return "wrongLength";
  if (!(rule.type === "N" ? /^\d*$/ : cset82).test(value)) return "wrongCharacter";
  if (rule.hasCheckDigit && gs1CheckDigit(value.slice(0, -1)) !== Number(value.at(-1))) {
    return "checkDigit";
  }
  return null;
}

/** Modulo 10, weights 3, 1, 3, ... from the right; of the digits without the check digit. */
export function gs1CheckDigit(digits: string): number {
  let sum = 0;
  for (let fromRight = 0; fromRight < digits.length; fromRight += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - fromRight));
    sum += fromRight % 2 === 0 ? 3 * digit : digit;
  }
  return (10 - (sum % 10)) % 10;
}
