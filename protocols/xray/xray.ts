import { z } from "zod";
import { zId, zSha256 } from "../sorting.ts";
import { zBeltCount } from "../units.ts";
import { zAlgorithmVerdict, zImageBox } from "../verdicts.ts";

/**
 * The X-ray dialect over MQTT (our own; law 9). Topics under the machine's `{base}`:
 * `announce` (to the machine), and from it `life`, `item`, `image` (binary, `xray-image.ts`),
 * `verdict`. The machine numbers items by itself; it never learns waybills or documents.
 *
 * Counts are those of the sorter's counter, in both directions. Where that wraps, so do they: a
 * window may begin before the wrap and end behind it, with a larger number first.
 */
export const zXrayAnnounce = z.strictObject({
  passId: zId,
  /** The count window in which the front will reach the tunnel's entry eye. */
  entryFromCount: zBeltCount,
  entryToCount: zBeltCount,
  lengthMm: z.number().min(1).max(5_000),
});
export type XrayAnnounce = z.infer<typeof zXrayAnnounce>;

const zItemKey = {
  /** The announced pass whose window the item fell into; null for an unannounced item. */
  passId: zId.nullable(),
  /** The machine's own number: grows by one at each item that enters. */
  itemSequence: z.number().int().min(1),
};

/** Sent when an item's rear has passed the entry eye. */
export const zXrayItem = z.strictObject({
  ...zItemKey,
  /** Left out by a machine that knows no counts: the sorter's eye tells then where it entered. */
  entryCount: zBeltCount.exactOptional(),
  lengthMm: z.number().min(0).max(10_000),
});
export type XrayItem = z.infer<typeof zXrayItem>;

/** Header of an image message; the pixels follow. */
export const zXrayImageHeader = z.strictObject({
  ...zItemKey,
  widthPx: z.number().int().min(1).max(4_096),
  heightPx: z.number().int().min(1).max(4_096),
  /** Of a machine with one energy: the second plane is left out. */
  planes: z.literal(1).exactOptional(),
  /** The machine has stored it with loss: fine detail may be missing, or be none of the parcel's. */
  isLossy: z.literal(true).exactOptional(),
  /** Its shades were made of colours, which the machine had drawn for an eye. */
  isFromColour: z.literal(true).exactOptional(),
  /** Of the picture itself, where the machine knows them: belt count at its entry, and length. */
  entryCount: zBeltCount.optional(),
  lengthMm: z.number().min(0).max(10_000).optional(),
});
export type XrayImageHeader = z.infer<typeof zXrayImageHeader>;

export const zXrayVerdict = z.strictObject({
  ...zItemKey,
  /** SHA-256 of the image message the algorithm looked at. */
  imageHash: zSha256,
  verdict: zAlgorithmVerdict,
  boxes: z.array(zImageBox).max(32),
  algorithm: z.string().min(1).max(64),
});
export type XrayVerdict = z.infer<typeof zXrayVerdict>;

/** At least every second. */
export const zXrayLife = z.strictObject({
  state: z.enum(["ready", "notReady", "fault"]),
  beamOn: z.boolean(),
  seq: z.number().int().min(0),
});
export type XrayLife = z.infer<typeof zXrayLife>;
