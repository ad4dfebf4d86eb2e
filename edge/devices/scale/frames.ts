import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak, unreadable } from "../dialect.ts";
import { discardedBytes } from "../frame-dialect.ts";
import { createPresetDialect } from "../preset-frames.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ScaleHeard } from "./heard.ts";
import { nameOtherDialect } from "./other-dialect.ts";

/**
 * A scale that weighs by itself and writes one frame a parcel: in front, as a scanner would, what
 * tells whose weight it is; then grams, digits alone. Our own, for scales that can be programmed.
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
      const [code, other] = frame.codes;
      if (code === undefined || other !== undefined || !/^[0-9]{1,7}$/.test(code.text)) {
        return unreadable(`grams as 1 to 7 digits are wanted, not ${code?.text ?? "nothing"}`);
      }
      const { token } = frame.proof;
      const proof = token === undefined ? {} : { track: token };
      return { kind: "weight", grams: Number(code.text), proof };
    }
  }
}
