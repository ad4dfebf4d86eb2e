import { z } from "zod";
import { generationMax, zChain } from "../../../protocols/chain-name.ts";
import { zWaybill } from "../../../protocols/clearance.ts";
import { zStampedFact } from "../../../protocols/facts.ts";
import { zChainEnd, zGenerationBegun } from "../../../protocols/generation.ts";
import { claimRefusals } from "../../../protocols/link.ts";
import { settledOutcomes } from "../../../protocols/ui/http.ts";
import { zExit, zId, zSha256 } from "../../../protocols/sorting.ts";
import { traceSecondsMax } from "../../../protocols/trace.ts";
import { zOfficerVerdict } from "../../../protocols/verdicts.ts";
import { zClearanceSettings, zKeptParameters } from "../../clearance/config.ts";
import { zDeskInput, zJudged } from "../documents/desk-input.ts";

const zClaimed = {
  lineId: zId,
  passId: zId,
  waybill: zWaybill,
  /** The journal that tells how the pass ends; absent, the line's only one. */
  chain: zChain.optional(),
};

/**
 * What the centre writes into its own journal, as the `act` of an act entry. An auditor derives the
 * documents from them again. A restart reads only those behind its restore point: the documents have
 * rows of their own beside the journal, and what else stood is in the point.
 */
export const zCentreAct = z.discriminatedUnion("kind", [
  /** Documents, carriers' events, controls and releases: inputs of the document desk. */
  z.strictObject({
    kind: z.literal("desk"),
    input: zDeskInput,
    /** What it was judged to be; absent in journals of before this was kept. */
    judged: zJudged.optional(),
  }),
  /** One version of what customs may set, by content; written once. */
  z.strictObject({
    kind: z.literal("parameterVersion"),
    hash: zSha256,
    parameters: zKeptParameters,
  }),
  /** By what every input from here on is judged. */
  z.strictObject({
    kind: z.literal("parameters"),
    logicVersion: z.string().min(1).max(64),
    settings: zClearanceSettings,
    /** Hashes of versions that were written before. */
    versions: z.array(zSha256).min(1).max(1_000),
  }),
  z.strictObject({
    kind: z.literal("claim"),
    ...zClaimed,
    granted: z.boolean(),
    why: z.enum(claimRefusals).nullable(),
  }),
  /** A pass asked for a waybill, and was refused it or waits. */
  z.strictObject({ kind: z.literal("claimAsked"), ...zClaimed }),
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
  /** A person has said that this agent's journal is another one from now on. */
  z.strictObject({
    kind: z.literal("generationAsked"),
    agentId: zId,
    generation: z.number().int().min(2).max(generationMax),
    reason: z.string().max(500).nullable(),
  }),
  /** The last lease of the old generation has run out, and the new one begins. */
  z.strictObject({ kind: z.literal("generationBegun"), agentId: zId, begun: zGenerationBegun }),
  /** A person has said what became of a parcel of which no journal tells. */
  z.strictObject({
    kind: z.literal("settled"),
    waybill: zWaybill,
    outcome: z.enum(settledOutcomes),
    reason: z.string().max(500).nullable(),
  }),
  /** Records of a chain that is closed, as a file of the agent has them. */
  z.strictObject({
    kind: z.literal("broughtIn"),
    chain: zChain,
    fromSeq: z.number().int().min(1),
    lastSeq: z.number().int().min(0),
    isComplete: z.boolean(),
  }),
  /** An agent remembers, or an anchor tells, more of the centre than is here: a backup was put back. */
  z.strictObject({
    kind: z.literal("olderFound"),
    /** Null for an anchor of the centre's own journal. */
    agentId: zId.nullable(),
    chain: zChain,
    /** As far as it was told that its chain is held, and as far as it is. */
    toldSeq: z.number().int().min(0),
    heldSeq: z.number().int().min(0),
    /** Where the centre's own journal ended by what the agent was told, and where it ends. */
    told: zChainEnd.nullable(),
    end: zChainEnd,
    /** Records of the centre's own that are not here, at least. */
    lostActs: z.number().int().min(0),
  }),
  /** A person has said that this agent will not come. */
  z.strictObject({
    kind: z.literal("missingNamed"),
    agentId: zId,
    reason: z.string().max(500).nullable(),
  }),
  /** Every agent has told again what it knows, or a person has named it. */
  z.strictObject({ kind: z.literal("olderOver") }),
  /** A person has had sent again what was lost of the centre's own records. */
  z.strictObject({ kind: z.literal("lostSeen"), reason: z.string().max(500).nullable() }),
  /** A person looks at what goes over a device's wire; the frames themselves are nowhere kept. */
  z.strictObject({
    kind: z.literal("traceBegun"),
    deviceId: zId,
    seconds: z.number().int().min(1).max(traceSecondsMax),
  }),
  /** A row of the documents is not as it was written: nothing is released from here on. */
  z.strictObject({ kind: z.literal("damageFound"), why: z.string().max(500) }),
  /** All rows have been looked at, and none is damaged. */
  z.strictObject({ kind: z.literal("damageOver") }),
  /** How far the agents' journals have been taken in, and what cannot be told without them. */
  z.strictObject({
    kind: z.literal("checkpoint"),
    chains: z.array(
      z.strictObject({
        chain: zChain,
        /** Everything up to here has had its effect on documents, claims and counts. */
        appliedSeq: z.number().int().min(0),
        /** The first record that tells of a pass on its belt, or of one whose end nobody has told. */
        openFromSeq: z.number().int().min(1),
        /** The first record that tells of a pass that was held; absent, no earlier story is told. */
        storiesFromSeq: z.number().int().min(1).optional(),
      }),
    ),
    exits: z.array(z.strictObject({ lineId: zId, exit: zExit, count: z.number().int().min(0) })),
    /** The last word of each line on itself: state, chutes, devices, conditions that hold. */
    standing: z.array(zStampedFact),
    /** Of each line the newest session that was told; absent in journals of before it was kept. */
    sessions: z
      .array(
        z.strictObject({
          lineId: zId,
          epoch: zId,
          from: z.strictObject({ chain: zChain, seq: z.number().int().min(1) }),
          highest: z.number().int().min(0),
        }),
      )
      .optional(),
  }),
]);
export type CentreAct = z.infer<typeof zCentreAct>;
export type CentreActOf<K extends CentreAct["kind"]> = Extract<CentreAct, { kind: K }>;
