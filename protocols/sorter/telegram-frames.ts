import { crc16 } from "../crc16.ts";

/**
 * How a telegram of a sorter lies on a serial line or in a TCP stream: `$` text `*` checksum CR LF.
 * The text is printable ASCII without `$`; the checksum is the CRC-16 of the text as four capital
 * hexadecimal digits. CR or LF alone ends one, too, so that one can be written by hand.
 */
export type TelegramFrame =
  | { readonly kind: "telegram"; readonly text: string }
  | {
      readonly kind: "discarded";
      readonly why: "outsideFrame" | "badByte" | "tooLong" | "unended" | "checksum" | "timedOut";
      /** As much of it as was kept. */
      readonly bytes: Uint8Array;
    };

/** Pure: a silence in mid-telegram is told with `timeOut`. */
export interface TelegramParser {
  push(chunk: Uint8Array): TelegramFrame[];
  timeOut(): TelegramFrame[];
  isInsideFrame(): boolean;
  /** Of a frame that is not whole yet: never more than the longest has. */
  bufferedBytes(): number;
}

/** The longest legal telegram has 367 characters. */
export const telegramCharsMax = 400;
/** Bytes outside any telegram are told in pieces of at most this many. */
export const strayBytesMax = 64;

const start = 0x24;
const star = 0x2a;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const isPrintable = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e;
/** The star and four digits. */
const tailChars = 5;

type Discard = Extract<TelegramFrame, { kind: "discarded" }>["why"];

/**
 * Byte by byte, so that it does not matter how a stream is cut. A start within a telegram begins the
 * next one: what was lost in the one before costs nothing behind it.
 */
export function createTelegramParser(): TelegramParser {
  let place: "outside" | "inside" | "skipping" = "outside";
  let kept: number[] = [];
  let out: TelegramFrame[] = [];

  const discard = (why: Discard): void => {
    if (kept.length > 0) out.push({ kind: "discarded", why, bytes: Uint8Array.from(kept) });
    kept = [];
  };
  /** Tells what lies before a start or a silence, which is no whole telegram. */
  const breakOff = (why: "unended" | "timedOut"): void => {
    discard(place === "inside" ? why : "outsideFrame");
  };

  const takeInside = (byte: number): void => {
    if (byte === carriageReturn || byte === lineFeed) {
      place = "outside";
      const text = textOf(kept);
      if (typeof text !== "string") return discard(text.why);
      kept = [];
      out.push({ kind: "telegram", text });
      return;
    }
    kept.push(byte);
    const isTooLong = kept.length > telegramCharsMax + tailChars;
    if (isPrintable(byte) && !isTooLong) return;
    place = "skipping";
    discard(isTooLong ? "tooLong" : "badByte");
  };

  const take = (byte: number): void => {
    if (byte === start) {
      breakOff("unended");
      place = "inside";
    } else if (place === "inside") takeInside(byte);
    else if (byte === carriageReturn || byte === lineFeed) {
      place = "outside";
      discard("outsideFrame");
    } else if (place === "outside") {
      kept.push(byte);
      if (kept.length >= strayBytesMax) discard("outsideFrame");
    }
  };

  const told = (): TelegramFrame[] => {
    const frames = out;
    out = [];
    return frames;
  };

  return {
    push(chunk) {
      for (const byte of chunk) take(byte);
      return told();
    },
    timeOut() {
      breakOff("timedOut");
      place = "outside";
      return told();
    },
    isInsideFrame: () => place === "inside" || kept.length > 0,
    bufferedBytes: () => kept.length,
  };
}

/** The text of what stands between a start and an end, or why it is none. */
function textOf(kept: readonly number[]): string | { readonly why: "unended" | "checksum" } {
  const starAt = kept.length - tailChars;
  if (kept[starAt] !== star) return { why: "unended" };
  const bytes = kept.slice(0, starAt);
  const digits = String.fromCharCode(...kept.slice(starAt + 1));
  return digits === checksumOf(bytes) ? String.fromCharCode(...bytes) : { why: "checksum" };
}

const checksumOf = (bytes: ArrayLike<number>): string =>
  crc16(bytes).toString(16).toUpperCase().padStart(4, "0");

const ascii = new TextEncoder();

/** `text` is printable ASCII without `$`. */
export const frameTelegram = (text: string): Uint8Array =>
  ascii.encode(`$${text}*${checksumOf(ascii.encode(text))}\r\n`);
