import { z } from "zod";
import { defaultToledoFormat, zToledoFormat } from "../../../protocols/scale/toledo.ts";
import { zId } from "../../../protocols/sorting.ts";
import { defaultSettling, zSettling } from "./settling.ts";
import { createToledoScale } from "./toledo-scale.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { zByteReach } from "../reach.ts";
import type { ScalePort } from "./scale.ts";

/** A scale as written in an agent's configuration. */
export const zScaleConfig = z
  .strictObject({
    id: zId,
    reach: zByteReach,
    format: zToledoFormat.default(defaultToledoFormat),
    settling: zSettling.default(defaultSettling),
    /** A continuous scale writes several frames a second. */
    staleAfterMs: z.number().int().min(100).default(2_500),
    downAfterMs: z.number().int().min(200).default(5_000),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  });
export type ScaleConfig = z.infer<typeof zScaleConfig>;

export function createScale(config: ScaleConfig, { wires, clock }: DriverDeps): ScalePort {
  const { id: deviceId, reach, ...rest } = config;
  return createToledoScale({ deviceId, link: wires.byteLink(reach), clock, ...rest });
}
