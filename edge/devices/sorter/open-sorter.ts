import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import type { DriverDeps } from "../wires/wires.ts";
import type { OpcuaPool } from "../wires/opcua/pool.ts";
import { isReachSafe, unsafeReachMessage, zOpcuaReachFields } from "../wires/opcua/reach.ts";
import { zMqttReach } from "../reach.ts";
import type { SorterPort } from "./sorter.ts";
import { createSorterDriver } from "./driver.ts";
import { createSorterMqttTransport } from "./mqtt-transport.ts";
import { createSorterOpcuaTransport } from "./opcua-transport.ts";
import type { SorterTransport } from "./transport.ts";

const zSorterOpcuaReach = z
  .strictObject({
    ...zOpcuaReachFields,
    /** Which of the server's sorters: the name of its object. Default: the device's id. */
    sorterId: zId.optional(),
  })
  .refine(isReachSafe, { path: ["security"], message: unsafeReachMessage });

/** A sorter I/O as written in an agent's configuration. It sends events at least every 500 ms. */
export const zSorterConfig = z
  .strictObject({
    id: zId,
    reach: z.discriminatedUnion("kind", [zMqttReach, zSorterOpcuaReach]),
    staleAfterMs: z.number().int().min(600).default(1_500),
    downAfterMs: z.number().int().min(1_000).default(5_000),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  });
export type SorterConfig = z.infer<typeof zSorterConfig>;

export interface SorterDeps extends DriverDeps {
  /** One for all devices of an agent, so that lines share a server's session. */
  readonly opcua: OpcuaPool;
}

/** The belt that the sorter drives, as its line is configured. */
export interface SorterBelt {
  readonly speedMmPerS: number;
  readonly mmPerCount: number;
}

export function createSorter(config: SorterConfig, belt: SorterBelt, deps: SorterDeps): SorterPort {
  const { id: deviceId, staleAfterMs, downAfterMs } = config;
  const transport = openTransport(config, deps);
  const { clock } = deps;
  const countsPerMsMax = (2 * belt.speedMmPerS) / 1_000 / belt.mmPerCount;
  return createSorterDriver({
    deviceId,
    transport,
    clock,
    staleAfterMs,
    downAfterMs,
    countsPerMsMax,
  });
}

function openTransport({ id, reach }: SorterConfig, { wires, opcua }: SorterDeps): SorterTransport {
  switch (reach.kind) {
    case "mqtt":
      return createSorterMqttTransport(wires.messageBus(reach, id), reach.base);
    case "opcua": {
      const { sorterId = id, ...endpoint } = reach;
      return createSorterOpcuaTransport(opcua.acquire(endpoint), sorterId);
    }
  }
}
