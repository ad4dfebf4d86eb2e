import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import { createScannerParser } from "../../../protocols/scanner/parser.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { ByteLink } from "../../../protocols/transport.ts";
import type { ScannerPort, ScannerRead } from "./scanner.ts";
import { noteDiscarded, openByteFrames } from "../wires/byte-frames.ts";
import { createOutlet } from "../outlet.ts";

export interface FrameScannerOptions {
  readonly deviceId: string;
  readonly link: ByteLink;
  readonly format: ScannerFormat;
  readonly clock: Clock;
}

/** Missed periods of the heartbeat until a scanner is stale, and down. */
const stalePeriods = 2.5;
const downPeriods = 5;

/**
 * A scanner on a byte link. With a heartbeat, health is its age (any good frame counts); without
 * one only the wire can be judged, and a scanner that is merely unplugged from its own power stays
 * `receiving` until it misses a parcel.
 */
export function createFrameScanner(options: FrameScannerOptions): ScannerPort {
  const { deviceId, link, format, clock } = options;
  const { heartbeat } = format;
  const outlet = createOutlet<ScannerRead>({
    clock,
    staleAfterMs: heartbeat === null ? null : stalePeriods * heartbeat.periodMs,
    downAfterMs: heartbeat === null ? 0 : downPeriods * heartbeat.periodMs,
  });
  const { health } = outlet;
  let close: () => Promise<void> = () => link.close();

  const take = (frame: ScannerFrame): void => {
    if (frame.kind === "discarded") {
      noteDiscarded(health, frame);
      health.note("discardedBytesTotal", frame.totalBytes);
      return;
    }
    health.note("framesTotal");
    health.heard();
    switch (frame.kind) {
      case "read":
        outlet.emit({ kind: "read", codes: frame.codes });
        return;
      case "noRead":
        health.note("noReadsTotal");
        outlet.emit({ kind: "read", codes: [] });
        return;
      case "ack":
        health.note("acksTotal");
        return;
      case "heartbeat":
    }
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      close = openByteFrames({
        link,
        clock,
        parser: createScannerParser(format),
        interByteTimeoutMs: format.interByteTimeoutMs,
        onFrame: take,
        onOpen() {
          outlet.wireOpened();
          if (heartbeat === null) health.heard();
        },
        onClose: (reason) => health.fault(reason),
      });
    },
    stop() {
      outlet.stop();
      return close();
    },
  };
}
