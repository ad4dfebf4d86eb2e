import { z } from "zod";
import { zReason } from "./reasons.ts";
import { zSha256 } from "./sorting.ts";

/** What people put between the parts of a number, so that it reads well. */
const waybillSeparators = /[-./\s]/g;

/**
 * The one spelling of a waybill number. Carriers' numbers are the same number whatever the case and
 * width of their letters and whatever is put between them, so one that is typed, scanned or declared
 * in another way is no second parcel.
 */
export const waybillAsWritten = (text: string): string =>
  text.normalize("NFKC").toUpperCase().replaceAll(waybillSeparators, "");

/**
 * Carriers' waybill numbers, CEB202205 `logisticsNo`: at most 32 visible ASCII characters. What is
 * read is the number in its one spelling.
 */
export const zWaybill = z
  .string()
  // Asked first: of a character that no waybill has, how many there are is not what is wrong.
  .regex(/^[0-9A-Za-z./ -]*$/, "letters and digits, with '-', '.', '/' or blanks between them")
  .regex(/[0-9A-Za-z]/, "at least one letter or digit")
  .overwrite(waybillAsWritten)
  .min(4)
  .max(32);

/**
 * What the documents say about one waybill (law 13): the documentary release, conditional.
 * Made by the centre, held by the line agents. `standing` is worth nothing once its lease has run
 * out, and `notReleasable` always comes with at least one reason.
 */
export const zClearanceRecord = z
  .strictObject({
    waybill: zWaybill,
    /** Grows by one at each change of this waybill's record; the newest wins. */
    version: z.number().int().min(1),
    /** The manifest and its frozen content, so that a decision names what it relied on. */
    manifestGuid: z.string().min(1).max(36),
    manifestHash: zSha256,
    standing: z.enum(["releasable", "releasableIfMachinePassOk", "notReleasable"]),
    machineInspectionRequired: z.boolean(),
    /** Every open reason the documents know of. Controls come here too. */
    reasons: z.array(zReason).max(20),
    declared: z.strictObject({
      grossWeightG: z.number().int().min(0).max(1_000_000),
      pieces: z.number().int().min(1).max(999),
    }),
    /** Latest customs receipt (CEB604 returnStatus), null if none has come. */
    customsStatus: z.number().int().nullable(),
    /** Versions of the licence rules, rates and controls that were applied. */
    rulesVersion: z.string().min(1).max(64),
  })
  .refine((record) => record.standing !== "notReleasable" || record.reasons.length > 0, {
    path: ["reasons"],
    message: "a record that is not releasable names its reasons",
  })
  .refine((record) => record.standing === "notReleasable" || record.reasons.length === 0, {
    path: ["standing"],
    message: "a record with open reasons is notReleasable",
  });
export type ClearanceRecord = z.infer<typeof zClearanceRecord>;

/** Nobody may release on it. */
export const isDoubt = ({ standing }: Pick<ClearanceRecord, "standing">): boolean =>
  standing === "notReleasable";
