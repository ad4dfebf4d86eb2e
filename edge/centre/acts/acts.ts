import { z } from "zod";
import { zWaybill } from "../../../protocols/clearance.ts";
import { zStampedFact } from "../../../protocols/facts.ts";
import { claimRefusals } from "../../../protocols/link.ts";
import { zExit, zId } from "../../../protocols/sorting.ts";
import { zOfficerVerdict } from "../../../protocols/verdicts.ts";
import { zDeskInput } from "../documents/desk.ts";

/**
 * What the centre writes into its own journal, as the `act` of an act entry. Replaying them in
 * order after a restart gives the documents, the claims and the officers' decisions back.
 */
export const zCentreAct = z.discriminatedUnion("kind", [
  /** Documents, carriers' events, controls and releases: inputs of the document desk. */
  z.strictObject({ kind: z.literal("desk"), input: zDeskInput }),
  z.strictObject({
    kind: z.literal("claim"),
    lineId: zId,
    passId: zId,
    waybill: zWaybill,
    granted: z.boolean(),
    why: z.enum(claimRefusals).nullable(),
  }),
  /** The pass is over, so its claim is. */
  z.strictObject({ kind: z.literal("claimEnded"), passId: zId }),
  z.strictObject({
    kind: z.literal("lock"),
    taskId: zId,
    passId: zId,
    imageHash: zId,
  }),
  z.strictObject({ kind: z.literal("decision"), taskId: zId, verdict: zOfficerVerdict }),
  /** A task opened by hand. */
  z.strictObject({ kind: z.literal("taskAsked"), passId: zId }),
  /** How far the agents' journals have been taken in, and what cannot be told without them. */
  z.strictObject({
    kind: z.literal("checkpoint"),
    chains: z.array(
      z.strictObject({
        chain: zId,
        /** Everything up to here has had its effect on documents, claims and counts. */
        appliedSeq: z.number().int().min(0),
        /** The first record that tells of a pass that was still on its belt. */
        openFromSeq: z.number().int().min(1),
        /** The first record that tells of a pass that was held; absent, no earlier story is told. */
        storiesFromSeq: z.number().int().min(1).optional(),
      }),
    ),
    exits: z.array(z.strictObject({ lineId: zId, exit: zExit, count: z.number().int().min(0) })),
    /** The last word of each line on itself: state, chutes, devices, conditions that hold. */
    standing: z.array(zStampedFact),
  }),
]);
export type CentreAct = z.infer<typeof zCentreAct>;
export type CentreActOf<K extends CentreAct["kind"]> = Extract<CentreAct, { kind: K }>;
