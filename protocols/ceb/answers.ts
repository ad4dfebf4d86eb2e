import { z } from "zod";
import { zWaybill } from "../clearance.ts";
import { zId } from "../sorting.ts";
import { zEpochMs } from "../units.ts";

/** Answer to `POST /api/customs/messages`: one entry an element, in the message's order. */
export const zElementAnswer = z.strictObject({
  /** As sent; null where the element has none that can be read. */
  guid: z.string().nullable(),
  accepted: z.boolean(),
  /** Null when there is nothing to add; else `code: field words`. Also on some accepted ones. */
  reason: z.string().nullable(),
  /** The first word of `reason`, and the path of the field it is about. */
  code: z.string().nullable(),
  field: z.string().nullable(),
});
export type ElementAnswer = z.infer<typeof zElementAnswer>;

export const zMessageAnswer = z.strictObject({ results: z.array(zElementAnswer).max(100) });

/**
 * `POST /api/carrier/acceptances`: the carrier has taken the parcel over (收寄, ZJG-17). It is an
 * event of its own and activates the stored manifest of the same carrier and waybill.
 */
export const zAcceptance = z.strictObject({
  /** The carrier's own number for this event; the same number is the same event. */
  acceptanceId: zId,
  /** Customs code of the carrier, as `logisticsCode` in CEB603. */
  carrierCode: z
    .string()
    .regex(/^[0-9A-Za-z]*$/, "letters and digits only")
    .min(1)
    .max(18),
  waybill: zWaybill,
  /** Gross grams as the carrier weighed them. */
  weightG: z.number().int().min(1).max(1_000_000),
  pieces: z.number().int().min(1).max(999),
  acceptedAt: zEpochMs,
});
export type Acceptance = z.infer<typeof zAcceptance>;

export const zAcceptanceAnswer = z.strictObject({
  acceptanceId: zId,
  accepted: z.boolean(),
  /** `parked`: no stored manifest matches yet; it is tried again when one comes. */
  outcome: z.enum(["activated", "parked", "repeated", "refused"]),
  reason: z.string().nullable(),
});
export type AcceptanceAnswer = z.infer<typeof zAcceptanceAnswer>;
