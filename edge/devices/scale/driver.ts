import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import type { WeightProof } from "../../../protocols/scale/weight-proof.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { ScaleHeard } from "./heard.ts";
import type { ScalePort, ScaleReading } from "./scale.ts";
import { emptyPlatform, settle, type Settling } from "./settling.ts";

export interface ScaleDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<ScaleHeard, ProofCommand>;
  readonly settling: Settling;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/** Heavier than any parcel: a scale that says so is not weighing parcels. */
const weightGMax = 1_000_000;

/**
 * A scale, whatever its dialect. Of one that tells its weight without end the stream is its own
 * sign of life, and `settling` makes one weight a parcel of it; readings with a flaw are counted,
 * never used. One that weighs by itself tells one weight a parcel.
 */
export function createScaleDriver(options: ScaleDriverOptions): ScalePort {
  const { deviceId, wire, settling, clock, staleAfterMs, downAfterMs } = options;
  const outlet = createOutlet<ScaleReading>({ clock, staleAfterMs, downAfterMs });
  const { health } = outlet;
  let platform = emptyPlatform;

  const takeWeight = (grams: number, proof: WeightProof): void => {
    if (grams < 1 || grams > weightGMax) return health.note("outOfRangeTotal");
    outlet.emit({ kind: "weight", weightG: grams, proof });
  };

  const take = (heard: ScaleHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    health.note("framesTotal");
    health.heard();
    if (heard.kind === "life") return;
    if (heard.kind === "weight") return takeWeight(heard.grams, heard.proof);
    const isTooHeavy = heard.kind === "reading" && heard.grams > weightGMax;
    const why = heard.kind === "noWeight" ? heard.why : isTooHeavy ? "outOfRange" : null;
    if (why !== null) health.note(`${why}Total`);
    const grams = heard.kind === "reading" && !isTooHeavy ? heard.grams : null;
    const step = settle(platform, grams, settling);
    platform = step.state;
    if (step.settledG !== null) takeWeight(step.settledG, {});
  };

  return {
    deviceId,
    health: () => health.health(),
    tell: (command) => wire.send(command),
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState(isConnected, reason) {
          if (isConnected) return outlet.wireOpened(reason);
          platform = emptyPlatform;
          health.fault(reason ?? deviceReason("notConnected"));
        },
        onMessage: take,
        onAdvice: (advice) => health.advise(advice),
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
