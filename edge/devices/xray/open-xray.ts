import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import { createMessageXray } from "./message-xray.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { zMqttReach } from "../reach.ts";
import type { XrayPort } from "./xray.ts";

/** An X-ray machine as written in an agent's configuration. It sends life at least every second. */
export const zXrayConfig = z
  .strictObject({
    id: zId,
    reach: zMqttReach,
    staleAfterMs: z.number().int().min(100).default(2_500),
    downAfterMs: z.number().int().min(200).default(5_000),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  });
export type XrayConfig = z.infer<typeof zXrayConfig>;

export function createXray(config: XrayConfig, { wires, clock }: DriverDeps): XrayPort {
  const { id: deviceId, reach, staleAfterMs, downAfterMs } = config;
  const bus = wires.messageBus(reach, deviceId);
  return createMessageXray({ deviceId, bus, base: reach.base, clock, staleAfterMs, downAfterMs });
}
