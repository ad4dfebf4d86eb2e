import { withoutNoReads } from "../../../protocols/barcode/no-read.ts";
import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak } from "../dialect.ts";
import { discardedBytes } from "../frame-dialect.ts";
import { createPresetDialect } from "../preset-frames.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ScannerHeard } from "./heard.ts";

/** Frames as a vendor's preset has them, over a link of bytes. */
export const framesCarriers = (format: ScannerFormat): Carriers<ScannerHeard, ProofCommand> => ({
  bytes: (link, clock) =>
    speak(createPresetDialect(format, meaningOf), createByteWire(link), clock),
});

function meaningOf(frame: ScannerFrame): ScannerHeard {
  switch (frame.kind) {
    case "discarded":
      return discardedBytes(frame, { discardedBytesTotal: frame.totalBytes });
    case "read":
      return { ...frame, codes: withoutNoReads(frame.codes) };
    case "noRead":
      return { kind: "read", codes: [], proof: frame.proof };
    case "ack":
      return { kind: "ack" };
    case "refusal":
      return { kind: "refused", detail: frame.text };
    case "heartbeat":
      return { kind: "life" };
  }
}
