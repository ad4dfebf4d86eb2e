import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import type { CounterWidth } from "../counter.ts";
import { zReach } from "../reach.ts";
import { openCarrier, refuseUncarried } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { createXrayDriver } from "./driver.ts";
import { xrayJsonCarriers, zXrayJsonDialect } from "./sortline-json.ts";
import type { XrayPort } from "./xray.ts";

/** An X-ray machine as written in an agent's configuration. It sends life at least every second. */
export const zXrayConfig = z
  .strictObject({
    id: zId,
    reach: zReach,
    dialect: z.discriminatedUnion("kind", [zXrayJsonDialect]),
    staleAfterMs: z.number().int().min(100).default(2_500),
    downAfterMs: z.number().int().min(200).default(5_000),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => refuseUncarried(xrayJsonCarriers, config, context));
export type XrayConfig = z.infer<typeof zXrayConfig>;

/** `counter` is the one of the sorter beside it. */
export function createXray(
  config: XrayConfig,
  { counter }: { readonly counter: CounterWidth | null },
  deps: DriverDeps,
): XrayPort {
  const { id: deviceId, staleAfterMs, downAfterMs } = config;
  const wire = openCarrier(xrayJsonCarriers, config, deps);
  const { clock } = deps;
  return createXrayDriver({ deviceId, wire, clock, staleAfterMs, downAfterMs, counter });
}
