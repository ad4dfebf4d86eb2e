import { dimensionsOf } from "../../../protocols/scale/dimensions.ts";
import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak, unreadable } from "../dialect.ts";
import { discardedBytes } from "../frame-dialect.ts";
import { createPresetDialect } from "../preset-frames.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { Measured, ScaleHeard } from "./heard.ts";
import { nameOtherDialect } from "./other-dialect.ts";

/**
 * A scale that weighs by itself and writes one frame a parcel: in front, as a scanner would, what
 * tells whose weight it is; then grams, digits alone, and behind them, where it measures too, length,
 * width and height in millimetres. Our own, for scales that can be programmed.
 */
export const weightFramesCarriers = (
  format: ScannerFormat,
): Carriers<ScaleHeard, ProofCommand> => ({
  bytes: (link, clock) =>
    speak(
      nameOtherDialect(null, createPresetDialect(format, meaningOf)),
      createByteWire(link),
      clock,
    ),
});

function meaningOf(frame: ScannerFrame): ScaleHeard {
  switch (frame.kind) {
    case "discarded":
      return discardedBytes(frame, { discardedBytesTotal: frame.totalBytes });
    case "heartbeat":
    case "ack":
    case "refusal":
    case "noRead":
      return { kind: "life" };
    case "read": {
      const texts = frame.codes.map(({ text }) => text);
      const numbers = numbersIn(texts);
      if (numbers === null) {
        const given = texts.length === 0 ? "nothing" : texts.join(" ");
        return unreadable(
          `grams as 1 to 7 digits are wanted, alone or with three edges, not ${given}`,
        );
      }
      const { token } = frame.proof;
      const proof = token === undefined ? {} : { track: token };
      return { kind: "weight", proof, ...numbers };
    }
  }
}

/** Grams, and of a scale that measures too length, width and height in millimetres; null: neither. */
function numbersIn(texts: readonly string[]): ({ readonly grams: number } & Measured) | null {
  if (!texts.every((text) => /^[0-9]{1,7}$/.test(text))) return null;
  const [grams, length, width, height, other] = texts.map(Number);
  if (grams === undefined || other !== undefined) return null;
  if (length === undefined) return { grams };
  if (width === undefined || height === undefined) return null;
  return { grams, dimensionsMm: dimensionsOf({ length, width, height }) };
}
