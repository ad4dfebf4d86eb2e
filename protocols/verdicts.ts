import { z } from "zod";
import { zId, zName, zSha256 } from "./sorting.ts";
import { zEpochMs } from "./units.ts";

/** A rectangle on the image, in pixels from its upper left corner. */
export const zImageBox = z.strictObject({
  x: z.number().int().min(0).max(16_384),
  y: z.number().int().min(0).max(16_384),
  width: z.number().int().min(1).max(16_384),
  height: z.number().int().min(1).max(16_384),
  label: z.string().max(64),
  confidence: z.number().min(0).max(1),
});
export type ImageBox = z.infer<typeof zImageBox>;

/** Whose word on an image a site may demand (law 1). */
export const imageVerdictSources = ["algorithm", "officer", "both"] as const;
export type ImageVerdictSource = (typeof imageVerdictSources)[number];

/** An algorithm's answer. `unknown` is its own word for "could not decide"; never clear. */
export const zAlgorithmVerdict = z.enum(["clear", "suspect", "unknown"]);
export type AlgorithmVerdict = z.infer<typeof zAlgorithmVerdict>;

/** An officer's answer on the same-screen comparison: 放行, 开箱查验, 转现场审核. */
export const zOfficerDecision = z.enum(["release", "open", "review"]);
export type OfficerDecision = z.infer<typeof zOfficerDecision>;

/** Reasons an officer gives with `open` and `review`; words are in the dictionaries. */
export const officerReasonCodes = [
  "contentsDiffer",
  "quantityDiffers",
  "suspectObject",
  "unclearImage",
  "licenceSuspected",
  "documentsIncomplete",
  "other",
] as const;

/** One officer's verdict on one image of one pass (HMI X6). Travels over the link as an event. */
export const zOfficerVerdict = z
  .strictObject({
    verdictId: zId,
    lineId: zId,
    passId: zId,
    imageHash: zSha256,
    decision: zOfficerDecision,
    reason: z.enum(officerReasonCodes).nullable(),
    officer: zName,
    station: zName,
    shownAt: zEpochMs,
    decidedAt: zEpochMs,
  })
  .refine((verdict) => verdict.decision === "release" || verdict.reason !== null, {
    path: ["reason"],
    message: "open and review need a reason",
  });
export type OfficerVerdict = z.infer<typeof zOfficerVerdict>;
