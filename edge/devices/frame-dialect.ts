import { deviceReason, type DeviceReasonCode } from "../../protocols/device-reasons.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import type { Dialect, DialectOutlet, Discarded } from "./dialect.ts";
import { hexText } from "./hex-text.ts";

/** An incremental parser, as the codecs in `protocols` make them. */
export interface FrameParser<Frame> {
  push(chunk: Uint8Array): Frame[];
  /** Tells of a silence within a frame. */
  timeOut(): Frame[];
  isInsideFrame(): boolean;
}

export interface FrameDialectOptions<Frame, Heard, Said> {
  readonly parser: FrameParser<Frame>;
  readonly interByteTimeoutMs: number;
  readonly meaningOf: (frame: Frame) => Heard;
  /** What the device is told, as bytes. */
  readonly write: (said: Said) => Uint8Array;
}

/**
 * A dialect of a device that writes frames. A wire that is lost cuts the frame under way, as a
 * silence does.
 */
export function createFrameDialect<Frame, Heard, Said>(
  options: FrameDialectOptions<Frame, Heard, Said>,
): Dialect<Uint8Array, Uint8Array, Heard, Said> {
  const { parser, interByteTimeoutMs, meaningOf, write } = options;
  let lastByteAt: MonotonicMs = monotonicMs(0);

  const tellAll = (frames: readonly Frame[], out: DialectOutlet<Heard, Uint8Array>): void => {
    for (const frame of frames) out.tell(meaningOf(frame));
  };

  return {
    read(chunk, at, out) {
      lastByteAt = at;
      tellAll(parser.push(chunk), out);
    },
    write: (said) => write(said),
    wakeAt: () => (parser.isInsideFrame() ? monotonicMs(lastByteAt + interByteTimeoutMs) : null),
    wake: (_at, out) => tellAll(parser.timeOut(), out),
    lose: (out) => tellAll(parser.timeOut(), out),
  };
}

/** At most this many bytes are shown in a message. */
const shownBytesMax = 24;

/** Bytes that were no frame: counted as a whole and by reason. */
export function discardedBytes(
  { why, bytes }: { readonly why: string; readonly bytes: Uint8Array },
  counts: Readonly<Record<string, number>> = {},
): Discarded {
  const shown = hexText(bytes.subarray(0, shownBytesMax));
  const code = codeOfDiscard[why] ?? "badFrames";
  return {
    kind: "discarded",
    reason: deviceReason(code, { detail: `${why}, bytes ${shown}` }),
    counts: { ...counts, [`${why}Total`]: 1 },
  };
}

/** Anything else that a parser discards is no frame at all. */
const codeOfDiscard: Readonly<Record<string, DeviceReasonCode>> = {
  checksum: "badChecksum",
  tooLong: "frameTooLong",
};
