import { gramsOf, weightUnits, type WeightUnit } from "./weight-unit.ts";

/**
 * MT-SICS, what Mettler Toledo's balances and weigh modules speak: lines of ASCII ended by CR LF. A
 * weight is net where a tare is set, which no answer tells.
 * @see Mettler Toledo AL-IC operating instructions, p. 72; AT, p. 87; BTEK T104 manual, p. 44
 */
export const mtSicsQuestions = ["SI", "S", "SIR"] as const;
/** `SI`: the weight now, at rest or not. `S`: once it is at rest. `SIR`: now, and again without end. */
export type MtSicsQuestion = (typeof mtSicsQuestions)[number];

/** Syntax error, transmission error, logical error: what was asked was not understood. */
const mtSicsErrors = ["ES", "ET", "EL"] as const;
export type MtSicsError = (typeof mtSicsErrors)[number];

export type MtSicsFrame =
  | MtSicsWeight
  /** It can tell no weight: busy or not at rest in time, over its range, or under it. */
  | { readonly kind: "refusal"; readonly why: "notExecutable" | "overload" | "underload" }
  /** Whole, but in a unit that is not taken for one of weight here. */
  | { readonly kind: "otherUnit"; readonly unit: string }
  | { readonly kind: "error"; readonly code: MtSicsError }
  /** It says its number, as it does once it is switched on or reset; it repeats nothing any more. */
  | { readonly kind: "started" }
  | MtSicsDiscarded;

export interface MtSicsWeight {
  readonly kind: "weight";
  /** Never negative: the sign is `isNegative`. */
  readonly grams: number;
  readonly isNegative: boolean;
  readonly isInMotion: boolean;
}

interface MtSicsDiscarded {
  readonly kind: "discarded";
  readonly why: "malformed" | "tooLong" | "timedOut";
  /** The first bytes of it, at most a line's worth. */
  readonly bytes: Uint8Array;
}

/** Pure: a silence in mid-line is told with `timeOut`. */
export interface MtSicsParser {
  push(chunk: Uint8Array): MtSicsFrame[];
  timeOut(): MtSicsFrame[];
  isInsideFrame(): boolean;
  /** Of a frame that is not whole yet: never more than the longest has. */
  bufferedBytes(): number;
}

const lineBytesMax = 80;
const cr = 0x0d;
const lf = 0x0a;

/** A line ends at CR or at LF, so that one whose other end was lost costs no second line. */
export function createMtSicsParser(): MtSicsParser {
  let pending: number[] = [];
  /** The line has been too long already, and was told so. */
  let isSkipping = false;

  const discard = (why: MtSicsDiscarded["why"]): MtSicsFrame => {
    const bytes = Uint8Array.from(pending);
    pending = [];
    return { kind: "discarded", why, bytes };
  };

  const endLine = (out: MtSicsFrame[]): void => {
    const isBlank = pending.length === 0 || isSkipping;
    isSkipping = false;
    if (isBlank) return;
    const frame = readLine(String.fromCharCode(...pending));
    out.push(frame ?? discard("malformed"));
    pending = [];
  };

  return {
    push(chunk) {
      const out: MtSicsFrame[] = [];
      for (const raw of chunk) {
        const byte = raw & 0x7f;
        if (byte === cr || byte === lf) {
          endLine(out);
        } else if (!isSkipping) {
          pending.push(byte);
          if (pending.length < lineBytesMax) continue;
          out.push(discard("tooLong"));
          isSkipping = true;
        }
      }
      return out;
    },
    timeOut() {
      isSkipping = false;
      return pending.length === 0 ? [] : [discard("timedOut")];
    },
    isInsideFrame: () => pending.length > 0 || isSkipping,
    bufferedBytes: () => pending.length,
  };
}

const refusals = { I: "notExecutable", "+": "overload", "-": "underload" } as const;

/** Null for a line that says nothing of this. */
function readLine(line: string): MtSicsFrame | null {
  const error = mtSicsErrors.find((code) => code === line);
  if (error !== undefined) return { kind: "error", code: error };
  const [, refusal] = /^S ([I+-])$/.exec(line) ?? [];
  if (refusal === "I" || refusal === "+" || refusal === "-") {
    return { kind: "refusal", why: refusals[refusal] };
  }
  if (/^I4 A "[^"]*"$/.test(line)) return { kind: "started" };
  return readWeight(line);
}

/** The unit is known by the blank before it: in which column it stands differs between makes. */
function readWeight(line: string): MtSicsFrame | null {
  const [, status, sign, whole = "", fraction = "", unit = ""] =
    /^S ([SD]) +(-?)(\d{1,9})(?:\.(\d{1,6}))? +([^ ]{1,8}) *$/.exec(line) ?? [];
  if (status === undefined || whole.length + fraction.length > significantDigitsMax) return null;
  if (!isWeightUnit(unit)) return { kind: "otherUnit", unit };
  return {
    kind: "weight",
    grams: gramsOf(Number(whole + fraction), -fraction.length, unit),
    isNegative: sign === "-",
    isInMotion: status === "D",
  };
}

/** The field is ten characters wide. */
const significantDigitsMax = 10;

const isWeightUnit = (text: string): text is WeightUnit =>
  weightUnits.some((unit) => unit === text);

const lineOf = (text: string): Uint8Array =>
  Uint8Array.from(`${text}\r\n`, (char) => char.charCodeAt(0));

export const encodeMtSicsQuestion = (question: MtSicsQuestion): Uint8Array => lineOf(question);

export type MtSicsOutput =
  | { readonly kind: "weight"; readonly grams: number; readonly isInMotion: boolean }
  | Extract<MtSicsFrame, { kind: "refusal" | "error" }>
  | { readonly kind: "started"; readonly serialNumber: string };

/** A line of a balance that shows grams with one decimal. */
export function encodeMtSics(output: MtSicsOutput): Uint8Array {
  switch (output.kind) {
    case "weight":
      return lineOf(`S ${output.isInMotion ? "D" : "S"} ${output.grams.toFixed(1).padStart(10)} g`);
    case "refusal":
      return lineOf(`S ${signs[output.why]}`);
    case "error":
      return lineOf(output.code);
    case "started":
      return lineOf(`I4 A "${output.serialNumber}"`);
  }
}

const signs = { notExecutable: "I", overload: "+", underload: "-" } as const;
