import { createBodyReader } from "./body.ts";
import { hexToBytes, type ScannerFormat } from "./format.ts";
import { discardedBytesShownMax, type DiscardReason, type ScannerFrame } from "./frames.ts";

/** Turns a scanner's bytes into frames. Pure: the inter-byte time-out is an input, not a timer. */
export interface ScannerParser {
  /** Frames completed by these bytes, in wire order. However a stream is cut, they are the same. */
  push(chunk: Uint8Array): ScannerFrame[];
  /** Tells that the line was silent for `interByteTimeoutMs`. */
  timeOut(): ScannerFrame[];
  /** Whether a frame has begun, so that a silence would cut it. */
  isInsideFrame(): boolean;
  /** Never more than `maxLengthBytes` and the longest end. */
  bufferedBytes(): number;
}

/**
 * `outside` waits for a start; `inside` collects; `skipping` drops the rest of an over-long frame
 * that has no start byte to resynchronise on.
 */
type State = "outside" | "inside" | "skipping";

export function createScannerParser(format: ScannerFormat): ScannerParser {
  const start = format.startHex === null ? null : (hexToBytes(format.startHex)[0] ?? null);
  const ends = format.endHex.map(hexToBytes);
  const bitMask = format.encoding === "ascii7" ? 0x7f : 0xff;
  const endLengthMax = Math.max(...ends.map((end) => end.length));
  const bufferBytesMax = format.maxLengthBytes + endLengthMax;
  const readBody = createBodyReader(format);
  const resting: State = start === null ? "inside" : "outside";

  const buffer = new Uint8Array(bufferBytesMax);
  let length = 0;
  let state: State = resting;
  /** The last bytes seen while skipping, to find an end that is longer than one byte. */
  let skippedTail: number[] = [];

  const discard = (why: DiscardReason): ScannerFrame => {
    const bytes = buffer.slice(0, Math.min(length, discardedBytesShownMax));
    const frame: ScannerFrame = { kind: "discarded", why, totalBytes: length, bytes };
    length = 0;
    return frame;
  };

  const endLengthAt = (bytes: ArrayLike<number>, upTo: number): number => {
    for (const end of ends) {
      const from = upTo - end.length;
      if (from >= 0 && end.every((byte, index) => bytes[from + index] === byte)) return end.length;
    }
    return 0;
  };

  /** Bytes that are dropped without being collected, told of once a run. */
  const createRun = (why: DiscardReason, out: ScannerFrame[]) => {
    const shown: number[] = [];
    let totalBytes = 0;
    return {
      add(byte: number) {
        totalBytes += 1;
        if (shown.length < discardedBytesShownMax) shown.push(byte);
      },
      end() {
        if (totalBytes === 0) return;
        out.push({ kind: "discarded", why, totalBytes, bytes: Uint8Array.from(shown) });
        shown.length = 0;
        totalBytes = 0;
      },
    };
  };

  const collect = (byte: number, out: ScannerFrame[]): void => {
    if (byte === start) {
      out.push(discard("restarted"));
      return;
    }
    buffer[length] = byte;
    length += 1;
    const endLength = endLengthAt(buffer, length);
    if (endLength > 0) {
      const body = buffer.slice(0, length - endLength);
      length = 0;
      state = resting;
      // Between two line ends there is nothing, and nothing to complain about.
      const isBlank = start === null && body.length === 0;
      if (!isBlank) out.push(readBody(body));
      return;
    }
    if (length < bufferBytesMax) return;
    out.push(discard("tooLong"));
    state = start === null ? "skipping" : "outside";
    skippedTail = [];
  };

  return {
    push(chunk) {
      const out: ScannerFrame[] = [];
      const outside = createRun("outsideFrame", out);
      const skipped = createRun("tooLong", out);
      for (const raw of chunk) {
        const byte = raw & bitMask;
        if (state === "inside") {
          collect(byte, out);
        } else if (state === "outside") {
          if (byte !== start) {
            outside.add(byte);
            continue;
          }
          outside.end();
          state = "inside";
        } else {
          skipped.add(byte);
          skippedTail = [...skippedTail, byte].slice(-endLengthMax);
          if (endLengthAt(skippedTail, skippedTail.length) === 0) continue;
          skipped.end();
          state = "inside";
        }
      }
      outside.end();
      skipped.end();
      return out;
    },
    timeOut() {
      const wasInside = state === "inside" && (start !== null || length > 0);
      state = resting;
      return wasInside ? [discard("timedOut")] : [];
    },
    isInsideFrame: () =>
      state === "skipping" || (state === "inside" && (start !== null || length > 0)),
    bufferedBytes: () => length,
  };
}
