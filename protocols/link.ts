import { z } from "zod";
import { generationMax, zChain } from "./chain-name.ts";
import { zClearanceRecord, zWaybill } from "./clearance.ts";
import { zDeviceClock } from "./device-clock.ts";
import { zDeviceReason } from "./device-reasons.ts";
import { zChainEnd, zGenerationBegun } from "./generation.ts";
import { deviceKinds, healthStates, zId, zSha256 } from "./sorting.ts";
import { zStorageReport } from "./storage.ts";
import { zTraceTold, zTraceWanted } from "./trace.ts";
import { zBeltCount, zEpochMs } from "./units.ts";
import { zOfficerVerdict } from "./verdicts.ts";

/**
 * Messages between the centre and a line agent. Over MQTT each is one JSON
 * payload on `{site}/link/{agentId}/down|up`; images travel as raw bytes, in pieces, on
 * `{site}/link/{agentId}/image/{passId}/{sha256}/{index}/{total}`. A message longer than the broker's
 * packet travels in pieces as well (`edge/link/pieces.ts`).
 *
 * Clearance is a stream of its own inside the downward one: after `snapshotBegin` (a new `stream`
 * id, sequence 0) every clearance message carries the next `seq`. It tells of the waybills that the
 * agent's open passes have asked for, and of no others: from the answer to the claim until the
 * agent's own journal has ended the pass. A gap, or a heartbeat over another set than the agent's,
 * makes the agent ask for a snapshot (`snapshotWanted`) and, until it is complete, treat every
 * record as stale.
 */
const zStream = { stream: zId, seq: z.number().int().min(0) };

/** A broker with a smaller largest packet does not carry the link. */
export const linkPacketBytesMin = 16_384;

/**
 * Everything held may be trusted for `leaseMs`, counted from the agent's own monotonic clock at its
 * latest word that the centre had heard when it sent this: a link that lags must not stretch it.
 */
const zLease = { leaseMs: z.number().int().min(0).max(600_000), heardAt: z.number().min(0) };

export const claimRefusals = [
  "claimedElsewhere",
  "alreadyReleased",
  "unknownWaybill",
  /** A pass of a journal that was lost held it or asked for it, and nobody can tell what became. */
  "outcomeUnknown",
] as const;

export const zClaimAnswer = z.strictObject({
  kind: z.literal("claimAnswer"),
  lineId: zId,
  passId: zId,
  waybill: zWaybill,
  granted: z.boolean(),
  why: z.enum(claimRefusals).nullable(),
});
export type ClaimAnswer = z.infer<typeof zClaimAnswer>;

/** A pass that has asked for a waybill, and what the documents say of it; null: there are none. */
export const zHeldClaim = z
  .strictObject({ passId: zId, waybill: zWaybill, record: zClearanceRecord.nullable() })
  .refine(({ waybill, record }) => record === null || record.waybill === waybill, {
    path: ["record", "waybill"],
    message: "the record of a claim is that of its waybill",
  });

export const zClearanceMessage = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("snapshotBegin"),
    ...zStream,
    claimsTotal: z.number().int().min(0),
  }),
  z.strictObject({
    kind: z.literal("snapshotPart"),
    ...zStream,
    claims: z.array(zHeldClaim).max(500),
  }),
  z.strictObject({
    kind: z.literal("snapshotEnd"),
    ...zStream,
    ...zLease,
  }),
  z
    .strictObject({
      kind: z.literal("claimAnswer"),
      ...zStream,
      answer: zClaimAnswer,
      /** False: the pass is over, and nothing more is told of its waybill. */
      isHeld: z.boolean(),
      /** Of the waybill, as it is when this is told: never older than what the claim was judged on. */
      record: zClearanceRecord.nullable(),
    })
    .refine(({ answer, record }) => record === null || record.waybill === answer.waybill, {
      path: ["record", "waybill"],
      message: "the record of an answer is that of its waybill",
    }),
  z.strictObject({
    kind: z.literal("change"),
    ...zStream,
    /** Replaces what is held for the same waybills. */
    records: z.array(zClearanceRecord).max(500),
    /** Passes that the agent's journal has ended: nothing more is told of what they asked for. */
    ended: z.array(zId).max(500),
  }),
  /** Renews the lease of everything held, if that is what the agent holds. */
  z.strictObject({
    kind: z.literal("heartbeat"),
    ...zStream,
    ...zLease,
    claims: z.number().int().min(0),
    claimsHash: zSha256,
  }),
]);
export type ClearanceMessage = z.infer<typeof zClearanceMessage>;
/** An answer to a claim in its place in the stream. */
export type AnswerMessage = Extract<ClearanceMessage, { kind: "claimAnswer" }>;

/**
 * Why the centre does not take an agent's journal; each is an alarm at the agent's lines. `journalLate`:
 * records are unacknowledged for longer than they may be. `journalClosed`: the chain belongs to a
 * generation that is over, or is being ended.
 */
export const journalRefusals = [
  "journalFork",
  "journalShortened",
  "journalForeign",
  "journalLate",
  "journalClosed",
] as const;
export type JournalRefusal = (typeof journalRefusals)[number];

export const zDownMessage = z.union([
  z.strictObject({ kind: z.literal("clearance"), message: zClearanceMessage }),
  z.strictObject({ kind: z.literal("officerVerdict"), verdict: zOfficerVerdict }),
  /**
   * The centre holds every journal record of this chain up to `seq`, synced. In the answer to a
   * hello with the hash of that record, so that the agent can see whether it is its own.
   */
  z.strictObject({
    kind: z.literal("journalAck"),
    chain: zChain,
    seq: z.number().int().min(0),
    hash: zSha256.optional(),
  }),
  /** Asks the agent to send its journal again after `seq` (the centre lost or never had it). */
  z.strictObject({
    kind: z.literal("journalWanted"),
    chain: zChain,
    afterSeq: z.number().int().min(0),
  }),
  /** The agent's journal is not taken: no claim is granted to it and no lease, as long as it is so. */
  z.strictObject({
    kind: z.literal("journalRefused"),
    chain: zChain,
    code: z.enum(journalRefusals),
    why: z.string().max(300),
    held: zChainEnd,
  }),
  /**
   * The centre's own journal is synced up to here. The agent keeps it and says it in each hello, so
   * that a centre whose records are older than that can see it.
   */
  z.strictObject({ kind: z.literal("centreReached"), end: zChainEnd }),
  /** The agent begins this chain, and keeps the file of its old one. */
  z.strictObject({ kind: z.literal("generationBegun"), begun: zGenerationBegun }),
  /** The centre knows of this image but does not hold it: the agent sends it (again). */
  z.strictObject({ kind: z.literal("imageWanted"), passId: zId, imageHash: zSha256 }),
  /** Somebody looks at a device's trace: said again and again as long as he does. */
  zTraceWanted,
]);
export type DownMessage = z.infer<typeof zDownMessage>;

/** Longest body of a journal's record, in characters, on disk as on the link. */
export const recordBodyCharsMax = 4_000_000;

/** One journal record on its way to the centre: exactly the journal's own row. */
export const zJournalRecord = z.strictObject({
  chain: zChain,
  seq: z.number().int().min(1),
  /** Canonical JSON of the entry: what is hashed. */
  body: z.string().max(recordBodyCharsMax),
  prevHash: zSha256,
  hash: zSha256,
});
export type JournalRecord = z.infer<typeof zJournalRecord>;

/** Where a belt is and how fast it runs: enough to draw it until the next one. */
export const zBeltMotion = z.strictObject({
  lineId: zId,
  count: zBeltCount,
  speedMmPerS: z.number().min(0).max(10_000),
  isRunning: z.boolean(),
  emergencyStop: z.boolean(),
  wallAt: zEpochMs,
});
export type BeltMotion = z.infer<typeof zBeltMotion>;

/** The agent's monotonic clock when it said this; of use to the same run of the agent only. */
const zAgentClock = z.number().min(0);

export const lastWordCharsMax = 300;

/** Why an agent is about to end, or does not begin. */
export const zLastWord = z.strictObject({
  code: z.enum(["diskFull", "journalFailed", "journalUnopened", "newGeneration", "bug", "stopped"]),
  /** For people who look deeper: what the system said. */
  why: z.string().max(lastWordCharsMax),
});
export type LastWord = z.infer<typeof zLastWord>;

export const zUpMessage = z.union([
  /** Opens the conversation, and opens it anew after each reconnect. */
  z.strictObject({
    kind: z.literal("hello"),
    agentId: zId,
    /** The agent's journal as it stands: its generation, its last record, and that record's hash. */
    chain: zChain,
    generation: z.number().int().min(1).max(generationMax),
    lastSeq: z.number().int().min(0),
    lastHash: zSha256,
    /** What the centre has told it last: how far it holds this journal, and how far its own reached. */
    told: z.strictObject({
      seq: z.number().int().min(0),
      /** Null until it has said so. */
      centre: zChainEnd.nullable(),
    }),
    lineIds: z.array(zId).min(1).max(400),
    /** The stream whose messages the agent has applied up to `clearanceSeq`; null for none. */
    clearanceStream: zId.nullable(),
    clearanceSeq: z.number().int().min(0),
    at: zAgentClock,
  }),
  /**
   * Each second, so that leases can be counted from it, and so that the centre knows of records that
   * do not reach it.
   */
  z.strictObject({
    kind: z.literal("alive"),
    at: zAgentClock,
    lastSeq: z.number().int().min(0),
    /** Losses of this connection within a minute, and images given up because they cut it. */
    link: z.strictObject({
      cuts: z.number().int().min(0),
      givenUp: z.number().int().min(0),
      /** The shortest of these. */
      givenUpBytes: z.number().int().min(0),
    }),
  }),
  /** Each second; what a journal that cannot be written could not tell. */
  z.strictObject({ kind: z.literal("storage"), report: zStorageReport }),
  /** The last word of an agent that ends itself, or cannot begin; it holds until a hello. */
  z.strictObject({ kind: z.literal("leaving"), ...zLastWord.shape }),
  z.strictObject({ kind: z.literal("snapshotWanted"), why: z.string().max(200) }),
  /**
   * The agent has applied its stream up to this message, which brought doubt: what its records hold
   * back now, its lines do not release. A hello says the same of the place it names.
   */
  z.strictObject({ kind: z.literal("clearanceTaken"), ...zStream }),
  z.strictObject({ kind: z.literal("claim"), lineId: zId, passId: zId, waybill: zWaybill }),
  z.strictObject({ kind: z.literal("journal"), records: z.array(zJournalRecord).min(1).max(500) }),
  z.strictObject({ kind: z.literal("motion"), belts: z.array(zBeltMotion).max(400) }),
  z.strictObject({
    kind: z.literal("health"),
    lineId: zId,
    devices: z
      .array(
        z.strictObject({
          id: zId,
          deviceKind: z.enum(deviceKinds),
          health: z.enum(healthStates),
          reason: zDeviceReason.nullable(),
          counters: z.record(z.string().max(40), z.number()),
          clock: zDeviceClock.exactOptional(),
        }),
      )
      .max(32),
  }),
  /** What is only looked at: an agent whose journal waits does not answer. */
  zTraceTold,
]);
export type UpMessage = z.infer<typeof zUpMessage>;
