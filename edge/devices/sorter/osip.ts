import { z } from "zod";
import { osipLengthMin } from "../../../protocols/sorter/osip.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { zExit, zId } from "../../../protocols/sorting.ts";
import { counterSetting } from "../counter.ts";
import { speak } from "../dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { SorterHeard } from "./heard.ts";
import { OsipDialect } from "./osip-dialect.ts";

const zName = z.string().regex(/^[A-Z0-9_]{5}$/, "five capital letters, digits or _");
const zLocation = z.string().regex(/^[A-Z0-9_]{1,20}$/, "up to 20 capital letters, digits or _");
const byLocation = (says: string) => z.record(zLocation, zId).describe(says);

/** What OSIP has no field for stands in one that it leaves to its user; there is one way to do it. */
const saidIn = <Field extends string>(field: Field, says: string) =>
  z.literal(field).optional().describe(says);

export const zSorterOsipDialect = z.strictObject({
  kind: z.literal("osip").describe("The telegrams of OpenWMS, over TCP, with counts in them."),
  self: zName.describe("By what name the controller knows this agent."),
  controller: zName.describe("The controller's own name. What another one sends is not read."),
  length: z
    .number()
    .int()
    .min(osipLengthMin)
    .max(1_000)
    .default(160)
    .describe("Characters of each telegram, both ways."),
  lengthCounts: z
    .enum(["whole", "body"])
    .describe(
      "What the length field counts: the whole telegram, or all but ###, sender, receiver and number.",
    ),
  counts: saidIn(
    "barcode",
    "Where UPD_ has the belt count that was latched; SYSU has the belt's in group.",
  ),
  orders: saidIn("group", "Where RES_ has the counts at which a diverter is to move."),
  sessions: saidIn("error", "Where SYSU and RES_ have the controller's boot number."),
  locations: z
    .strictObject({
      eyes: byLocation("Eyes by their OSIP location."),
      chutes: z.partialRecord(zExit, zLocation).describe("The location of each exit's chute."),
      inputs: byLocation("Inputs that tell pulses, by their location.").default({}),
      guards: byLocation("Guards over the belt, by their location.").default({}),
      reset: zLocation.describe("Of the reset key at the line.").optional(),
      induction: zLocation
        .describe("Told by LOCU whether parcels may be put on the belt.")
        .optional(),
    })
    .describe("What the controller calls the places of the line."),
  counter: counterSetting.counter.describe(
    "How far the controller's belt counter counts before it begins anew; default: it never does.",
  ),
});
export type SorterOsipDialect = z.infer<typeof zSorterOsipDialect>;

export const sorterOsipCarriers = (config: SorterOsipDialect) =>
  ({
    bytes: (link, clock) =>
      speak(new OsipDialect({ config, wallMs: () => clock.wall() }), createByteWire(link), clock),
  }) satisfies Carriers<SorterHeard, SorterCommand>;
