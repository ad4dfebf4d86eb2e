import { dimensionsOf, type DimensionsMm } from "./dimensions.ts";
import { lengthUnits, millimetresOf, type LengthUnit } from "./length-unit.ts";
import {
  createStxParser,
  etx,
  stxEtxFrame,
  type StxDiscarded,
  type StxParser,
} from "./stx-frames.ts";
import { gramsOf, weightUnits, type WeightUnit } from "./weight-unit.ts";

/**
 * SICK Master Data Analyzer: one telegram of eleven fields an item, which it sends of its own accord.
 * A weight or an edge that it has none of is written as zeros, and the error beside it says why.
 * @see SICK 8020065, Master Data Analyzer operating instructions, section 10.4, p. 119
 */
export type SickMdaFrame =
  | SickMdaMeasurement
  /** The text that it was set up to send as its sign of life. */
  | { readonly kind: "heartbeat" }
  /** Whole, but in a unit that is not taken for one here. */
  | { readonly kind: "otherUnit"; readonly unit: string }
  | StxDiscarded;

export interface SickMdaMeasurement {
  readonly kind: "measurement";
  /** Its own running number, or one that a tray was given. */
  readonly objectNumber: number;
  /** The label that it has read itself; null: none. */
  readonly code: string | null;
  /** False: the field says 1, that its scale is not connected or switched off. */
  readonly isScaleConnected: boolean;
  /** Null: zeros, or no scale. */
  readonly grams: number | null;
  /** 0: no error; 1: the item lay outside the field. Further bits are the machine's own. */
  readonly status: number;
  /** Null: zeros in one of them, or an error. */
  readonly dimensionsMm: DimensionsMm | null;
}

/** What is sent where no label could be read. */
const noRead = "NoRead";
const isNoRead = (code: string): boolean => code === "" || /^no ?read$/i.test(code);

const codeCharsMax = 128;
/** All but the code, with the separators. */
const otherCharsMax = 51;

/** `heartbeat`: the text of its sign of life; null: it sends none. */
export const createSickMdaParser = (
  heartbeat: string | null,
): StxParser<Exclude<SickMdaFrame, StxDiscarded>> =>
  createStxParser({
    end: etx,
    bodyBytesMax: codeCharsMax + otherCharsMax,
    isSevenBit: false,
    skipsLineEnds: true,
    readBody: (text) => (text === heartbeat ? { kind: "heartbeat" } : readTelegram(text)),
  });

/** A label may itself hold semicolons: what is behind it has a fixed width. The volume is not looked at. */
const telegram =
  /^(\d{4});(.*);(\d{9});([A-Za-z]{1,2});([01]);(\d{4});(\d{4});(\d{4});([A-Za-z]{2});([0-9A-Fa-f]{4});[\d. ]{7}$/s;

/** Null for what is no telegram. */
function readTelegram(
  text: string,
): Extract<SickMdaFrame, { kind: "measurement" | "otherUnit" }> | null {
  const [found, objectNumber, code = "", weight, weightUnit = "", scaleError, ...rest] =
    telegram.exec(text) ?? [];
  if (found === undefined) return null;
  const [length, width, height, lengthUnit = "", statusHex = ""] = rest;
  if (!isWeightUnit(weightUnit)) return { kind: "otherUnit", unit: weightUnit };
  if (!isLengthUnit(lengthUnit)) return { kind: "otherUnit", unit: lengthUnit };
  const isScaleConnected = scaleError === "0";
  const grams = gramsOf(Number(weight), 0, weightUnit);
  const status = Number.parseInt(statusHex, 16);
  const mmOf = (digits: string | undefined): number => millimetresOf(Number(digits), 0, lengthUnit);
  const edges = { length: mmOf(length), width: mmOf(width), height: mmOf(height) };
  return {
    kind: "measurement",
    objectNumber: Number(objectNumber),
    code: isNoRead(code) ? null : code,
    isScaleConnected,
    grams: isScaleConnected && grams > 0 ? grams : null,
    status,
    dimensionsMm: status === 0 ? dimensionsOf(edges) : null,
  };
}

const isWeightUnit = (text: string): text is WeightUnit =>
  weightUnits.some((unit) => unit === text);
const isLengthUnit = (text: string): text is LengthUnit =>
  lengthUnits.some((unit) => unit === text);

export interface SickMdaOutput {
  /** 0 to 9,999. */
  readonly objectNumber: number;
  /** Null: no label was read. */
  readonly code: string | null;
  /** Null: an error, which is written as zeros. */
  readonly grams: number | null;
  readonly isScaleConnected: boolean;
  readonly dimensionsMm: DimensionsMm | null;
  readonly status: number;
}

/** A telegram in grams and millimetres. */
export function encodeSickMda(output: SickMdaOutput): Uint8Array {
  const { objectNumber, code, grams, isScaleConnected, dimensionsMm, status } = output;
  const { length, width, height } = dimensionsMm ?? { length: 0, width: 0, height: 0 };
  const zeros = (value: number, digits: number): string => String(value).padStart(digits, "0");
  return stxEtxFrame(
    [
      zeros(objectNumber, 4),
      code ?? noRead,
      zeros(grams ?? 0, 9),
      "g",
      isScaleConnected ? "0" : "1",
      ...[length, width, height].map((edgeMm) => zeros(edgeMm, 4)),
      "mm",
      status.toString(16).toUpperCase().padStart(4, "0"),
      zeros((length * width * height) % 10_000_000, 7),
    ].join(";"),
  );
}

export const encodeSickMdaHeartbeat = (text: string): Uint8Array => stxEtxFrame(text);
