import { hash } from "node:crypto";

/**
 * What is longer than a broker's packet travels in pieces, on the topic and with the QoS of the
 * whole, so that no order changes. The hash over the whole is the only door: whatever was lost,
 * repeated or mixed up on the way does not pass it.
 */
export interface Piece {
  readonly index: number;
  readonly total: number;
  readonly bytes: Uint8Array;
}

/** A packet's topic and headers take at most so much of it. */
const headBytesMax = 512;

/** At least one, and no piece but the last is shorter than the others. */
export function piecesOf(whole: Uint8Array, packetBytesMax: number): readonly Piece[] {
  const bytesMax = packetBytesMax - headBytesMax;
  const total = Math.max(1, Math.ceil(whole.byteLength / bytesMax));
  return Array.from({ length: total }, (_, index) => {
    const bytes = whole.subarray(index * bytesMax, (index + 1) * bytesMax);
    return { index, total, bytes };
  });
}

/** Pieces that one whole may come in; the smallest packet that can be set makes no more. */
const piecesMax = 2_048;

export const isPlace = (index: number, total: number): boolean =>
  Number.isInteger(index) &&
  Number.isInteger(total) &&
  index >= 0 &&
  index < total &&
  total <= piecesMax;

export type Joined =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "waiting" }
  | { readonly kind: "refused"; readonly why: string };

/** Small pieces of very many wholes take more than their bytes. */
export const unfinishedMax = 256;

/**
 * Puts wholes together whose pieces come in any order, several at a time. What is unfinished is
 * bounded in number and bytes: the one begun longest ago goes first, and whoever wants it asks again.
 */
export function createJoiner(bytesMax: number) {
  const unfinished = new Map<string, Map<number, Uint8Array>>();
  let heldBytes = 0;

  const drop = (key: string): void => {
    for (const bytes of unfinished.get(key)?.values() ?? []) heldBytes -= bytes.byteLength;
    unfinished.delete(key);
  };

  return {
    /** `key` says of which whole it is, its number of pieces included. */
    take(key: string, { index, total, bytes }: Piece): Joined {
      if (total === 1) return { kind: "whole", bytes };
      const pieces = unfinished.get(key) ?? new Map<number, Uint8Array>();
      unfinished.set(key, pieces);
      if (!pieces.has(index)) {
        pieces.set(index, bytes);
        heldBytes += bytes.byteLength;
      }
      if (pieces.size === total) {
        drop(key);
        const inOrder = Array.from({ length: total }, (_, at) => pieces.get(at) ?? noBytes);
        return { kind: "whole", bytes: concatenated(inOrder) };
      }
      for (const oldest of unfinished.keys()) {
        if (heldBytes <= bytesMax && unfinished.size <= unfinishedMax) break;
        drop(oldest);
      }
      return unfinished.has(key)
        ? { kind: "waiting" }
        : { kind: "refused", why: `pieces of more than ${bytesMax} bytes` };
    },
    drop,
  };
}

const noBytes = new Uint8Array();

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/**
 * A message that is no longer than a packet goes as it is, which is JSON and begins with a brace. A
 * piece begins with a line that says of which whole it is.
 */
export function messagePieces(message: Uint8Array, packetBytesMax: number): readonly Uint8Array[] {
  if (message.byteLength <= packetBytesMax - headBytesMax) return [message];
  const pieces = piecesOf(message, packetBytesMax);
  const sha256 = hash("sha256", message, "hex");
  return pieces.map(({ index, total, bytes }) =>
    concatenated([utf8.encode(`piece ${sha256} ${index} ${total}\n`), bytes]),
  );
}

const utf8 = new TextEncoder();
const ascii = new TextDecoder("latin1");
const pieceHead = /^piece ([0-9a-f]{64}) ([0-9]{1,4}) ([0-9]{1,4})\n/;
const pieceHeadCharsMax = 90;
/** Nearly all messages go as they are: that is seen at their first byte. */
const brace = 0x7b;

/**
 * Messages keep their order, so that of one sender's only one is ever unfinished: the next one shows
 * that the rest of it was lost.
 */
export function createMessageJoiner(bytesMax: number) {
  const joiner = createJoiner(bytesMax);
  const current = new Map<string, string>();

  return (sender: string, payload: Uint8Array): Joined => {
    const head =
      payload[0] === brace
        ? null
        : pieceHead.exec(ascii.decode(payload.subarray(0, pieceHeadCharsMax)));
    const key = head === null ? null : `${sender} ${head[1]} ${head[3]}`;
    const before = current.get(sender);
    if (before !== undefined && before !== key) {
      joiner.drop(before);
      current.delete(sender);
    }
    if (head === null || key === null) return { kind: "whole", bytes: payload };
    const [line, sha256] = head;
    const [index, total] = [Number(head[2]), Number(head[3])];
    if (!isPlace(index, total)) return { kind: "refused", why: `piece ${index} of ${total}` };
    current.set(sender, key);
    const [longestAgo] = current;
    if (current.size > unfinishedMax && longestAgo !== undefined) {
      joiner.drop(longestAgo[1]);
      current.delete(longestAgo[0]);
    }
    const joined = joiner.take(key, { index, total, bytes: payload.subarray(line.length) });
    if (joined.kind !== "whole") return joined;
    current.delete(sender);
    return hash("sha256", joined.bytes, "hex") === sha256
      ? joined
      : { kind: "refused", why: "pieces whose hash is another one" };
  };
}
