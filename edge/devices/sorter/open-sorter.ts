import { z } from "zod";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { zId } from "../../../protocols/sorting.ts";
import { countsTellableMax } from "../counter.ts";
import { zReach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { createSorterDriver, eventEveryMs } from "./driver.ts";
import type { SorterHeard } from "./heard.ts";
import type { SorterPort } from "./sorter.ts";
import { sorterJsonCarriers, zSorterJsonDialect } from "./sortline-json.ts";
import { sorterOpcuaCarriers, zSorterOpcuaDialect } from "./sortline-opcua.ts";

const zSorterDialect = z.discriminatedUnion("kind", [zSorterJsonDialect, zSorterOpcuaDialect]);
type SorterDialect = z.infer<typeof zSorterDialect>;

/** A sorter I/O as written in an agent's configuration. */
export const zSorterConfig = z
  .strictObject({
    id: zId,
    reach: zReach,
    dialect: zSorterDialect,
    staleAfterMs: z.number().int().min(600).default(1_500),
    downAfterMs: z.number().int().min(1_000).default(5_000),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => {
    refuseUncarried(carriersOf(config), config, context);
    const { reach } = config;
    if (reach.kind !== "opcua" || reach.publishingIntervalMs <= everyMsMax(config)) return;
    context.addIssue({
      code: "custom",
      path: ["reach", "publishingIntervalMs"],
      message: `must not be more than staleAfterMs less ${eventEveryMs}, ${everyMsMax(config)}: the sorter would count as silent between two publishings`,
    });
  });
export type SorterConfig = z.infer<typeof zSorterConfig>;

/** What comes in less often than that has been taken for silence before. */
const everyMsMax = ({ staleAfterMs }: { readonly staleAfterMs: number }): number =>
  staleAfterMs - eventEveryMs;

/** The belt that the sorter drives, as its line is configured. */
export interface SorterBelt {
  readonly speedMmPerS: number;
  readonly mmPerCount: number;
}

/** The furthest that the belt may run unheard for this sorter's counter to tell where it is. */
export const halfTurnCounts = ({ dialect }: SorterConfig): number =>
  countsTellableMax(dialect.counter);

/** No belt runs at more than twice its nominal speed. */
export const countsPerMsMax = ({ speedMmPerS, mmPerCount }: SorterBelt): number =>
  (2 * speedMmPerS) / 1_000 / mmPerCount;

export function createSorter(config: SorterConfig, belt: SorterBelt, deps: DriverDeps): SorterPort {
  const { id: deviceId, staleAfterMs, downAfterMs } = config;
  return createSorterDriver({
    deviceId,
    wire: openCarrier(carriersOf(config), { ...config, everyMsMax: everyMsMax(config) }, deps),
    clock: deps.clock,
    staleAfterMs,
    downAfterMs,
    counter: config.dialect.counter,
    countsPerMsMax: countsPerMsMax(belt),
  });
}

/** How each dialect is carried. */
function carriersOf(device: {
  readonly id: string;
  readonly dialect: SorterDialect;
}): Carriers<SorterHeard, SorterCommand> {
  const { id, dialect } = device;
  switch (dialect.kind) {
    case "sortline-json":
      return sorterJsonCarriers;
    case "sortline-opcua":
      return sorterOpcuaCarriers(dialect.sorterId ?? id);
  }
}
