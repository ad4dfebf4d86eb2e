import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { zFramesDialect } from "../preset-frames.ts";
import { zReach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { createScaleDriver } from "./driver.ts";
import { weightFramesCarriers } from "./frames.ts";
import type { ScaleHeard } from "./heard.ts";
import type { ScalePort } from "./scale.ts";
import { defaultSettling, zSettling } from "./settling.ts";
import { toledoCarriers, zToledoDialect } from "./toledo.ts";

const zScaleDialect = z.discriminatedUnion("kind", [zToledoDialect, zFramesDialect]);

/** A scale as written in an agent's configuration. */
export const zScaleConfig = z
  .strictObject({
    id: zId,
    reach: zReach,
    dialect: zScaleDialect,
    settling: zSettling.default(defaultSettling),
    /** A continuous scale writes several frames a second. */
    staleAfterMs: z.number().int().min(100).default(2_500),
    downAfterMs: z.number().int().min(200).default(5_000),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => refuseUncarried(carriersOf(config.dialect), config, context));
export type ScaleConfig = z.infer<typeof zScaleConfig>;

export function createScale(config: ScaleConfig, deps: DriverDeps): ScalePort {
  const { id: deviceId, dialect, settling, staleAfterMs, downAfterMs } = config;
  const wire = openCarrier(carriersOf(dialect), config, deps);
  const { clock } = deps;
  return createScaleDriver({ deviceId, wire, settling, clock, staleAfterMs, downAfterMs });
}

/** How each dialect is carried. */
function carriersOf(dialect: z.infer<typeof zScaleDialect>): Carriers<ScaleHeard, ProofCommand> {
  switch (dialect.kind) {
    case "toledo":
      return toledoCarriers(dialect);
    case "frames":
      return weightFramesCarriers(dialect.format);
  }
}
