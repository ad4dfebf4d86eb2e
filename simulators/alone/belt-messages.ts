import { z } from "zod";
import { zDimensionsMm } from "../../protocols/scale/dimensions.ts";
import type { ScannedBody } from "../world/ports.ts";

/**
 * What a simulated belt in one process tells simulated devices in others: what physically reaches
 * them, one JSON line each, on loopback between simulators alone. Counts are the sorter's own.
 */
const zCount = z.number().min(0);

const zScannedBody = z.strictObject({
  lengthMm: z.number(),
  /** The simulators' own, from one build to the same. */
  contents: z.custom<ScannedBody["contents"]>(
    (given) => typeof given === "object" && given !== null,
  ),
});

export const zBeltMessage = z.discriminatedUnion("kind", [
  /** Every code in the scanner's beam at one trigger. */
  z.strictObject({ kind: z.literal("read"), count: zCount, labels: z.array(z.string()).max(64) }),
  z.strictObject({
    kind: z.literal("settled"),
    weightG: z.number(),
    edgesMm: zDimensionsMm.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("itemCleared"), entryCount: zCount, lengthMm: z.number() }),
  z.strictObject({
    kind: z.literal("itemScanned"),
    bodies: z.array(zScannedBody).max(64),
    frontCount: zCount,
  }),
]);
export type BeltMessage = z.infer<typeof zBeltMessage>;

/** What a scanner's outputs are wired to: inputs of the sorter's cabinet. */
export const zDeviceMessage = z.strictObject({ kind: z.literal("decoded"), isGood: z.boolean() });
export type DeviceMessage = z.infer<typeof zDeviceMessage>;

export const beltPortDefault = 47_811;
export const lineBytesMax = 64 * 1024;
