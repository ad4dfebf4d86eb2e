/** Bytes that are no frame of this kind. */
export interface StxDiscarded {
  readonly kind: "discarded";
  readonly why: "outsideFrame" | "restarted" | "tooLong" | "malformed" | "timedOut";
  /** At most one frame's worth. */
  readonly bytes: Uint8Array;
}

/** Pure: a silence in mid-frame is told with `timeOut`. */
export interface StxParser<Frame> {
  push(chunk: Uint8Array): (Frame | StxDiscarded)[];
  timeOut(): StxDiscarded[];
  isInsideFrame(): boolean;
  /** Of a frame that is not whole yet: never more than the longest has. */
  bufferedBytes(): number;
}

const stx = 0x02;
export const etx = 0x03;
export const cr = 0x0d;
const lf = 0x0a;

export interface StxFrames<Frame> {
  readonly end: typeof etx | typeof cr;
  readonly bodyBytesMax: number;
  /** Bit 7 is parity where a line has any. */
  readonly isSevenBit: boolean;
  /** Line ends between frames are nothing: some machines put CR LF behind each ETX. */
  readonly skipsLineEnds: boolean;
  /** Null for what stands between start and end and is no frame of its protocol. */
  readonly readBody: (text: string) => Frame | null;
}

/** Frames from STX to their end. */
export function createStxParser<Frame>(frames: StxFrames<Frame>): StxParser<Frame> {
  const { end, bodyBytesMax, isSevenBit, skipsLineEnds, readBody } = frames;
  /** From the start on; null between frames. */
  let pending: number[] | null = null;

  const discard = (why: StxDiscarded["why"], bytes: readonly number[]) =>
    ({ kind: "discarded", why, bytes: Uint8Array.from(bytes) }) as const;

  return {
    push(chunk) {
      const out: (Frame | StxDiscarded)[] = [];
      let outside: number[] = [];
      const endOutside = (): void => {
        if (outside.length > 0) out.push(discard("outsideFrame", outside));
        outside = [];
      };
      for (const raw of chunk) {
        const byte = isSevenBit ? raw & 0x7f : raw;
        if (byte === stx) {
          endOutside();
          if (pending !== null) out.push(discard("restarted", pending));
          pending = [byte];
        } else if (pending === null) {
          if (!skipsLineEnds || (byte !== cr && byte !== lf)) outside.push(byte);
          if (outside.length > bodyBytesMax) endOutside();
        } else if (byte === end) {
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
    bufferedBytes: () => pending?.length ?? 0,
  };
}

/** A frame around a text of Latin-1. */
export const stxEtxFrame = (body: string, tail = ""): Uint8Array =>
  Uint8Array.from(`\u0002${body}\u0003${tail}`, (char) => char.charCodeAt(0));
