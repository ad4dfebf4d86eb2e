/** Bytes that are no frame of this kind. */
export interface StxEtxDiscarded {
  readonly kind: "discarded";
  readonly why: "outsideFrame" | "restarted" | "tooLong" | "malformed" | "timedOut";
  /** At most one frame's worth. */
  readonly bytes: Uint8Array;
}

/** Pure: a silence in mid-frame is told with `timeOut`. */
export interface StxEtxParser<Frame> {
  push(chunk: Uint8Array): (Frame | StxEtxDiscarded)[];
  timeOut(): StxEtxDiscarded[];
  isInsideFrame(): boolean;
}

const stx = 0x02;
const etx = 0x03;
const cr = 0x0d;
const lf = 0x0a;

/**
 * Frames from STX to ETX. Line ends between them are nothing, since some machines put CR LF behind
 * each ETX. `readBody` gives null for what is no frame of its protocol.
 */
export function createStxEtxParser<Frame>(
  bodyBytesMax: number,
  readBody: (text: string) => Frame | null,
): StxEtxParser<Frame> {
  /** From the start on; null between frames. */
  let pending: number[] | null = null;

  const discard = (why: StxEtxDiscarded["why"], bytes: readonly number[]) =>
    ({ kind: "discarded", why, bytes: Uint8Array.from(bytes) }) as const;

  return {
    push(chunk) {
      const out: (Frame | StxEtxDiscarded)[] = [];
      let outside: number[] = [];
      const endOutside = (): void => {
        if (outside.length > 0) out.push(discard("outsideFrame", outside));
        outside = [];
      };
      for (const byte of chunk) {
        if (byte === stx) {
          endOutside();
          if (pending !== null) out.push(discard("restarted", pending));
          pending = [byte];
        } else if (pending === null) {
          if (byte !== cr && byte !== lf) outside.push(byte);
          if (outside.length > bodyBytesMax) endOutside();
        } else if (byte === etx) {
          const body = String.fromCharCode(...pending.slice(1));
          out.push(readBody(body) ?? discard("malformed", [...pending, byte]));
          pending = null;
        } else {
          pending.push(byte);
          if (pending.length <= 1 + bodyBytesMax) continue;
          out.push(discard("tooLong", pending));
          pending = null;
        }
      }
      endOutside();
      return out;
    },
    timeOut() {
      if (pending === null) return [];
      const bytes = pending;
      pending = null;
      return [discard("timedOut", bytes)];
    },
    isInsideFrame: () => pending !== null,
  };
}

/** A frame around a text of Latin-1. */
export const stxEtxFrame = (body: string, tail = ""): Uint8Array =>
  Uint8Array.from(`\u0002${body}\u0003${tail}`, (char) => char.charCodeAt(0));
