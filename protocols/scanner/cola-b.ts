import { createBodyReader } from "./body.ts";
import type { ScannerFormat } from "./format.ts";
import {
  discardedBytesShownMax,
  type DiscardReason,
  type ScannerFrame,
  type ScannerParser,
} from "./frames.ts";

/**
 * SICK's CoLa-B: four bytes 02, the number of bytes of data in four bytes, high byte first, the data,
 * and one byte that is the exclusive or of the data.
 * @see SICK LMS511 telegram listing, p. 52; LMS4000 telegram listing, p. 53
 */
const startByte = 0x02;
const startBytes = 4;
const headBytes = startBytes + 4;
const checkBytes = 1;

export function encodeColaB(data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + data.length + checkBytes);
  frame.fill(startByte, 0, startBytes);
  new DataView(frame.buffer).setUint32(startBytes, data.length);
  frame.set(data, headBytes);
  frame[frame.length - 1] = checkOf(data);
  return frame;
}

const checkOf = (data: Uint8Array): number => data.reduce((sum, byte) => sum ^ byte, 0);

/**
 * Reads such frames byte by byte. Four bytes 02 within a frame begin the next one: no label and no
 * answer holds them, and a damaged length must not make one read wait for another's bytes, since it
 * would then be told late, at another parcel.
 */
export function createColaBParser(format: ScannerFormat): ScannerParser {
  const readBody = createBodyReader(format);
  const buffer = new Uint8Array(headBytes + format.maxLengthBytes + checkBytes);
  let length = 0;
  /** Of the whole frame, once its head is there. */
  let wholeBytes: number | null = null;

  const keep = (bytes: Uint8Array): void => {
    buffer.set(bytes);
    length = bytes.length;
    wholeBytes = null;
  };
  /** Drops all but the last `kept` bytes. */
  const discard = (why: DiscardReason, kept: number): ScannerFrame => {
    const bytes = buffer.slice(0, Math.min(length - kept, discardedBytesShownMax));
    const frame: ScannerFrame = { kind: "discarded", why, totalBytes: length - kept, bytes };
    keep(buffer.slice(length - kept, length));
    return frame;
  };
  /** Whether the bytes so far may begin a frame; no bytes may. */
  const mayBegin = (): boolean => {
    const start = buffer.subarray(0, Math.min(length, startBytes));
    if (start.some((byte) => byte !== startByte)) return false;
    return length < headBytes || lengthIn(buffer) <= format.maxLengthBytes;
  };
  const runAtEnd = (): number => {
    let run = 0;
    while (run < startBytes && run < length && buffer[length - 1 - run] === startByte) run += 1;
    return run;
  };

  /** A whole frame, or null; `outside` takes the bytes that begin none. */
  const take = (byte: number, outside: (byte: number) => void): ScannerFrame | null => {
    buffer[length] = byte;
    length += 1;
    if (wholeBytes === null) {
      while (!mayBegin()) {
        outside(buffer[0] ?? 0);
        keep(buffer.slice(1, length));
      }
      if (length === headBytes) wholeBytes = headBytes + lengthIn(buffer) + checkBytes;
      return null;
    }
    // The first of them may have been taken for the end of a length, which itself begins with 0.
    if (length > headBytes && runAtEnd() === startBytes) {
      return discard("restarted", startBytes);
    }
    if (length < wholeBytes) return null;
    const data = buffer.slice(headBytes, length - checkBytes);
    // The start of the next frame may be what the damaged one has for its end.
    if (byte !== checkOf(data) || hasNextStart(data, byte)) return discard("checksum", runAtEnd());
    keep(new Uint8Array(0));
    return readBody(withArgumentsShown(data));
  };

  return {
    push(chunk) {
      const out: ScannerFrame[] = [];
      const outside: number[] = [];
      const endOutside = (): void => {
        const totalBytes = outside.length;
        if (totalBytes === 0) return;
        const bytes = Uint8Array.from(outside.slice(0, discardedBytesShownMax));
        out.push({ kind: "discarded", why: "outsideFrame", totalBytes, bytes });
        outside.length = 0;
      };
      for (const byte of chunk) {
        const frame = take(byte, (dropped) => outside.push(dropped));
        if (frame === null) continue;
        endOutside();
        out.push(frame);
      }
      endOutside();
      return out;
    },
    timeOut: () => (length > 0 ? [discard("timedOut", 0)] : []),
    isInsideFrame: () => length > 0,
    bufferedBytes: () => length,
  };
}

/**
 * A frame with its own check is 0 under exclusive or, so with a length of two too many the first two
 * bytes of the next frame would prove each other.
 */
const hasNextStart = (data: Uint8Array, check: number): boolean =>
  check === startByte && data.at(-1) === startByte && !verb.test(String.fromCharCode(...data));

const lengthIn = (frame: Uint8Array): number =>
  new DataView(frame.buffer, frame.byteOffset).getUint32(startBytes);

/**
 * What a verb is given or answers follows as plain bytes, where CoLa-A writes hexadecimal digits. So
 * that one format reads both, control characters behind a verb are written like that: 01 is `1`.
 */
function withArgumentsShown(data: Uint8Array): Uint8Array {
  const text = String.fromCharCode(...data);
  if (!verb.test(text)) return data;
  const shown = Array.from(data, (byte) =>
    byte < 0x20 ? byte.toString(16).toUpperCase() : String.fromCharCode(byte),
  );
  return Uint8Array.from(shown.join(""), (char) => char.charCodeAt(0));
}

/** The three letters of a command, an answer or an event, as in `sAN mTCgateon`. */
const verb = /^s(?:[MREW]N|[REW]A|[AS]N|FA)(?![!-~])/;
