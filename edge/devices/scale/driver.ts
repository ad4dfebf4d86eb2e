import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { ScaleHeard } from "./heard.ts";
import type { ScalePort, ScaleReading } from "./scale.ts";
import { emptyPlatform, settle, type Settling } from "./settling.ts";

export interface ScaleDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<ScaleHeard, never>;
  readonly settling: Settling;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/** Heavier than any parcel: a scale that says so is not weighing parcels. */
const weightGMax = 1_000_000;

/**
 * A scale that tells its weight without end, whatever its dialect. The stream is its own sign of
 * life; `settling` makes one weight a parcel of it. Readings with a flaw are counted, never used.
 */
export function createScaleDriver(options: ScaleDriverOptions): ScalePort {
  const { deviceId, wire, settling, clock, staleAfterMs, downAfterMs } = options;
  const outlet = createOutlet<ScaleReading>({ clock, staleAfterMs, downAfterMs });
  const { health } = outlet;
  let platform = emptyPlatform;

  const take = (heard: ScaleHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    health.note("framesTotal");
    health.heard();
    const flaw = heard.grams > weightGMax ? "outOfRange" : heard.flaw;
    if (flaw !== null) health.note(`${flaw}Total`);
    const step = settle(platform, flaw === null ? heard.grams : null, settling);
    platform = step.state;
    if (step.settledG !== null) outlet.emit({ kind: "weight", weightG: step.settledG });
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState(isConnected, reason) {
          if (isConnected) return outlet.wireOpened(reason);
          platform = emptyPlatform;
          health.fault(reason ?? deviceReason("notConnected"));
        },
        onMessage: take,
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed() {},
      });
    },
    stop() {
      outlet.stop();
      return wire.close();
    },
  };
}
