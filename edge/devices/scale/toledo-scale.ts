import {
  createToledoParser,
  type ToledoFormat,
  type ToledoFrame,
  type ToledoReading,
} from "../../../protocols/scale/toledo.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { ByteLink } from "../../../protocols/transport.ts";
import type { ScalePort, ScaleReading } from "./scale.ts";
import { noteDiscarded, openByteFrames } from "../wires/byte-frames.ts";
import { createOutlet } from "../outlet.ts";
import { emptyPlatform, settle, type Settling } from "./settling.ts";

export interface ToledoScaleOptions {
  readonly deviceId: string;
  readonly link: ByteLink;
  readonly format: ToledoFormat;
  readonly settling: Settling;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/** A frame lasts 35 ms at 4,800 baud, the slowest the output allows. */
const interByteTimeoutMs = 200;

/** Heavier than any parcel: a scale that says so is not weighing parcels. */
const weightGMax = 1_000_000;

/**
 * A scale with Toledo continuous output. The stream is its own sign of life; `settling` makes one
 * weight a parcel of it. Readings in motion, out of range, negative or net are counted, never used.
 */
export function createToledoScale(options: ToledoScaleOptions): ScalePort {
  const { deviceId, link, format, settling, clock, staleAfterMs, downAfterMs } = options;
  const outlet = createOutlet<ScaleReading>({ clock, staleAfterMs, downAfterMs });
  const { health } = outlet;
  let platform = emptyPlatform;
  let close: () => Promise<void> = () => link.close();

  const take = (frame: ToledoFrame): void => {
    if (frame.kind === "discarded") return noteDiscarded(health, frame);
    health.note("framesTotal");
    health.heard();
    const refusal = refusalOf(frame);
    if (refusal !== null) health.note(refusal);
    const step = settle(platform, refusal === null ? frame.grams : null, settling);
    platform = step.state;
    if (step.settledG !== null) outlet.emit({ kind: "weight", weightG: step.settledG });
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      close = openByteFrames({
        link,
        clock,
        parser: createToledoParser(format),
        interByteTimeoutMs,
        onFrame: take,
        onOpen: () => outlet.wireOpened(),
        onClose(reason) {
          platform = emptyPlatform;
          health.fault(reason);
        },
      });
    },
    stop() {
      outlet.stop();
      return close();
    },
  };
}

/** The counter of why a reading is of no use, or null. */
function refusalOf(reading: ToledoReading): string | null {
  if (reading.isOutOfRange || reading.grams > weightGMax) return "outOfRangeTotal";
  if (reading.isInMotion) return "inMotionTotal";
  // Below nothing by a step is an empty platform's noise, but no weight either.
  if (reading.isNegative) return "negativeTotal";
  return reading.isNet ? "netTotal" : null;
}
