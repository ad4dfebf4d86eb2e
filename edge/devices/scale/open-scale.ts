import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import { clockKeys } from "../clock-offset.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { zFramesDialect } from "../preset-frames.ts";
import { zReach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { cubiscanCarriers, zCubiscanDialect } from "./cubiscan.ts";
import { createScaleDriver } from "./driver.ts";
import { weightFramesCarriers } from "./frames.ts";
import type { ScaleHeard } from "./heard.ts";
import type { ScalePort } from "./scale.ts";
import { mtSicsCarriers, zMtSicsDialect } from "./mt-sics.ts";
import { sickMdaCarriers, zSickMdaDialect } from "./sick-mda.ts";
import { defaultSettling, zSettling } from "./settling.ts";
import { toledo8213Carriers, zToledo8213Dialect } from "./toledo-8213.ts";
import { toledoCarriers, zToledoDialect } from "./toledo.ts";

const zScaleDialect = z.discriminatedUnion("kind", [
  zToledoDialect,
  zToledo8213Dialect,
  zMtSicsDialect,
  zCubiscanDialect,
  zSickMdaDialect,
  zFramesDialect,
]);

/** A scale as written in an agent's configuration. */
export const zScaleConfig = z
  .strictObject({
    id: zId.describe("The scale's name, as `line.layout.scale.deviceId` has it."),
    reach: zReach.describe("Where the scale is found, and over which wire."),
    dialect: zScaleDialect.describe("What it speaks there."),
    settling: zSettling
      .default(defaultSettling)
      .describe(
        "When readings become a parcel's weight. Of no use to a scale that tells one a parcel.",
      ),
    /** A continuous scale writes several frames a second. */
    staleAfterMs: z
      .number()
      .int()
      .min(100)
      .default(2_500)
      .describe("Milliseconds without a word from the scale after which it is stale."),
    downAfterMs: z
      .number()
      .int()
      .min(200)
      .default(5_000)
      .describe("Milliseconds without a word from the scale after which it is down."),
    ...clockKeys,
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .refine(({ dialect }) => dialect.kind !== "frames" || dialect.format.dmccCommands === null, {
    path: ["dialect", "dmccCommands"],
    message: "is for a scanner's commands",
  })
  .refine((config) => answerWithinMsOf(config.dialect) < config.staleAfterMs, {
    path: ["dialect", "answerWithinMs"],
    message: "must be less than staleAfterMs: one answer that was lost is no silence",
  })
  .superRefine((config, context) => refuseUncarried(carriersOf(config.dialect), config, context));
export type ScaleConfig = z.infer<typeof zScaleConfig>;

export function createScale(config: ScaleConfig, deps: DriverDeps): ScalePort {
  const { id: deviceId, dialect, settling, downAfterMs } = config;
  const staleAfterMs = hasSignOfLife(dialect) ? config.staleAfterMs : null;
  const wire = openCarrier(carriersOf(dialect), config, deps);
  const { clock } = deps;
  const clockOffsetMsMax = config.maxClockOffsetMs;
  const ages = { staleAfterMs, downAfterMs, clockOffsetMsMax };
  return createScaleDriver({ deviceId, wire, settling, clock, ...ages });
}

/** One that says nothing between parcels is silent for as long as none comes. */
const hasSignOfLife = (dialect: z.infer<typeof zScaleDialect>): boolean =>
  dialect.kind !== "sick-mda" || dialect.heartbeat !== null;

/** Of a scale that is asked. */
const answerWithinMsOf = (dialect: z.infer<typeof zScaleDialect>): number =>
  "answerWithinMs" in dialect ? dialect.answerWithinMs : 0;

/** How each dialect is carried. */
function carriersOf(dialect: z.infer<typeof zScaleDialect>): Carriers<ScaleHeard, ProofCommand> {
  switch (dialect.kind) {
    case "toledo":
      return toledoCarriers(dialect);
    case "toledo-8213":
      return toledo8213Carriers(dialect);
    case "mt-sics":
      return mtSicsCarriers(dialect);
    case "cubiscan":
      return cubiscanCarriers(dialect);
    case "sick-mda":
      return sickMdaCarriers(dialect);
    case "frames":
      return weightFramesCarriers(dialect.format);
  }
}
