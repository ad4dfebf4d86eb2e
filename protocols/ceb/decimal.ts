import { Big } from "big.js";

/** CEB `N19,5`: at most 19 digits, 5 of them after the point (XSD `totalDigits`, `fractionDigits`). */
const decimalDigitsMax = 19;
const decimalFractionMax = 5;

/**
 * A decimal as one fixed spelling: no plus sign, no leading or trailing zeros, `0` for zero. Two
 * equal values are equal strings, so they compare and hash without arithmetic.
 */
export type DecimalText = string;

const decimalForm = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/;
/** Leading zeros are allowed, but a number longer than this is not looked at. */
const decimalCharsMax = 64;

export type DecimalReading =
  | { readonly kind: "read"; readonly value: DecimalText }
  | { readonly kind: "notADecimal" | "digitsTooMany" };

/** Removes XML's four white-space characters from both ends; other blanks are not white space. */
export const trimXml = (raw: string): string => raw.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");

/** Reads `xs:decimal` with the N19,5 facets; counts digits by value, as the XSD does. */
export function readDecimal(raw: string): DecimalReading {
  if (raw.length > decimalCharsMax) return { kind: "digitsTooMany" };
  const text = trimXml(raw);
  const match = /\d/.test(text) ? decimalForm.exec(text) : null;
  if (match === null) return { kind: "notADecimal" };
  const [, sign = "", whole = "", fraction = ""] = match;
  if (fraction.length > decimalFractionMax || whole.length + fraction.length > decimalDigitsMax) {
    return { kind: "digitsTooMany" };
  }
  const digits = (whole === "" ? "0" : whole) + (fraction === "" ? "" : `.${fraction}`);
  return { kind: "read", value: sign === "-" && digits !== "0" ? `-${digits}` : digits };
}

/** Exact sum of decimal texts. */
export const sumDecimals = (values: readonly DecimalText[]): DecimalText =>
  values.reduce((sum, value) => sum.plus(value), new Big(0)).toFixed();

/** Kilograms to grams, rounded half up; documents give kilograms, the line counts grams. */
export const gramsOfKg = (kg: DecimalText): number => Number(new Big(kg).times(1000).toFixed(0));

/** Grams to kilograms, exact. */
export const kgOfGrams = (grams: number): DecimalText => new Big(grams).div(1000).toFixed();

/** Below, at or above zero as `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: DecimalText, b: DecimalText): number => new Big(a).cmp(b);
