import { z } from "zod";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { zId } from "../../../protocols/sorting.ts";
import { clockKeys } from "../clock-offset.ts";
import { countsTellableMax, type CounterWidth } from "../counter.ts";
import { zReach, type Reach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import { modbusReachMisfits } from "../wires/modbus/reach-framing.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { createSorterDriver, eventEveryMs } from "./driver.ts";
import type { SorterHeard } from "./heard.ts";
import { sorterOsipCarriers, zSorterOsipDialect } from "./osip.ts";
import { sorterPlcMapModbusCarriers, zSorterPlcMapModbusDialect } from "./plc-map-modbus.ts";
import { sorterPlcMapCarriers, zSorterPlcMapDialect } from "./plc-map-opcua.ts";
import { widthOf } from "./plc-map/belt-count.ts";
import { lifeEveryMs } from "./plc-map/machine.ts";
import type { SorterPort } from "./sorter.ts";
import { sorterJsonCarriers, zSorterJsonDialect } from "./sortline-json.ts";
import { sorterOpcuaCarriers, zSorterOpcuaDialect } from "./sortline-opcua.ts";
import { sorterTelegramCarriers, zSorterTelegramDialect } from "./sortline-telegrams.ts";

const zSorterDialect = z.discriminatedUnion("kind", [
  zSorterJsonDialect,
  zSorterOpcuaDialect,
  zSorterTelegramDialect,
  zSorterOsipDialect,
  zSorterPlcMapDialect,
  zSorterPlcMapModbusDialect,
]);
type SorterDialect = z.infer<typeof zSorterDialect>;
type MappedDialect = Extract<SorterDialect, { kind: "plc-map" | "plc-map-modbus" }>;

/** A controller's plain variables, whatever carries them. */
export const isMapped = (dialect: SorterDialect): dialect is MappedDialect =>
  dialect.kind === "plc-map" || dialect.kind === "plc-map-modbus";

/** A sorter I/O as written in an agent's configuration. */
export const zSorterConfig = z
  .strictObject({
    id: zId.describe("The sorter's name, as `line.layout.sorterId` has it."),
    reach: zReach.describe("Where the sorter is found, and over which wire."),
    dialect: zSorterDialect.describe("What it speaks there."),
    staleAfterMs: z
      .number()
      .int()
      .min(600)
      .default(1_500)
      .describe("Milliseconds without a word from the sorter after which it is stale."),
    downAfterMs: z
      .number()
      .int()
      .min(1_000)
      .default(5_000)
      .describe("Milliseconds without one after which it is down; more than staleAfterMs."),
    ...clockKeys,
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => {
    refuseUncarried(carriersOf(config, 1), config, context);
    const { reach, dialect } = config;
    if (dialect.kind === "plc-map-modbus") {
      for (const { path, message } of modbusReachMisfits(dialect, reach)) {
        context.addIssue({ code: "custom", path: [...path], message });
      }
    }
    if (reach.kind !== "opcua" || isMapped(dialect)) return;
    if (reach.publishingIntervalMs <= everyMsMax(config)) return;
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

/** Of the sorter's own counter; null for one that never wraps. */
export const counterOf = ({ dialect }: SorterConfig): CounterWidth | null =>
  isMapped(dialect) ? widthOf(dialect.count) : dialect.counter;

/** The furthest that the belt may run unheard for this sorter's counter to tell where it is. */
export const halfTurnCounts = (config: SorterConfig): number =>
  countsTellableMax(counterOf(config));

export const countsPerMsNominal = ({ speedMmPerS, mmPerCount }: SorterBelt): number =>
  speedMmPerS / 1_000 / mmPerCount;

/** No belt runs at more than twice its nominal speed. */
export const countsPerMsMax = (belt: SorterBelt): number => 2 * countsPerMsNominal(belt);

export function createSorter(config: SorterConfig, belt: SorterBelt, deps: DriverDeps): SorterPort {
  const { id: deviceId, dialect, downAfterMs } = config;
  const fastest = countsPerMsMax(belt);
  return createSorterDriver({
    deviceId,
    wire: openCarrier(
      carriersOf(config, fastest),
      { ...config, everyMsMax: everyMsMax(config) },
      deps,
    ),
    clock: deps.clock,
    // Nothing is told of a mapped belt from a while after the controller's last sign of life.
    staleAfterMs: isMapped(dialect) ? config.staleAfterMs - lifeEveryMs : config.staleAfterMs,
    downAfterMs,
    clockOffsetMsMax: config.maxClockOffsetMs,
    // Mapped counts come without a wrap.
    counter: isMapped(dialect) ? null : dialect.counter,
    countsPerMsMax: fastest,
    isLifeHeld: deps.isLifeHeld,
  });
}

/** How each dialect is carried. */
function carriersOf(
  device: { readonly id: string; readonly dialect: SorterDialect; readonly reach: Reach },
  fastestCountsPerMs: number,
): Carriers<SorterHeard, SorterCommand> {
  const { id, dialect, reach } = device;
  switch (dialect.kind) {
    case "sortline-json":
      return sorterJsonCarriers;
    case "sortline-opcua":
      return sorterOpcuaCarriers(dialect.sorterId ?? id);
    case "sortline-telegrams":
      return sorterTelegramCarriers(dialect);
    case "osip":
      return sorterOsipCarriers(dialect);
    case "plc-map":
      return sorterPlcMapCarriers(dialect, fastestCountsPerMs);
    case "plc-map-modbus":
      return sorterPlcMapModbusCarriers(dialect, reach, fastestCountsPerMs);
  }
}
