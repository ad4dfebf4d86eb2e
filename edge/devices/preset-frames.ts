import { z } from "zod";
import { encodeProofCommand } from "../../protocols/scanner/encoder.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../protocols/scanner/frames.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import { scannerFormatOf, zScannerPreset } from "../../protocols/scanner/presets.ts";
import type { ProofCommand } from "../../protocols/scanner/read-proof.ts";
import type { Dialect } from "./dialect.ts";
import { createFrameDialect } from "./frame-dialect.ts";

/** Frames as a vendor's preset has them, and what differs from it. */
export const zFramesDialect = z
  .strictObject({
    kind: z
      .literal("frames")
      .describe(
        "Frames of characters as a vendor's preset has them; each other key that is left out is as there.",
      ),
    ...zScannerPreset.shape,
  })
  .transform(({ kind, ...preset }, context) => ({
    kind,
    format: scannerFormatOf(preset, context),
  }));

/** The dialect of a device that writes such frames; `meaningOf` tells what it means by one. */
export function createPresetDialect<Heard>(
  format: ScannerFormat,
  meaningOf: (frame: ScannerFrame) => Heard,
): Dialect<Uint8Array, Uint8Array, Heard, ProofCommand> {
  return createFrameDialect({
    parser: createScannerParser(format),
    interByteTimeoutMs: format.interByteTimeoutMs,
    meaningOf,
    write: (command: ProofCommand) => encodeProofCommand(format, command),
  });
}
