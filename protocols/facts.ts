import { z } from "zod";
import { conditionCodes, noticeCodes } from "./alarms.ts";
import { stillMoments } from "./camera/still.ts";
import { zDeviceReason } from "./device-reasons.ts";
import { zDimensionsMm } from "./scale/dimensions.ts";
import { zReason } from "./reasons.ts";
import { chuteStates, healthStates, zExit, zId, zPackmlState, zSha256 } from "./sorting.ts";
import { zBeltCount, zEpochMs } from "./units.ts";
import { zAlgorithmVerdict, zImageBox, zOfficerDecision } from "./verdicts.ts";

/**
 * What a line says about itself, in the past tense. The core makes them, the journal keeps them,
 * the centre tells stories and draws the lanes from them. A pass's story is its facts in order.
 */
const zPass = { passId: zId };
/** For the words; which ones a code has is in its row of the table. */
const zAlarmParams = z.record(z.string(), z.union([z.string(), z.number()]));

const passFacts = [
  /** The front crossed the induction eye. The pass id never repeats. */
  z.strictObject({ kind: z.literal("inducted"), ...zPass, frontCount: zBeltCount }),
  z.strictObject({
    kind: z.literal("measured"),
    ...zPass,
    lengthMm: z.number(),
    gapMm: z.number().nullable(),
  }),
  z.strictObject({ kind: z.literal("identified"), ...zPass, waybill: z.string(), deviceId: zId }),
  z.strictObject({
    kind: z.literal("notIdentified"),
    ...zPass,
    codes: z.array(z.string()).max(16),
  }),
  z.strictObject({
    kind: z.literal("weighed"),
    ...zPass,
    weightG: z.number().int(),
    /** Of a scale that measures too. */
    dimensionsMm: zDimensionsMm.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("claimAnswered"),
    ...zPass,
    waybill: z.string(),
    granted: z.boolean(),
    why: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal("imaged"),
    ...zPass,
    imageHash: zSha256,
    itemSequence: z.number().int(),
  }),
  z.strictObject({
    kind: z.literal("algorithmAnswered"),
    ...zPass,
    imageHash: zSha256,
    verdict: zAlgorithmVerdict,
    boxes: z.array(zImageBox).max(32),
  }),
  z.strictObject({
    kind: z.literal("officerAnswered"),
    ...zPass,
    imageHash: zSha256,
    decision: zOfficerDecision,
    officer: z.string(),
    /** False when the answer came too late or named another image; `why` then says so. */
    applied: z.boolean(),
    why: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal("reasonRaised"), ...zPass, reason: zReason }),
  z.strictObject({
    kind: z.literal("reasonDischarged"),
    ...zPass,
    reason: zReason,
    by: z.string(),
  }),
  /** The decision that was acted on at a commit point, with everything it stands on. */
  z.strictObject({
    kind: z.literal("decided"),
    ...zPass,
    exit: zExit,
    reasons: z.array(zReason).max(50),
    waybill: z.string().nullable(),
    recordVersion: z.number().int().nullable(),
    imageHash: zSha256.nullable(),
    rulesVersion: z.string(),
  }),
  /** A divert command was handed to the outbox. */
  z.strictObject({
    kind: z.literal("commanded"),
    ...zPass,
    commandId: zId,
    exit: zExit,
    fireAtCount: zBeltCount,
  }),
  z.strictObject({ kind: z.literal("aborted"), ...zPass, commandId: zId, reason: zReason }),
  /** The parcel's physical end, as its eyes saw it. `expected` is what we had decided. */
  z.strictObject({
    kind: z.literal("left"),
    ...zPass,
    exit: zExit,
    expected: zExit,
    count: zBeltCount,
  }),
  z.strictObject({ kind: z.literal("lost"), ...zPass, lastSeenMm: z.number() }),
  /**
   * A camera has taken a still of it, at the moment that this fact names or so much later. Also told of
   * passes that are over.
   */
  z.strictObject({
    kind: z.literal("pictured"),
    ...zPass,
    deviceId: zId,
    moment: z.enum(stillMoments),
    imageHash: zSha256,
    lateMs: z.number().int().min(0),
  }),
  /** It left by green while labels may have been slipping: it has to be fetched back. */
  z.strictObject({ kind: z.literal("recallWanted"), ...zPass, waybill: z.string() }),
] as const;

const lineFacts = [
  z.strictObject({
    kind: z.literal("sessionOpened"),
    epoch: zId,
    configHash: zSha256,
    logicVersion: z.string(),
  }),
  z.strictObject({
    kind: z.literal("lineState"),
    state: zPackmlState,
    inductionPermitted: z.boolean(),
    /** Why induction is not permitted or the belt is asked to stop: codes of `lineConditions`. */
    conditions: z.array(z.string().max(64)).max(32),
  }),
  z.strictObject({
    kind: z.literal("deviceHealth"),
    deviceId: zId,
    health: z.enum(healthStates),
    reason: zDeviceReason.nullable(),
  }),
  z.strictObject({
    kind: z.literal("chute"),
    exit: zExit,
    state: z.enum(chuteStates),
    fillPct: z.number(),
  }),
  /** A reader or an X-ray owes nothing any more: a test has shown it, or a person who has purged it. */
  z.strictObject({
    kind: z.literal("readerProved"),
    deviceId: zId,
    by: z.enum(["test", "hand"]),
  }),
  /**
   * A condition of `protocols/alarms.ts` begins to hold or is gone: told once at each change, and
   * once more at the beginning of a session. One that is gone names no pass.
   */
  z.strictObject({
    kind: z.literal("condition"),
    code: z.enum(conditionCodes),
    key: z.string().min(1).max(64),
    holds: z.boolean(),
    passId: zId.nullable(),
    params: zAlarmParams,
  }),
  /** A notice of the same table: something that happened. */
  z.strictObject({
    kind: z.literal("notice"),
    code: z.enum(noticeCodes),
    passId: zId.nullable(),
    params: zAlarmParams,
  }),
] as const;

/** What journals up to logic version 4 say of an alarm: its moment, and not when it was over. */
const zAlarmFact = z.strictObject({
  kind: z.literal("alarm"),
  code: z.string().max(64),
  passId: zId.nullable(),
  params: zAlarmParams,
});

export const zFact = z.discriminatedUnion("kind", [...passFacts, ...lineFacts, zAlarmFact]);
export type Fact = z.infer<typeof zFact>;
export type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;

/** A fact with its line and its stamps, as journalled and as sent to the centre. */
export const zStampedFact = z.strictObject({
  lineId: zId,
  wallAt: zEpochMs,
  count: zBeltCount,
  fact: zFact,
});
export type StampedFact = z.infer<typeof zStampedFact>;
