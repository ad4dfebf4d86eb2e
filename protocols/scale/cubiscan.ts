import { dimensionsOf, type DimensionsMm } from "./dimensions.ts";
import { millimetresOf, type LengthUnit } from "./length-unit.ts";
import {
  createStxParser,
  etx,
  stxEtxFrame,
  type StxDiscarded,
  type StxParser,
} from "./stx-frames.ts";
import { gramsOf, type WeightUnit } from "./weight-unit.ts";

/**
 * CubiScan, a scale that measures too: to `STX M ETX CR LF` it answers with three edges and a weight,
 * each in a field of its own width, so that a byte that is lost on the way makes no other number.
 * The bytes are the same on a serial line and over Ethernet. A frame has no checksum.
 * @see CubiScan 125 service manual, pp. 60, 67 and 111; CubiScan 325 service manual, p. 54
 */
export const cubiscanQuestion = stxEtxFrame("M", "\r\n");

/** Why a field holds no number: too little to tell, not at rest, more than the field or the machine takes. */
export type CubiscanFlaw = "under" | "unstable" | "over";

export type CubiscanFrame =
  | CubiscanMeasurement
  /** It did not measure; null: it gives no reason that is known here. */
  | { readonly kind: "refusal"; readonly why: CubiscanRefusal | null }
  /** It does not know what it was asked. */
  | { readonly kind: "unknownCommand" }
  | StxDiscarded;

export interface CubiscanMeasurement {
  readonly kind: "measurement";
  /** Null where an edge is nothing or too long, or `edgeFlaw` says why it is none. */
  readonly dimensionsMm: DimensionsMm | null;
  /** The worst flaw among the edges: one that is not at rest comes before the others. */
  readonly edgeFlaw: CubiscanFlaw | null;
  /** What lies on the scale. */
  readonly grams: number | CubiscanFlaw;
  /** What a carrier would charge for by size: a price's measure, and no weight of anything. */
  readonly dimensional: {
    readonly grams: number | CubiscanFlaw;
    /** What length times width times height is divided by. */
    readonly factor: number;
    readonly shipping: "domestic" | "international";
  };
}

const refusals = { C: "cornerSensor", M: "notMeasured", Z: "notZeroed" } as const;
export type CubiscanRefusal = (typeof refusals)[keyof typeof refusals];

type CubiscanBody = Exclude<CubiscanFrame, StxDiscarded>;

/** Without STX and ETX: 62 bytes with them and the line's end. */
const bodyBytes = 58;

export const createCubiscanParser = (): StxParser<CubiscanBody> =>
  createStxParser({
    end: etx,
    bodyBytesMax: bodyBytes,
    isSevenBit: true,
    skipsLineEnds: true,
    readBody,
  });

/** Who began it, and a place's code, are not looked at. */
const measured =
  /^MA[CH][^,]{6},L([^,]{5}),W([^,]{5}),H([^,]{5}),([EM]),K([^,]{6}),D([^,]{6}),([EM]),F(\d{4}),([DI])$/;

/** Null: what stands between start and end is nothing that is known here. */
function readBody(text: string): CubiscanBody | null {
  if (text === "?N") return { kind: "unknownCommand" };
  const [isRefusal, letter] = /^MN(?:[CH]([CMZ]))?[ -~]{0,4}$/.exec(text) ?? [];
  if (isRefusal !== undefined) {
    return { kind: "refusal", why: isRefusalLetter(letter) ? refusals[letter] : null };
  }
  return readMeasurement(text);
}

const isRefusalLetter = (letter: string | undefined): letter is keyof typeof refusals =>
  letter !== undefined && letter in refusals;

function readMeasurement(text: string): CubiscanMeasurement | null {
  const [found, ...fields] = measured.exec(text) ?? [];
  if (found === undefined) return null;
  const [length = "", width = "", height = "", lengthUnit] = fields;
  const [weight = "", dimWeight = "", weightUnit, factor, shipping] = fields.slice(4);
  const edges = [length, width, height].map((field) => readField(field, mmIn(lengthUnit)));
  const grams = readField(weight, gramsIn(weightUnit));
  const dimensionalG = readField(dimWeight, gramsIn(weightUnit));
  if (grams === null || dimensionalG === null || edges.includes(null)) return null;
  return {
    kind: "measurement",
    ...edgesOf(edges),
    grams,
    dimensional: {
      grams: dimensionalG,
      factor: Number(factor),
      shipping: shipping === "D" ? "domestic" : "international",
    },
  };
}

type Field = number | CubiscanFlaw | null;

function edgesOf([length, width, height]: readonly Field[]): Pick<
  CubiscanMeasurement,
  "dimensionsMm" | "edgeFlaw"
> {
  if (typeof length === "number" && typeof width === "number" && typeof height === "number") {
    return { dimensionsMm: dimensionsOf({ length, width, height }), edgeFlaw: null };
  }
  const edges = [length, width, height];
  const edgeFlaw = (["unstable", "over", "under"] as const).find((flaw) => edges.includes(flaw));
  return { dimensionsMm: null, edgeFlaw: edgeFlaw ?? null };
}

const flaws = { _: "under", "-": "unstable", "~": "over" } as const;

/** Null: neither a number nor one of the signs that stand for a flaw. */
function readField(field: string, inUnit: (digits: number, exponent: number) => number): Field {
  const [, sign] = /^([-_~])\1*$/.exec(field.trim()) ?? [];
  if (sign === "_" || sign === "-" || sign === "~") return flaws[sign];
  const [, whole = "", fraction = ""] = /^ *(\d+)\.(\d*)$/.exec(field) ?? [];
  return whole === "" ? null : inUnit(Number(whole + fraction), -fraction.length);
}

/** `E` for English, `M` for metric. */
const mmIn = (unit: string | undefined) => (digits: number, exponent: number) =>
  millimetresOf(digits, exponent, unit === "E" ? "in" : "cm");
const gramsIn = (unit: string | undefined) => (digits: number, exponent: number) =>
  gramsOf(digits, exponent, unit === "E" ? "lb" : "kg");

export interface CubiscanShown {
  readonly kind: "measurement";
  readonly lengthUnit: Extract<LengthUnit, "cm" | "in">;
  /** Tenths of the unit, 0 to 9,999. */
  readonly length: number | CubiscanFlaw;
  readonly width: number | CubiscanFlaw;
  readonly height: number | CubiscanFlaw;
  readonly weightUnit: Extract<WeightUnit, "kg" | "lb">;
  /** Hundredths of the unit, 0 to 99,999. */
  readonly weight: number | CubiscanFlaw;
  readonly dimWeight: number | CubiscanFlaw;
  readonly factor: number;
  readonly shipping: "domestic" | "international";
}
export type CubiscanOutput =
  | CubiscanShown
  | { readonly kind: "refusal"; readonly why: CubiscanRefusal }
  | { readonly kind: "unknownCommand" };

/** An answer to the host, of a machine whose place is called 000000. */
export const encodeCubiscan = (output: CubiscanOutput): Uint8Array =>
  stxEtxFrame(bodyOf(output), "\r\n");

function bodyOf(output: CubiscanOutput): string {
  switch (output.kind) {
    case "unknownCommand":
      return "?N";
    case "refusal":
      return `MNH${refusalLetters[output.why]}`;
    case "measurement": {
      const { length, width, height, weight, dimWeight, factor } = output;
      return [
        "MAH000000",
        `L${edge(length)}`,
        `W${edge(width)}`,
        `H${edge(height)}`,
        output.lengthUnit === "in" ? "E" : "M",
        `K${mass(weight)}`,
        `D${mass(dimWeight)}`,
        output.weightUnit === "lb" ? "E" : "M",
        `F${String(factor).padStart(4, "0")}`,
        output.shipping === "domestic" ? "D" : "I",
      ].join(",");
    }
  }
}

const refusalLetters = { cornerSensor: "C", notMeasured: "M", notZeroed: "Z" } as const;
const signs = { under: "_", unstable: "-", over: "~" } as const;

const edge = (shown: number | CubiscanFlaw): string => fieldOf(shown, { chars: 5, decimals: 1 });
const mass = (shown: number | CubiscanFlaw): string => fieldOf(shown, { chars: 6, decimals: 2 });

function fieldOf(
  shown: number | CubiscanFlaw,
  { chars, decimals }: { readonly chars: number; readonly decimals: number },
): string {
  if (typeof shown !== "number") return signs[shown].repeat(chars);
  return (shown / 10 ** decimals).toFixed(decimals).padStart(chars, "0");
}
