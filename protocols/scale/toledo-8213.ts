import { z } from "zod";
import { cr, createStxParser, type StxDiscarded, type StxParser } from "./stx-frames.ts";
import { gramsOf, weightUnits } from "./weight-unit.ts";

/**
 * Toledo 8213, a scale that speaks when it is asked: to `W` it answers `STX` weight `CR`, or
 * `STX ? status CR` where it has no weight to tell. No frame names a unit, has a sign or a checksum,
 * and whether a tare is set is told only beside a refusal.
 * @see Transcell PC-150 manual, p. B-3; Brecknell 67xx service manual, p. 71
 */
export const zToledo8213Format = z.strictObject({
  unit: z
    .enum(weightUnits)
    .describe("The unit that the scale shows. Its frames name none, so it has to be said here."),
  digits: z
    .number()
    .int()
    .min(4)
    .max(7)
    .describe("Digits of a weight, without its point. A frame with another number is refused."),
  decimals: z
    .number()
    .int()
    .min(0)
    .max(5)
    .describe(
      "How many of the digits stand behind the point. A frame whose point stands elsewhere is refused; one without a point is taken to mean it there.",
    ),
});
export type Toledo8213Format = z.infer<typeof zToledo8213Format>;

export type Toledo8213Frame =
  | { readonly kind: "weight"; readonly grams: number }
  | ({ readonly kind: "refusal" } & Toledo8213Status)
  | StxDiscarded;

/** Why a scale has no weight to tell. */
export interface Toledo8213Status {
  readonly isInMotion: boolean;
  /** Over its capacity, or out of range altogether. */
  readonly isOutOfRange: boolean;
  readonly isUnderZero: boolean;
}

const stx = 0x02;
const questionMark = "?";

/** Asks for the weight. The protocol's other letters zero the scale and test it, and are not used. */
export const toledo8213Question = Uint8Array.of("W".charCodeAt(0));

/** Bit 6 is always set and bit 7 is parity; 3 to 5 (zero capture, centre of zero, net) refuse nothing. */
const statusBits = { isInMotion: 0b001, isOutOfRange: 0b010, isUnderZero: 0b100 } as const;

export const createToledo8213Parser = (
  format: Toledo8213Format,
): StxParser<Exclude<Toledo8213Frame, StxDiscarded>> =>
  createStxParser({
    end: cr,
    bodyBytesMax: format.digits + 1,
    isSevenBit: true,
    skipsLineEnds: false,
    readBody: (text) => readBody(text, format),
  });

/** Null: what stands between start and end is neither a weight of this format nor a status. */
function readBody(
  text: string,
  format: Toledo8213Format,
): Exclude<Toledo8213Frame, StxDiscarded> | null {
  if (text.startsWith(questionMark) && text.length === 2) {
    const status = text.charCodeAt(1);
    return {
      kind: "refusal",
      isInMotion: (status & statusBits.isInMotion) !== 0,
      isOutOfRange: (status & statusBits.isOutOfRange) !== 0,
      isUnderZero: (status & statusBits.isUnderZero) !== 0,
    };
  }
  const { digits, decimals, unit } = format;
  const [, whole, fraction] = /^( *\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  if (fraction !== undefined && fraction.length !== decimals) return null;
  const shown = whole + (fraction ?? "");
  if (shown.length !== digits) return null;
  return { kind: "weight", grams: gramsOf(Number(shown), -decimals, unit) };
}

export type Toledo8213Output =
  | { readonly kind: "weight"; readonly shown: number }
  | ({ readonly kind: "refusal" } & Partial<Toledo8213Status>);

/** An answer as a scale of this format writes it; `shown` are its digits as a whole number. */
export function encodeToledo8213(output: Toledo8213Output, format: Toledo8213Format): Uint8Array {
  return Uint8Array.from([stx, ...bodyOf(output, format), cr]);
}

function bodyOf(output: Toledo8213Output, { digits, decimals }: Toledo8213Format): number[] {
  if (output.kind === "refusal") {
    const status =
      0b0100_0000 |
      (output.isInMotion === true ? statusBits.isInMotion : 0) |
      (output.isOutOfRange === true ? statusBits.isOutOfRange : 0) |
      (output.isUnderZero === true ? statusBits.isUnderZero : 0);
    return [questionMark.charCodeAt(0), status];
  }
  const shown = String(output.shown).padStart(digits, "0");
  const pointAt = digits - decimals;
  const text = decimals === 0 ? shown : `${shown.slice(0, pointAt)}.${shown.slice(pointAt)}`;
  return Array.from(text, (char) => char.charCodeAt(0));
}
