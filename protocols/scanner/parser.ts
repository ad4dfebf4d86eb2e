import { createBodyReader } from "./body.ts";
import { createColaBParser } from "./cola-b.ts";
import { hexToBytes, type ScannerFormat } from "./format.ts";
import {
  discardedBytesShownMax,
  type DiscardReason,
  type ScannerFrame,
  type ScannerParser,
} from "./frames.ts";

/** Whatever a format says about its frames. */
export const createScannerParser = (format: ScannerFormat): ScannerParser =>
  format.framing === "cola-b" ? createColaBParser(format) : createMarksParser(format);

/**
 * `outside` waits for a start; `inside` collects; `skipping` drops the rest of an over-long frame
 * that has no start byte to resynchronise on.
 */
type State = "outside" | "inside" | "skipping";

/** Frames between a start and an end. */
function createMarksParser(format: ScannerFormat): ScannerParser {
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
