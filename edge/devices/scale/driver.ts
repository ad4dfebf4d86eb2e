import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { DimensionsMm } from "../../../protocols/scale/dimensions.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import type { WeightProof } from "../../../protocols/scale/weight-proof.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { Measured, ScaleHeard } from "./heard.ts";
import type { ScalePort, ScaleReading } from "./scale.ts";
import { emptyPlatform, settle, type Settling } from "./settling.ts";

export interface ScaleDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<ScaleHeard, ProofCommand>;
  readonly settling: Settling;
  readonly clock: Clock;
  /** Null: it has no sign of life, and is there as long as its wire is. */
  readonly staleAfterMs: number | null;
  readonly downAfterMs: number;
  /** See `HealthTrackerOptions`. */
  readonly clockOffsetMsMax?: number;
}

/** Heavier than any parcel: a scale that says so is not weighing parcels. */
const weightGMax = 1_000_000;

/**
 * A scale, whatever its dialect. Of one that tells its weight without end the stream is its own
 * sign of life, and `settling` makes one weight a parcel of it; readings with a flaw are counted,
 * never used. One that weighs by itself tells one weight a parcel. What a scale has measured goes
 * with the weight that settled in the same reading.
 */
export function createScaleDriver(options: ScaleDriverOptions): ScalePort {
  const { deviceId, wire, settling } = options;
  const outlet = createOutlet<ScaleReading>(options);
  const { health } = outlet;
  let platform = emptyPlatform;

  const takeWeight = (grams: number, proof: WeightProof, { dimensionsMm }: Measured): void => {
    if (grams < 1 || grams > weightGMax) return health.note("outOfRangeTotal");
    if (dimensionsMm === null) health.note("unmeasuredTotal");
    outlet.emit({ kind: "weight", weightG: grams, ...told(proof, dimensionsMm ?? null) });
  };

  const take = (heard: ScaleHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    health.note("framesTotal");
    health.heard();
    if (heard.kind === "life") return;
    if (heard.kind === "weight") return takeWeight(heard.grams, heard.proof, heard);
    const isTooHeavy = heard.kind === "reading" && heard.grams > weightGMax;
    const why = heard.kind === "noWeight" ? heard.why : isTooHeavy ? "outOfRange" : null;
    if (why !== null) health.note(`${why}Total`);
    const grams = heard.kind === "reading" && !isTooHeavy ? heard.grams : null;
    const step = settle(platform, grams, settling);
    platform = step.state;
    if (step.settledG !== null && heard.kind === "reading") takeWeight(step.settledG, {}, heard);
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
        onClock: (sample) => health.clock(sample),
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

/** The length that a scale has seen is what it says of whose weight this is, for want of more. */
const told = (
  proof: WeightProof,
  dimensionsMm: DimensionsMm | null,
): Pick<ScaleReading, "proof" | "dimensionsMm"> =>
  dimensionsMm === null
    ? { proof }
    : { proof: { ...proof, lengthMm: dimensionsMm.length }, dimensionsMm };
