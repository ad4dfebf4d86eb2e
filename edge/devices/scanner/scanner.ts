import type { ScannedCode } from "../../../protocols/barcode/scanned-code.ts";
import type { ReadProof, ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import type { Sending } from "../../../protocols/transport.ts";
import type { DevicePort } from "../port.ts";

/**
 * A barcode scanner that looks at every parcel and reports one read a parcel: all codes it saw, or
 * that it saw none. It does not know counts; the shell stamps a read with the belt count at arrival.
 */
export interface ScannerPort extends DevicePort<ScannerRead> {
  /** A token or a test trigger. What is not sent proves nothing, and is not sent later. */
  tell(command: ProofCommand): Sending;
}

export interface ScannerRead {
  readonly kind: "read";
  /** All codes of this read, in the scanner's order; empty for a no-read. At most 16. */
  readonly codes: readonly ScannedCode[];
  /** What the scanner says of whose read it is; empty where it says nothing. */
  readonly proof: ReadProof;
}
