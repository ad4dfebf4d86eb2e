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
  /** A frame whose check byte does not fit. */
  | "checksum"
  | "wronglyEncoded"
  /** A whole frame whose text is not what the format says. */
  | "malformed";

/** Everything a scanner's wire can say. Bytes are never dropped without a word. */
export type ScannerFrame = SaidFrame | DiscardedBytes;

type SaidFrame = {
  /**
   * Where commands are numbered: of the command that this answers, null where the answer bears no
   * number. Left out where it answers none.
   */
  readonly commandId?: number | null;
} & (
  | { readonly kind: "read"; readonly codes: readonly ScannedCode[]; readonly proof: ReadProof }
  | { readonly kind: "noRead"; readonly proof: ReadProof }
  | { readonly kind: "heartbeat" }
  /** An answer to a command. Never a parcel's code. */
  | { readonly kind: "ack"; readonly text: string }
  /** An answer that says that a command was not taken, and why. Never a parcel's code. */
  | { readonly kind: "refusal"; readonly text: string }
);

interface DiscardedBytes {
  readonly kind: "discarded";
  readonly why: DiscardReason;
  readonly totalBytes: number;
  /** The first of them, at most `discardedBytesShownMax`. */
  readonly bytes: Uint8Array;
}

/** Turns a scanner's bytes into frames. Pure: the inter-byte time-out is an input, not a timer. */
export interface ScannerParser {
  /** Frames completed by these bytes, in wire order. However a stream is cut, they are the same. */
  push(chunk: Uint8Array): ScannerFrame[];
  /** Tells that the line was silent for `interByteTimeoutMs`. */
  timeOut(): ScannerFrame[];
  /** Whether a frame has begun, so that a silence would cut it. */
  isInsideFrame(): boolean;
  /** Never more than `maxLengthBytes` and what stands around it. */
  bufferedBytes(): number;
}

export const discardedBytesShownMax = 64;
