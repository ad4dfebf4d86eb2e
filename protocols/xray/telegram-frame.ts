import { crc32 } from "../crc32.ts";

/**
 * The frame of our own telegrams, for a serial line and for TCP alike. Numbers are little-endian:
 *
 * | offset | bytes | what |
 * |---|---|---|
 * | 0 | 2 | start, `A5 5A` |
 * | 2 | 1 | version, 1 |
 * | 3 | 1 | type of the telegram |
 * | 4 | 2 | sequence number |
 * | 6 | 2 | length of the body in bytes, at most 8,192 |
 * | 8 | 2 | check of the head: the lower half of the CRC-32 of bytes 0 to 7 |
 * | 10 | n | body |
 * | 10 + n | 4 | CRC-32 of everything before it |
 *
 * With a check of its own a damaged length makes nobody wait for bytes that never come, and of a
 * frame whose body alone is damaged it is known which one it was.
 */
export interface TelegramFrame {
  readonly kind: "telegram";
  readonly type: number;
  readonly seq: number;
  readonly body: Uint8Array;
}

/** A frame that came whole, and one of whose bytes behind the head is not as it was sent. */
export interface DamagedFrame {
  readonly kind: "damaged";
  readonly why: "checksum";
  readonly type: number;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** Bytes that are no frame, or that a silence has cut. */
export interface DiscardedTelegram {
  readonly kind: "discarded";
  readonly why: "outsideFrame" | "timedOut";
  /** How many there were, and the first of them. */
  readonly totalBytes: number;
  readonly bytes: Uint8Array;
}

export type TelegramWord = TelegramFrame | DamagedFrame | DiscardedTelegram;

export const telegramBodyBytesMax = 8_192;
const headBytes = 10;
const checksumBytes = 4;
/** A parser holds no more than this, whatever comes. */
export const telegramBytesMax = headBytes + telegramBodyBytesMax + checksumBytes;
/** Of what is no frame. */
const shownBytesMax = 24;

const start = [0xa5, 0x5a] as const;
const version = 1;

export function encodeTelegramFrame({ type, seq, body }: Omit<TelegramFrame, "kind">): Uint8Array {
  const bytes = new Uint8Array(headBytes + body.length + checksumBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(start, 0);
  bytes[2] = version;
  bytes[3] = type;
  view.setUint16(4, seq, true);
  view.setUint16(6, body.length, true);
  view.setUint16(8, headCheck(bytes), true);
  bytes.set(body, headBytes);
  const end = headBytes + body.length;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

const headCheck = (bytes: Uint8Array): number => crc32(bytes.subarray(0, 8)) & 0xffff;

/** Pure: a silence in mid-frame is told with `timeOut`. */
export interface TelegramParser {
  /** What these bytes complete, in wire order. However a stream is cut, the telegrams are the same. */
  push(chunk: Uint8Array): TelegramWord[];
  /** Tells of a silence within a frame: what has begun will not be completed any more. */
  timeOut(): TelegramWord[];
  isInsideFrame(): boolean;
  /** Never as much as `telegramBytesMax`. */
  bufferedBytes(): number;
}

export function createTelegramParser(): TelegramParser {
  let pending: Uint8Array = new Uint8Array(0);

  /** Takes what is whole from the front; with `isOver` nothing more will come. */
  const take = (bytes: Uint8Array, isOver: boolean): TelegramWord[] => {
    const out: TelegramWord[] = [];
    let at = 0;
    /** Behind the last frame; what is dropped from there on is told. */
    let outsideFrom = 0;
    const endOutside = (): void => {
      if (outsideFrom < at) {
        out.push(
          discardedOf(bytes.subarray(outsideFrom, at), isOver ? "timedOut" : "outsideFrame"),
        );
      }
    };
    while (at < bytes.length) {
      const found = frameAt(bytes, at);
      if (found === "cut" && !isOver) break;
      if (found === "none" || found === "cut") {
        at = nextStart(bytes, at + 1);
        continue;
      }
      endOutside();
      out.push(found.word);
      outsideFrom = at + found.bytes;
      // Within a damaged frame a good one may begin, where it was bytes that went missing.
      at = found.word.kind === "damaged" ? nextStart(bytes, at + 1) : outsideFrom;
    }
    endOutside();
    pending = bytes.slice(at);
    return out;
  };

  return {
    push: (chunk) => take(joined(pending, chunk), false),
    timeOut: () => take(pending, true),
    isInsideFrame: () => pending.length > 0,
    bufferedBytes: () => pending.length,
  };
}

const joined = (pending: Uint8Array, chunk: Uint8Array): Uint8Array => {
  if (pending.length === 0) return chunk;
  const bytes = new Uint8Array(pending.length + chunk.length);
  bytes.set(pending);
  bytes.set(chunk, pending.length);
  return bytes;
};

/** Where a frame may begin next; the end, where nothing looks like it. */
function nextStart(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(start[0], from);
  return at < 0 ? bytes.length : at;
}

/** What begins here: a frame, one of which some is still to come, or none. */
function frameAt(
  bytes: Uint8Array,
  at: number,
): { readonly word: TelegramFrame | DamagedFrame; readonly bytes: number } | "cut" | "none" {
  const left = bytes.length - at;
  if (bytes[at] !== start[0]) return "none";
  if (left >= 2 && bytes[at + 1] !== start[1]) return "none";
  if (left >= 3 && bytes[at + 2] !== version) return "none";
  if (left < headBytes) return "cut";
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, left);
  if (headCheck(bytes.subarray(at, at + 8)) !== view.getUint16(8, true)) return "none";
  const bodyBytes = view.getUint16(6, true);
  if (bodyBytes > telegramBodyBytesMax) return "none";
  const end = headBytes + bodyBytes;
  if (left < end + checksumBytes) return "cut";
  const type = view.getUint8(3);
  const seq = view.getUint16(4, true);
  const whole = end + checksumBytes;
  if (crc32(bytes.subarray(at, at + end)) !== view.getUint32(end, true)) {
    const shown = bytes.slice(at, at + Math.min(whole, shownBytesMax));
    return { word: { kind: "damaged", why: "checksum", type, seq, bytes: shown }, bytes: whole };
  }
  const body = bytes.slice(at + headBytes, at + end);
  return { word: { kind: "telegram", type, seq, body }, bytes: whole };
}

const discardedOf = (bytes: Uint8Array, why: DiscardedTelegram["why"]): DiscardedTelegram => ({
  kind: "discarded",
  why,
  totalBytes: bytes.length,
  bytes: bytes.slice(0, shownBytesMax),
});
