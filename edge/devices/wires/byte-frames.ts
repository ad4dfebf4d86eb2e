import {
  deviceReason,
  type DeviceReason,
  type DeviceReasonCode,
} from "../../../protocols/device-reasons.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { ByteLink } from "../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { HealthTracker } from "../health.ts";

/** An incremental parser, as the codecs in `protocols` make them. */
export interface FrameParser<Frame> {
  push(chunk: Uint8Array): Frame[];
  timeOut(): Frame[];
  isInsideFrame(): boolean;
}

export interface ByteFramesOptions<Frame> {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly parser: FrameParser<Frame>;
  readonly interByteTimeoutMs: number;
  readonly onFrame: (frame: Frame) => void;
  readonly onOpen: () => void;
  readonly onClose: (reason: DeviceReason) => void;
}

/**
 * Runs a parser on a byte link and tells it of silences. Returns how to stop. A wire that closes
 * cuts the frame under way, as a silence does.
 */
export function openByteFrames<Frame>(options: ByteFramesOptions<Frame>): () => Promise<void> {
  const { link, clock, parser, interByteTimeoutMs } = options;
  let lastByteAt: MonotonicMs = clock.monotonic();
  let timer: Timer | null = null;
  let isStopped = false;

  const handle = (frames: readonly Frame[]): void => {
    for (const frame of frames) if (!isStopped) options.onFrame(frame);
  };

  /** One timer at most; it looks at the silence when it fires, so bytes need not re-arm it. */
  const watchSilence = (): void => {
    timer = null;
    if (isStopped || !parser.isInsideFrame()) return;
    const dueAt = monotonicMs(lastByteAt + interByteTimeoutMs);
    if (clock.monotonic() >= dueAt) handle(parser.timeOut());
    else timer = clock.schedule(dueAt, watchSilence);
  };

  link.open({
    onOpen: options.onOpen,
    onBytes(chunk) {
      lastByteAt = clock.monotonic();
      handle(parser.push(chunk));
      if (timer === null) watchSilence();
    },
    onClose(reason) {
      handle(parser.timeOut());
      if (!isStopped) options.onClose(reason);
    },
  });

  return () => {
    isStopped = true;
    timer?.cancel();
    return link.close();
  };
}

/** At most this many bytes are shown in a message. */
const shownBytesMax = 24;

/** Notes bytes that were no frame: counted as a whole and by reason, and remembered for people. */
export function noteDiscarded(
  health: HealthTracker,
  discarded: { readonly why: string; readonly bytes: Uint8Array },
): void {
  const { why, bytes } = discarded;
  health.note("discardedTotal");
  health.note(`${why}Total`);
  const shown = Array.from(bytes.subarray(0, shownBytesMax), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  const code = codeOfDiscard[why] ?? "badFrames";
  health.remark(deviceReason(code, { detail: `${why}, bytes ${shown.join(" ")}` }));
}

/** Anything else that a parser discards is no frame at all. */
const codeOfDiscard: Readonly<Record<string, DeviceReasonCode>> = {
  checksum: "badChecksum",
  tooLong: "frameTooLong",
};
