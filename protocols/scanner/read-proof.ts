import { z } from "zod";

/**
 * What a read carries besides its codes that tells whose read it is (law 16). All of it is worth
 * something only where the reader latches it at the trigger and sends it with that very image; the
 * binding test shows whether it does. A reader sends what it has, the configuration says what counts.
 */
export const zFourDigits = z.string().regex(/^[0-9]{4}$/, "four digits");

/** Encoder ticks and trigger counters are read as they come; the configuration says their width. */
const zTally = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const zReadProof = z.strictObject({
  /** The four digits that the line sent for this trigger, sent back. */
  token: zFourDigits.optional(),
  /** The reader's own encoder at the trigger. */
  ticks: zTally.optional(),
  /** Number of this trigger: one more at each. */
  counter: zTally.optional(),
  /** The four digits of a test trigger: nothing but a test carries them. */
  test: zFourDigits.optional(),
});
export type ReadProof = z.infer<typeof zReadProof>;

/** What the line tells a reader, or a scale that proves itself. */
export const zProofCommand = z.discriminatedUnion("kind", [
  /** For a reader without a trigger of its own: the next parcel is before it now. */
  z.strictObject({ kind: z.literal("trigger") }),
  /** The parcel that it was triggered for has left, and it has said nothing: it may stop reading. */
  z.strictObject({ kind: z.literal("endTrigger") }),
  /** For whatever is triggered next: send it back with that answer. */
  z.strictObject({ kind: z.literal("token"), token: zFourDigits }),
  /** Trigger now, and send these digits back with what that shows. */
  z.strictObject({ kind: z.literal("test"), test: zFourDigits }),
]);
export type ProofCommand = z.infer<typeof zProofCommand>;
