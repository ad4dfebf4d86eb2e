import { epochOfChinaTime } from "./calendar.ts";
import { readDecimal, trimXml } from "./decimal.ts";
import { refuse, refused, type CebRefused } from "./refusals.ts";

/**
 * Fields of CEB messages as data: one row a field, in the XSD's order and with its facets. What
 * the XSD leaves open (almost all enumerations) is in the same row.
 */
export interface TextRule<V extends string = string> {
  readonly kind: "text";
  /** In characters (code points), as the XSD counts. */
  readonly charsMin: number;
  readonly charsMax: number;
  /** XSD `whiteSpace=collapse`. */
  readonly collapses: boolean;
  readonly oneOf: readonly V[] | null;
  readonly form: { readonly pattern: RegExp; readonly words: string } | null;
}
export interface DecimalRule {
  readonly kind: "decimal";
  /** Money may be zero, a quantity or a weight may not; nothing here is negative. */
  readonly zeroAllowed: boolean;
}
export interface IntegerRule {
  readonly kind: "integer";
  readonly min: number;
  readonly max: number;
}
export interface TimeRule {
  readonly kind: "time";
  /** 8 `yyyyMMdd`, 14 `yyyyMMddHHmmss`, 17 with milliseconds. */
  readonly digits: 8 | 14 | 17;
}
export type FieldRule = TextRule | DecimalRule | IntegerRule | TimeRule;

/**
 * `lenient`: the XSD demands it, the specification's text does not, and some who send leave it
 * out. Read as null when missing or empty, but never written that way.
 */
type Presence = "required" | "optional" | "lenient";

export interface Field<
  N extends string = string,
  R extends FieldRule = FieldRule,
  P extends Presence = Presence,
> {
  readonly name: N;
  readonly rule: R;
  readonly presence: P;
  /** XSD `default` or `fixed`: what an empty element means. */
  readonly whenEmpty: string | null;
}

type ValueOf<F extends Field> = F["rule"] extends IntegerRule
  ? number
  : F["rule"] extends TextRule<infer V>
    ? V
    : string;
/** A row of values by field name; null where an optional field is absent. */
export type RowOf<Fs extends readonly Field[]> = {
  readonly [F in Fs[number] as F["name"]]:
    | ValueOf<F>
    | (F["presence"] extends "required" ? never : null);
};
export type FieldValue = string | number | null;

type TextField<N extends string> = Field<N, TextRule, "required">;
const required = <const N extends string, R extends FieldRule>(
  name: N,
  rule: R,
): Field<N, R, "required"> => ({ name, rule, presence: "required", whenEmpty: null });

const textRule = (charsMin: number, charsMax: number): TextRule => ({
  kind: "text",
  charsMin,
  charsMax,
  collapses: false,
  oneOf: null,
  form: null,
});

/** Free text of 0 to `charsMax` characters. */
export const text = <const N extends string>(name: N, charsMax: number): TextField<N> =>
  required(name, textRule(0, charsMax));

const notBlank = { pattern: /[^\t\n\r ]/, words: "a name or number" };

/** Text that names something, so it may not be empty or blank. */
export const key = <const N extends string>(name: N, charsMax: number): TextField<N> =>
  required(name, { ...textRule(1, charsMax), form: notBlank });

export const collapsed = <const N extends string>(name: N, charsMax: number): TextField<N> =>
  required(name, { ...textRule(0, charsMax), collapses: true });

/** Text of one form; `words` finish the sentence "is not …". */
export const formed = <const N extends string>(
  name: N,
  pattern: RegExp,
  words: string,
): TextField<N> =>
  required(name, { ...textRule(0, 1_000), collapses: true, form: { pattern, words } });

/** One of a closed list; the list is the value's type. */
export const oneOf = <const N extends string, const V extends string>(
  name: N,
  values: readonly V[],
): Field<N, TextRule<V>, "required"> =>
  required(name, { ...textRule(0, 1_000), oneOf: values, form: null });

export const decimal = <const N extends string>(name: N): Field<N, DecimalRule, "required"> =>
  required(name, { kind: "decimal", zeroAllowed: true });

export const positive = <const N extends string>(name: N): Field<N, DecimalRule, "required"> =>
  required(name, { kind: "decimal", zeroAllowed: false });

export const integer = <const N extends string>(
  name: N,
  min: number,
  max: number,
): Field<N, IntegerRule, "required"> => required(name, { kind: "integer", min, max });

export const time = <const N extends string>(
  name: N,
  digits: 8 | 14 | 17,
): Field<N, TimeRule, "required"> => required(name, { kind: "time", digits });

export const optional = <const N extends string, R extends FieldRule>(
  field: Field<N, R, "required">,
): Field<N, R, "optional"> => ({ ...field, presence: "optional" });

export const lenient = <const N extends string, R extends FieldRule>(
  field: Field<N, R, "required">,
): Field<N, R, "lenient"> => ({ ...field, presence: "lenient" });

/** The XSD's `default` (or `fixed`) value, which an empty element stands for. */
export const orElse = <const N extends string, R extends FieldRule>(
  field: Field<N, R, "required">,
  whenEmpty: string,
): Field<N, R, "required"> => ({ ...field, whenEmpty });

/** Characters as XML and the XSD count them: code points. */
export function charsOf(value: string): number {
  let chars = value.length;
  for (let i = 0; i < value.length - 1; i += 1) {
    const unit = value.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      chars -= 1;
      i += 1;
    }
  }
  return chars;
}

export type FieldReading = { readonly kind: "read"; readonly value: string | number } | CebRefused;

const good = (value: string | number): FieldReading => ({ kind: "read", value });

/** Longest piece of a refused value that is repeated in an answer. */
const shownCharsMax = 40;
const shown = (raw: string): string =>
  JSON.stringify(raw.length > shownCharsMax ? `${raw.slice(0, shownCharsMax)}…` : raw);

function checkText(rule: TextRule, raw: string, path: string): FieldReading {
  const value = rule.collapses ? trimXml(raw).replace(/[\t\n\r ]+/g, " ") : raw;
  const chars = charsOf(value);
  if (chars < rule.charsMin || chars > rule.charsMax) {
    const wanted = `${rule.charsMin} to ${rule.charsMax}`;
    return refused(refuse("lengthWrong", path, `has ${chars} characters, not ${wanted}`));
  }
  if (rule.oneOf !== null && !rule.oneOf.includes(value)) {
    return refused(
      refuse("notInList", path, `is ${shown(raw)}, not one of ${rule.oneOf.join(", ")}`),
    );
  }
  if (rule.form !== null && !rule.form.pattern.test(value)) {
    return refused(refuse("formWrong", path, `is ${shown(raw)}, not ${rule.form.words}`));
  }
  return good(value);
}

function checkDecimal(rule: DecimalRule, raw: string, path: string): FieldReading {
  const reading = readDecimal(raw);
  if (reading.kind !== "read") {
    const words =
      reading.kind === "notADecimal" ? "is no decimal number" : "has more digits than N19,5";
    return refused(refuse(reading.kind, path, `${words}: ${shown(raw)}`));
  }
  if (reading.value.startsWith("-") || (reading.value === "0" && !rule.zeroAllowed)) {
    const words = rule.zeroAllowed ? "may not be negative" : "must be above zero";
    return refused(refuse("outOfRange", path, `${words}: ${shown(raw)}`));
  }
  return good(reading.value);
}

function checkInteger(rule: IntegerRule, raw: string, path: string): FieldReading {
  const value = /^[+-]?\d{1,10}$/.test(trimXml(raw)) ? Number(trimXml(raw)) : Number.NaN;
  if (Number.isNaN(value)) {
    return refused(refuse("notAnInteger", path, `is no whole number: ${shown(raw)}`));
  }
  if (value < rule.min || value > rule.max) {
    return refused(refuse("outOfRange", path, `is ${value}, not ${rule.min} to ${rule.max}`));
  }
  return good(value);
}

function checkTime(rule: TimeRule, raw: string, path: string): FieldReading {
  if (raw.length !== rule.digits || epochOfChinaTime(raw) === null) {
    return refused(refuse("notATime", path, `is no time of ${rule.digits} digits: ${shown(raw)}`));
  }
  return good(raw);
}

/** Checks one value against its row. `path` is only used to name it in a refusal. */
export function checkField(field: Field, raw: string, path: string): FieldReading {
  const value = raw === "" && field.whenEmpty !== null ? field.whenEmpty : raw;
  switch (field.rule.kind) {
    case "text":
      return checkText(field.rule, value, path);
    case "decimal":
      return checkDecimal(field.rule, value, path);
    case "integer":
      return checkInteger(field.rule, value, path);
    case "time":
      return checkTime(field.rule, value, path);
  }
}
