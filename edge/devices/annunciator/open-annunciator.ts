import { z } from "zod";
import type { Annunciation } from "../../../protocols/annunciator/annunciation.ts";
import { zId } from "../../../protocols/sorting.ts";
import { clockKeys } from "../clock-offset.ts";
import { zReach, type Reach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import { modbusReachMisfits } from "../wires/modbus/reach-framing.ts";
import type { DriverDeps } from "../wires/wires.ts";
import type { AnnunciatorPort } from "./annunciator.ts";
import { createAnnunciatorDriver } from "./driver.ts";
import type { AnnunciatorHeard } from "./heard.ts";
import { annunciatorJsonMapCarriers, zAnnunciatorJsonMapDialect } from "./json-map.ts";
import {
  annunciatorOutputCarriers,
  annunciatorOutputModbusCarriers,
  zAnnunciatorOutputsDialect,
  zAnnunciatorOutputsModbusDialect,
} from "./outputs.ts";
import { annunciatorJsonCarriers, zAnnunciatorJsonDialect } from "./sortline-json.ts";

const zAnnunciatorDialect = z.discriminatedUnion("kind", [
  zAnnunciatorJsonDialect,
  zAnnunciatorJsonMapDialect,
  zAnnunciatorOutputsDialect,
  zAnnunciatorOutputsModbusDialect,
]);
type AnnunciatorDialect = z.infer<typeof zAnnunciatorDialect>;

const zHorn = z
  .strictObject({
    upToPriority: z
      .union([z.literal(1), z.literal(2), z.literal(3)])
      .default(2)
      .describe("It sounds for alarms of this priority and of those before it; 1 is danger."),
    forMsMax: z
      .number()
      .int()
      .min(1_000)
      .max(600_000)
      .default(60_000)
      .describe("Milliseconds after which it falls silent by itself."),
  })
  .describe("When the horn sounds, and for how long.");

/** A horn and a stack light as written in an agent's configuration. */
export const zAnnunciatorConfig = z
  .strictObject({
    id: zId.describe("The device's name, as `line.layout.annunciatorId` has it."),
    reach: zReach.describe("Where it is found, and over which wire."),
    dialect: zAnnunciatorDialect.describe("What it is told there, and what it says."),
    horn: zHorn.prefault({}),
    staleAfterMs: z
      .number()
      .int()
      .min(600)
      .default(5_000)
      .describe("Milliseconds without its sign of life after which it counts as silent."),
    downAfterMs: z
      .number()
      .int()
      .min(1_000)
      .default(10_000)
      .describe("Milliseconds without one after which it counts as down; more than staleAfterMs."),
    ...clockKeys,
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => {
    const { dialect, reach } = config;
    refuseUncarried(carriersOf(config), config, context);
    if (dialect.kind !== "outputs-modbus") return;
    for (const { path, message } of modbusReachMisfits(dialect, reach)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });
export type AnnunciatorConfig = z.infer<typeof zAnnunciatorConfig>;

export function createAnnunciator(config: AnnunciatorConfig, deps: DriverDeps): AnnunciatorPort {
  const { id: deviceId, dialect, staleAfterMs, downAfterMs } = config;
  return createAnnunciatorDriver({
    deviceId,
    wire: openCarrier(carriersOf(config), config, deps),
    clock: deps.clock,
    staleAfterMs: saysNothing(dialect) ? null : staleAfterMs,
    downAfterMs,
    clockOffsetMsMax: config.maxClockOffsetMs,
  });
}

/** Of such a device only its wire can be judged. */
const saysNothing = (dialect: AnnunciatorDialect): boolean =>
  dialect.kind === "json-map" && dialect.state === undefined;

/** How each dialect is carried. */
function carriersOf({
  dialect,
  reach,
}: {
  readonly dialect: AnnunciatorDialect;
  readonly reach: Reach;
}): Carriers<AnnunciatorHeard, Annunciation> {
  switch (dialect.kind) {
    case "sortline-json":
      return annunciatorJsonCarriers;
    case "json-map":
      return annunciatorJsonMapCarriers(dialect);
    case "outputs":
      return annunciatorOutputCarriers(dialect);
    case "outputs-modbus":
      return annunciatorOutputModbusCarriers(dialect, reach);
  }
}
