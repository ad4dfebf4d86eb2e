import { z } from "zod";
import { sumComplement } from "../sum-complement.ts";
import { gramsOf, type WeightUnit } from "./weight-unit.ts";

/**
 * Mettler Toledo continuous output, as the 8530 and 8142 and their many clones send it:
 * `STX SWA SWB SWC W1..W6 T1..T6 CR [CHK]`. Clones set the constant bits as they like, so only
 * bits 0 to 4 of the status bytes are read, and bit 7 (parity) is dropped.
 * @see Mettler Toledo Wildcat service manual, pp. 6-4 and 6-5; Cardinal 225 manual, p. 118
 */
export const zToledoFormat = z.strictObject({
  hasTare: z.boolean().describe("False for the short form without the six digits of tare."),
  hasChecksum: z.boolean().describe("Whether a check byte follows each frame's CR."),
  unit: z
    .enum(["status", "kg", "g", "lb"])
    .describe(
      "status: the frame's status bytes say it. Otherwise what the scale is known to send, whatever they say.",
    ),
});
export type ToledoFormat = z.infer<typeof zToledoFormat>;

export const defaultToledoFormat: ToledoFormat = {
  hasTare: true,
  hasChecksum: true,
  unit: "status",
};

/** What one frame says. `grams` is exact, rounded half up where the scale is finer than a gram. */
export interface ToledoReading {
  readonly kind: "reading";
  /** Never negative: the sign is `isNegative`. */
  readonly grams: number;
  readonly isNet: boolean;
  readonly isNegative: boolean;
  readonly isOutOfRange: boolean;
  readonly isInMotion: boolean;
}

interface ToledoDiscarded {
  readonly kind: "discarded";
  readonly why: "outsideFrame" | "checksum" | "malformed" | "timedOut";
  /** At most one frame's worth. */
  readonly bytes: Uint8Array;
}

export type ToledoFrame = ToledoReading | ToledoDiscarded;

/** Pure: a silence in mid-frame is told with `timeOut`. */
export interface ToledoParser {
  push(chunk: Uint8Array): ToledoFrame[];
  timeOut(): ToledoFrame[];
  isInsideFrame(): boolean;
  /** Of a frame that is not whole yet: never more than the longest has. */
  bufferedBytes(): number;
}

const stx = 0x02;
const cr = 0x0d;
const digitsPerWeight = 6;
const statusBytes = 3;

export function createToledoParser(format: ToledoFormat): ToledoParser {
  const crAt = 1 + statusBytes + digitsPerWeight * (format.hasTare ? 2 : 1);
  const frameBytes = crAt + 1 + (format.hasChecksum ? 1 : 0);
  let pending: number[] = [];

  /** Drops the start that led nowhere and goes on at the next one that is already here. */
  const resynchronise = (why: ToledoDiscarded["why"], out: ToledoFrame[]): void => {
    const next = pending.indexOf(stx, 1);
    const dropped = next < 0 ? pending : pending.slice(0, next);
    pending = next < 0 ? [] : pending.slice(next);
    out.push({ kind: "discarded", why, bytes: Uint8Array.from(dropped) });
  };

  return {
    push(chunk) {
      const out: ToledoFrame[] = [];
      let outside: number[] = [];
      const endOutside = (): void => {
        if (outside.length === 0) return;
        out.push({ kind: "discarded", why: "outsideFrame", bytes: Uint8Array.from(outside) });
        outside = [];
      };
      for (const raw of chunk) {
        const byte = raw & 0x7f;
        if (pending.length === 0 && byte !== stx) {
          outside.push(byte);
          if (outside.length >= frameBytes) endOutside();
          continue;
        }
        endOutside();
        pending.push(byte);
        if (pending.length < frameBytes) continue;
        const frame = readFrame(pending, crAt, format);
        if (typeof frame === "string") {
          resynchronise(frame, out);
        } else {
          out.push(frame);
          pending = [];
        }
      }
      endOutside();
      return out;
    },
    timeOut() {
      if (pending.length === 0) return [];
      const bytes = Uint8Array.from(pending);
      pending = [];
      return [{ kind: "discarded", why: "timedOut", bytes }];
    },
    isInsideFrame: () => pending.length > 0,
    bufferedBytes: () => pending.length,
  };
}

function readFrame(
  bytes: readonly number[],
  crAt: number,
  format: ToledoFormat,
): ToledoReading | "malformed" | "checksum" {
  if (bytes[crAt] !== cr) return "malformed";
  if (format.hasChecksum && bytes[crAt + 1] !== toledoChecksum(bytes.slice(0, crAt + 1))) {
    return "checksum";
  }
  const [, swa = 0, swb = 0, swc = 0] = bytes;
  const digitsFrom = 1 + statusBytes;
  const field = String.fromCharCode(...bytes.slice(digitsFrom, digitsFrom + digitsPerWeight));
  if (!/^ *\d+$/.test(field)) return "malformed";
  const grams = gramsOf(Number(field), 2 - (swa & 0b111), unitOf(swb, swc, format));
  return {
    kind: "reading",
    grams,
    isNet: (swb & 0b0_0001) !== 0,
    isNegative: (swb & 0b0_0010) !== 0,
    isOutOfRange: (swb & 0b0_0100) !== 0,
    isInMotion: (swb & 0b0_1000) !== 0,
  };
}

function unitOf(swb: number, swc: number, format: ToledoFormat): WeightUnit {
  if (format.unit !== "status") return format.unit;
  if ((swc & 0b111) === 1) return "g";
  return (swb & 0b1_0000) === 0 ? "lb" : "kg";
}

/** Of all bytes from STX to CR. */
export const toledoChecksum = (bytes: readonly number[]): number => sumComplement(bytes, 7);

export interface ToledoOutput {
  /** 0 to 999,999 in the scale's steps of one gram. */
  readonly grams: number;
  readonly isInMotion: boolean;
  readonly isOutOfRange?: boolean;
}

/** A frame of a scale that shows kilograms with three decimals, gross, with tare digits of zero. */
export function encodeToledo(output: ToledoOutput, format: ToledoFormat): Uint8Array {
  const swa = 0x2d;
  const swb = 0x30 | (output.isInMotion ? 0x08 : 0) | (output.isOutOfRange === true ? 0x04 : 0);
  const swc = 0x20;
  const digits = String(output.grams).padStart(digitsPerWeight, "0");
  const tare = format.hasTare ? "0".repeat(digitsPerWeight) : "";
  const body = [stx, swa, swb, swc, ...Array.from(digits + tare, (char) => char.charCodeAt(0)), cr];
  return Uint8Array.from(format.hasChecksum ? [...body, toledoChecksum(body)] : body);
}
