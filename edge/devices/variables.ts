import type { MonotonicMs } from "../../protocols/units.ts";

/**
 * Variables of a controller that are read again and again and written one by one, whatever carries
 * them: who reads them gives each a key, and says what it must be.
 */
export type VariableNeed =
  | { readonly kind: "flag" }
  /** A whole number that takes each value from the least to the most. */
  | { readonly kind: "integer"; readonly least: number; readonly most: number }
  | { readonly kind: "number" }
  /** Anything that can be compared: a number, a text, a time. */
  | { readonly kind: "word" }
  /** An array of so many whole numbers. */
  | { readonly kind: "integers"; readonly size: number };

export type VariableValue = boolean | number | string | readonly number[];

/** One answer to one request for all of them. Within it nothing is known of what was read first. */
export interface VariableReadings {
  readonly kind: "readings";
  /** When the request left: each value is at least as new. */
  readonly askedAt: MonotonicMs;
  /** What changes when the server itself has been started anew; null where nothing tells. */
  readonly serverStart: string | null;
  /** Why a key has none: its quality is not good, or it is not what it must be. */
  readonly values: ReadonlyMap<string, VariableValue | NoValue>;
}

export interface NoValue {
  readonly kind: "noValue";
  readonly why: string;
}

export interface VariableWrite {
  readonly key: string;
  readonly value: boolean | number | string;
}

/** A variable as it was found at its controller, for people. */
export interface FoundVariable {
  readonly key: string;
  /** Where it is there, such as `ns=3;s=Enc` or `input 0 to 1`. */
  readonly place: string;
  readonly type: string;
  /** Null: it is only written, and nobody has read it. */
  readonly value: VariableValue | NoValue | null;
  /** Of a number in two registers: what it would be if the other one came first; null of others. */
  readonly turned: number | null;
}

/** Steps are written one after the other, each only once the one before it has been taken whole. */
export interface VariableWrites {
  readonly id: number;
  readonly steps: readonly (readonly VariableWrite[])[];
}

/** A step of what was to be written was not taken. Those after it were not tried. */
export interface NotWritten {
  readonly kind: "notWritten";
  readonly id: number;
  readonly step: number;
  readonly why: string;
}

export const isNoValue = (value: VariableValue | NoValue): value is NoValue =>
  typeof value === "object" && "kind" in value;

/** What was read, as what is needed. Nothing is rounded or cut to fit. */
export function valueOf(need: VariableNeed, read: unknown): VariableValue | NoValue {
  switch (need.kind) {
    case "flag":
      return typeof read === "boolean" ? read : noValue(`${shown(read)} is not true or false`);
    case "integer":
      return isInteger(read) ? read : noValue(`${shown(read)} is not a whole number`);
    case "number":
      return isNumber(read) ? read : noValue(`${shown(read)} is not a number`);
    case "word":
      return wordOf(read);
    case "integers":
      return integersOf(read, need.size);
  }
}

const noValue = (why: string): NoValue => ({ kind: "noValue", why });

const isInteger = (read: unknown): read is number => Number.isSafeInteger(read);
const isNumber = (read: unknown): read is number => Number.isFinite(read);

function wordOf(read: unknown): VariableValue | NoValue {
  if (typeof read === "string" && read !== "") return read;
  return isNumber(read) ? read : noValue(`${shown(read)} is neither a text nor a number`);
}

function integersOf(read: unknown, size: number): VariableValue | NoValue {
  const list = Array.isArray(read) || ArrayBuffer.isView(read) ? [...(read as number[])] : null;
  if (list === null || list.length !== size) return noValue(`it is not ${size} numbers`);
  return list.every(isInteger) ? list : noValue("not all of them are whole numbers");
}

const shown = (read: unknown): string => String(read).slice(0, 40);
