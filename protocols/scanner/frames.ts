import type { ScannedCode } from "../barcode/scanned-code.ts";
import type { ReadProof } from "./read-proof.ts";

/** Why bytes did not become a frame. */
export type DiscardReason =
  /** Bytes between frames. */
  | "outsideFrame"
  /** A second start came before the end. */
  | "restarted"
  | "tooLong"
  /** The line paused inside a frame. */
  | "timedOut"
  | "wronglyEncoded"
  /** A whole frame whose text is not what the format says. */
  | "malformed";

/** Everything a scanner's wire can say. Bytes are never dropped without a word. */
export type ScannerFrame =
  | { readonly kind: "read"; readonly codes: readonly ScannedCode[]; readonly proof: ReadProof }
  | { readonly kind: "noRead"; readonly proof: ReadProof }
  | { readonly kind: "heartbeat" }
  /** An answer to a command. Never a parcel's code. */
  | { readonly kind: "ack"; readonly text: string }
  /** An answer that says that a command was not taken, and why. Never a parcel's code. */
  | { readonly kind: "refusal"; readonly text: string }
  | DiscardedBytes;

interface DiscardedBytes {
  readonly kind: "discarded";
  readonly why: DiscardReason;
  readonly totalBytes: number;
  /** The first of them, at most `discardedBytesShownMax`. */
  readonly bytes: Uint8Array;
}

export const discardedBytesShownMax = 64;
