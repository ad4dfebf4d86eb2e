import { z } from "zod";
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
  | Toledo8213Discarded;

/** Why a scale has no weight to tell. */
export interface Toledo8213Status {
  readonly isInMotion: boolean;
  /** Over its capacity, or out of range altogether. */
  readonly isOutOfRange: boolean;
  readonly isUnderZero: boolean;
}

interface Toledo8213Discarded {
  readonly kind: "discarded";
  readonly why: "outsideFrame" | "restarted" | "tooLong" | "malformed" | "timedOut";
  /** At most one frame's worth. */
  readonly bytes: Uint8Array;
}

/** Pure: a silence in mid-frame is told with `timeOut`. */
export interface Toledo8213Parser {
  push(chunk: Uint8Array): Toledo8213Frame[];
  timeOut(): Toledo8213Frame[];
  isInsideFrame(): boolean;
}

const stx = 0x02;
const cr = 0x0d;
const questionMark = "?";

/** Asks for the weight. The protocol's other letters zero the scale and test it, and are not used. */
export const toledo8213Question = Uint8Array.of("W".charCodeAt(0));

/** Bit 6 is always set and bit 7 is parity; 3 to 5 (zero capture, centre of zero, net) refuse nothing. */
const statusBits = { isInMotion: 0b001, isOutOfRange: 0b010, isUnderZero: 0b100 } as const;

export function createToledo8213Parser(format: Toledo8213Format): Toledo8213Parser {
  const bodyBytesMax = format.digits + 1;
  /** From the start on; null between frames. */
  let pending: number[] | null = null;

  const discard = (why: Toledo8213Discarded["why"], bytes: readonly number[]) =>
    ({ kind: "discarded", why, bytes: Uint8Array.from(bytes) }) as const;

  return {
    push(chunk) {
      const out: Toledo8213Frame[] = [];
      let outside: number[] = [];
      const endOutside = (): void => {
        if (outside.length > 0) out.push(discard("outsideFrame", outside));
        outside = [];
      };
      for (const raw of chunk) {
        const byte = raw & 0x7f;
        if (byte === stx) {
          endOutside();
          if (pending !== null) out.push(discard("restarted", pending));
          pending = [byte];
        } else if (pending === null) {
          outside.push(byte);
          if (outside.length > bodyBytesMax) endOutside();
        } else if (byte === cr) {
          out.push(readBody(pending.slice(1), format) ?? discard("malformed", [...pending, byte]));
          pending = null;
        } else {
          pending.push(byte);
          if (pending.length <= 1 + bodyBytesMax) continue;
          out.push(discard("tooLong", pending));
          pending = null;
        }
      }
      endOutside();
      return out;
    },
    timeOut() {
      if (pending === null) return [];
      const bytes = pending;
      pending = null;
      return [discard("timedOut", bytes)];
    },
    isInsideFrame: () => pending !== null,
  };
}

/** Null: what stands between start and end is neither a weight of this format nor a status. */
function readBody(bytes: readonly number[], format: Toledo8213Format): Toledo8213Frame | null {
  const text = String.fromCharCode(...bytes);
  const [first, status = 0] = bytes;
  if (text.startsWith(questionMark) && text.length === 2 && first !== undefined) {
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
