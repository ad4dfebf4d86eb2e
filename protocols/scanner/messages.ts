import { z } from "zod";
import { zReadProof } from "./read-proof.ts";
import { codesPerReadMax, zScannedCode } from "../barcode/scanned-code.ts";

/**
 * A scanner on MQTT (our own dialect): JSON on `{base}/read`, one message a parcel, and on
 * `{base}/life` at least every second. The line tells it tokens and tests on `{base}/command`
 * (`zProofCommand`).
 */
export const zScannerReadMessage = z.strictObject({
  /** Grows by one at each read; 0 after the scanner's restart. A repeat is not a second parcel. */
  seq: z.number().int().min(0),
  /** All codes seen, in the scanner's order; empty for a no-read. */
  codes: z.array(zScannedCode).max(codesPerReadMax),
  /** Latched at the trigger of this very read. */
  proof: zReadProof.optional(),
});
export type ScannerReadMessage = z.infer<typeof zScannerReadMessage>;

export const zScannerLifeMessage = z.strictObject({ seq: z.number().int().min(0) });
export type ScannerLifeMessage = z.infer<typeof zScannerLifeMessage>;
