import { z } from "zod";
import { zFourDigits } from "../scanner/read-proof.ts";

/** What a weight carries besides its grams that tells whose it is (law 16). */
export const zWeightProof = z.strictObject({
  /** The four digits that the line sent for this parcel, sent back. */
  track: zFourDigits.optional(),
  /** Length of what lay on the platform, as the scale's own eye has seen it, millimetres. */
  lengthMm: z.number().min(0).max(10_000).optional(),
});
export type WeightProof = z.infer<typeof zWeightProof>;
