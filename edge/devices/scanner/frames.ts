import { z } from "zod";
import { encodeStationCommand } from "../../../protocols/scanner/encoder.ts";
import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import { createScannerParser } from "../../../protocols/scanner/parser.ts";
import { scannerFormatOf, zScannerPreset } from "../../../protocols/scanner/presets.ts";
import type { StationCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak } from "../dialect.ts";
import { createFrameDialect, discardedBytes } from "../frame-dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ScannerHeard } from "./heard.ts";

/** Frames as a vendor's preset has them, and what differs from it. */
export const zFramesDialect = z
  .strictObject({ kind: z.literal("frames"), ...zScannerPreset.shape })
  .transform(({ kind, ...preset }, context) => ({
    kind,
    format: scannerFormatOf(preset, context),
  }));

export const framesCarriers = (format: ScannerFormat): Carriers<ScannerHeard, StationCommand> => ({
  bytes: (link, clock) => {
    const parser = createScannerParser(format);
    const { interByteTimeoutMs } = format;
    const dialect = createFrameDialect({
      parser,
      interByteTimeoutMs,
      meaningOf,
      write: (command: StationCommand) => encodeStationCommand(format, command),
    });
    return speak(dialect, createByteWire(link), clock);
  },
});

function meaningOf(frame: ScannerFrame): ScannerHeard {
  switch (frame.kind) {
    case "discarded":
      return discardedBytes(frame, { discardedBytesTotal: frame.totalBytes });
    case "read":
      return frame;
    case "noRead":
      return { kind: "read", codes: [], proof: frame.proof };
    case "ack":
      return { kind: "ack" };
    case "heartbeat":
      return { kind: "life" };
  }
}
