import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { ScannerHeard } from "./heard.ts";
import type { ScannerPort, ScannerRead } from "./scanner.ts";

export interface ScannerDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<ScannerHeard, ProofCommand>;
  readonly clock: Clock;
  /** Null for a scanner without a sign of life. */
  readonly staleAfterMs: number | null;
  readonly downAfterMs: number;
  /** See `HealthTrackerOptions`. */
  readonly clockOffsetMsMax?: number;
}

/**
 * A scanner, whatever its dialect. Health is the age of the last good message, life or read.
 * Without a sign of life only the wire can be judged: a scanner that is merely unplugged from its own
 * power stays `receiving` until it misses a parcel, and its health says that nothing was heard yet.
 */
export function createScannerDriver(options: ScannerDriverOptions): ScannerPort {
  const { deviceId, wire } = options;
  const outlet = createOutlet<ScannerRead>(options);
  const { health } = outlet;

  const take = (heard: ScannerHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    if (heard.kind === "gap") return health.note("sequenceGapsTotal");
    if (heard.kind === "old") {
      health.note("oldReadsTotal");
      return health.remark(
        deviceReason("badMessage", { detail: `read ${heard.seq} after read ${heard.lastSeq}` }),
      );
    }
    if (heard.kind === "unanswered") {
      health.note("unansweredTotal");
      return health.remark(deviceReason("commandRefused", { detail: heard.detail }));
    }
    health.note("framesTotal");
    health.heard();
    switch (heard.kind) {
      case "read":
        if (heard.codes.length === 0) health.note("noReadsTotal");
        return outlet.emit(heard);
      case "repeat":
        return health.note("repeatedTotal");
      case "ack":
        return health.note("acksTotal");
      case "refused":
        health.note("refusalsTotal");
        return health.remark(deviceReason("commandRefused", { detail: heard.detail }));
      case "life":
    }
  };

  return {
    deviceId,
    health: () => health.health(),
    tell: (command) => wire.send(command),
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState(isConnected, reason) {
          if (!isConnected) return health.fault(reason ?? deviceReason("notConnected"));
          outlet.wireOpened(reason);
        },
        onMessage: take,
        onAdvice: (advice) => health.advise(advice),
        onClock: (sample) => health.clock(sample),
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed: (detail) => health.remark(deviceReason("commandRefused", { detail })),
      });
    },
    stop() {
      outlet.stop();
      return wire.close();
    },
  };
}
