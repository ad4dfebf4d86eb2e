import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { AnswerMessage, ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import {
  digestOfClaims,
  endClaims,
  holdClaim,
  noHeldClaims,
  recordHeldBy,
  replaceRecord,
  type HeldClaim,
  type HeldClaims,
} from "./held-claims.ts";

/**
 * What a line agent holds of the centre's clearance records (law 12): those of the waybills that its
 * open passes have asked for. A reducer over the sequenced stream of `snapshotBegin`, parts,
 * `snapshotEnd`, `claimAnswer`, `change` and `heartbeat`.
 *
 * `applyClearance` is called with every clearance message, in order of arrival, and `lookup` when
 * evidence is weighed. After a gap every record is stale until the next snapshot is complete;
 * stale records can still be read, for the weight they declare, and allow nothing.
 */
export interface ClearanceMirror {
  /** Of the stream being followed; null before the first snapshot. */
  stream: string | null;
  /** Last sequence number applied in that stream. */
  seq: number;
  /** Followed before, the newest last: a late copy of one is no news. */
  leftStreams: readonly string[];
  /** When the stream being followed began here, and when the last one that was left did. */
  begunAt: MonotonicMs;
  leftBegunAt: MonotonicMs;
  phase: ClearancePhase;
  held: HeldClaims;
  /** The snapshot under construction, null outside one. */
  incoming: HeldClaims | null;
  incomingTotal: number;
  leaseEndsAt: MonotonicMs;
  /** When time broke last: what the centre heard of us before proves nothing any more. */
  brokenAt: MonotonicMs;
}

/** `broken`: nothing yet, or a gap; only a `snapshotBegin` helps. */
type ClearancePhase = "broken" | "snapshot" | "current";

export type ClearanceApplied =
  /** `duplicate` messages were seen before and change nothing, above all not the lease. */
  | { readonly kind: "accepted"; readonly isDuplicate: boolean }
  /** The caller asks the centre for a snapshot (`snapshotWanted`, with `why`). */
  | { readonly kind: "gap"; readonly why: string };

export interface ClearanceLookup {
  readonly record: ClearanceRecord | null;
  /** False: whatever the record says, it allows nothing. */
  readonly isLeaseRunning: boolean;
}

/** More than this is refused as a gap: an agent of forty lines has a few thousand open passes. */
export const claimsHeldMax = 100_000;

const tooMany = (claims: number): string => `${claims} claims, at most ${claimsHeldMax}`;

/** Streams that were left are known by name for as long as a copy of them may be under way. */
const leftStreamsMax = 8;

const noLease = monotonicMs(Number.NEGATIVE_INFINITY);
const accepted: ClearanceApplied = { kind: "accepted", isDuplicate: false };
const duplicate: ClearanceApplied = { kind: "accepted", isDuplicate: true };

export const emptyClearanceMirror = (): ClearanceMirror => ({
  stream: null,
  seq: 0,
  leftStreams: [],
  begunAt: noLease,
  leftBegunAt: noLease,
  phase: "broken",
  held: noHeldClaims(),
  incoming: null,
  incomingTotal: 0,
  leaseEndsAt: noLease,
  brokenAt: noLease,
});

/**
 * Takes one message. `at` is the agent's monotonic time of its arrival.
 * A `gap` has already made everything stale when this returns.
 */
export function applyClearance(
  mirror: ClearanceMirror,
  message: ClearanceMessage,
  at: MonotonicMs,
): ClearanceApplied {
  if (mirror.leftStreams.includes(message.stream)) return takeLeft(mirror, message);
  if (message.kind === "snapshotBegin") return beginSnapshot(mirror, message, at);
  if (message.stream !== mirror.stream) {
    return breakMirror(mirror, `stream ${message.stream} was not begun here`);
  }
  if (mirror.phase === "broken") return { kind: "gap", why: "waiting for a snapshot" };
  if (message.seq <= mirror.seq) return duplicate;
  if (message.seq !== mirror.seq + 1) {
    return breakMirror(mirror, `expected seq ${mirror.seq + 1}, got ${message.seq}`);
  }
  mirror.seq = message.seq;
  if (message.kind === "snapshotPart") return takePart(mirror, message.claims);
  if (message.kind === "snapshotEnd") return endSnapshot(mirror, leaseEnd(mirror, message, at));
  if (mirror.phase !== "current") {
    return breakMirror(mirror, `${message.kind} inside a snapshot`);
  }
  switch (message.kind) {
    case "claimAnswer": {
      const { isHeld, answer, record } = message;
      if (isHeld) holdClaim(mirror.held, { ...answer, record });
      const { claimsTotal } = mirror.held;
      return claimsTotal > claimsHeldMax ? breakMirror(mirror, tooMany(claimsTotal)) : accepted;
    }
    case "change":
      for (const passId of message.ended) endClaims(mirror.held, passId);
      for (const record of message.records) replaceRecord(mirror.held, record);
      return accepted;
    case "heartbeat":
      return renew(mirror, message, at);
  }
}

/** Whether this answer comes in its place, and there is room for what it brings. */
export const isNextAnswer = (
  { phase, stream, seq, held }: ClearanceMirror,
  message: AnswerMessage,
): boolean =>
  phase === "current" &&
  message.stream === stream &&
  message.seq === seq + 1 &&
  held.claimsTotal < claimsHeldMax;

/**
 * A beginning that was long under way may come behind a younger one, and be followed. What we said
 * after it began here was said to a centre that had left it: it is the older one, and no more of it
 * comes.
 */
function takeLeft(mirror: ClearanceMirror, message: ClearanceMessage): ClearanceApplied {
  const isYounger = "heardAt" in message && message.heardAt > mirror.begunAt;
  if (!isYounger) return duplicate;
  return breakMirror(mirror, `stream ${message.stream} is younger than the one followed`);
}

type Word<K extends ClearanceMessage["kind"]> = Extract<ClearanceMessage, { kind: K }>;

/** A lease covers what the centre believes us to hold: it is worth nothing over anything else. */
function renew(
  mirror: ClearanceMirror,
  message: Word<"heartbeat">,
  at: MonotonicMs,
): ClearanceApplied {
  const own = digestOfClaims(mirror.held);
  if (own.claims !== message.claims) {
    return breakMirror(mirror, `${own.claims} claims held, ${message.claims} told`);
  }
  if (own.claimsHash !== message.claimsHash) {
    return breakMirror(mirror, `other claims held than the ${message.claims} told`);
  }
  mirror.leaseEndsAt = leaseEnd(mirror, message, at);
  return accepted;
}

/**
 * A lease counts from when we last spoke, as the centre heard it: a message that was long under way
 * tells how things were, and one from before our own last start allows no more than arrival does.
 * A stream that may be older than one that was left leases nothing: the centre may rely on what we
 * have confirmed there.
 */
function leaseEnd(
  { brokenAt, leftBegunAt }: ClearanceMirror,
  { leaseMs, heardAt }: Pick<Word<"snapshotEnd">, "leaseMs" | "heardAt">,
  at: MonotonicMs,
): MonotonicMs {
  if (heardAt < brokenAt || heardAt <= leftBegunAt) return noLease;
  return monotonicMs(Math.min(at, heardAt) + leaseMs);
}

/**
 * The machine slept, or its calendar was set: nobody knows how old a lease is. It is over until the
 * centre has heard us after the break.
 */
export function breakLease(mirror: ClearanceMirror, at: MonotonicMs): void {
  mirror.leaseEndsAt = noLease;
  mirror.brokenAt = at;
}

/** What is held for a pass and its waybill, and whether it may still be relied on at `at`. */
export function lookup(
  mirror: ClearanceMirror,
  claim: Pick<HeldClaim, "passId" | "waybill">,
  at: MonotonicMs,
): ClearanceLookup {
  return { record: recordHeldBy(mirror.held, claim), isLeaseRunning: isLeaseRunning(mirror, at) };
}

export const isLeaseRunning = (mirror: ClearanceMirror, at: MonotonicMs): boolean =>
  mirror.phase === "current" && at < mirror.leaseEndsAt;

function beginSnapshot(
  mirror: ClearanceMirror,
  message: Word<"snapshotBegin">,
  at: MonotonicMs,
): ClearanceApplied {
  // A late copy of the beginning of the stream being followed must not throw away its progress.
  if (message.stream === mirror.stream && mirror.phase !== "broken") return duplicate;
  if (message.seq !== 0) return breakMirror(mirror, `snapshot begins at seq ${message.seq}, not 0`);
  if (message.claimsTotal > claimsHeldMax) {
    return breakMirror(mirror, tooMany(message.claimsTotal));
  }
  if (mirror.stream !== message.stream) follow(mirror, message.stream, at);
  mirror.seq = 0;
  mirror.phase = "snapshot";
  mirror.incoming = noHeldClaims();
  mirror.incomingTotal = message.claimsTotal;
  mirror.leaseEndsAt = noLease;
  return accepted;
}

function follow(mirror: ClearanceMirror, stream: string, at: MonotonicMs): void {
  if (mirror.stream !== null) {
    mirror.leftStreams = [...mirror.leftStreams, mirror.stream].slice(-leftStreamsMax);
    mirror.leftBegunAt = mirror.begunAt;
  }
  mirror.stream = stream;
  mirror.begunAt = at;
}

function takePart(mirror: ClearanceMirror, claims: readonly HeldClaim[]): ClearanceApplied {
  const { incoming } = mirror;
  if (incoming === null) return breakMirror(mirror, "a part outside a snapshot");
  for (const claim of claims) holdClaim(incoming, claim);
  if (incoming.claimsTotal > mirror.incomingTotal) {
    return breakMirror(mirror, `more than the ${mirror.incomingTotal} claims announced`);
  }
  return accepted;
}

function endSnapshot(mirror: ClearanceMirror, leaseEndsAt: MonotonicMs): ClearanceApplied {
  const { incoming, incomingTotal } = mirror;
  if (incoming === null) return breakMirror(mirror, "an end outside a snapshot");
  if (incoming.claimsTotal !== incomingTotal) {
    return breakMirror(mirror, `${incoming.claimsTotal} of ${incomingTotal} claims came`);
  }
  mirror.held = incoming;
  mirror.incoming = null;
  mirror.phase = "current";
  mirror.leaseEndsAt = leaseEndsAt;
  return accepted;
}

/** The old records stay readable; without a lease they allow nothing. */
function breakMirror(mirror: ClearanceMirror, why: string): ClearanceApplied {
  mirror.phase = "broken";
  mirror.incoming = null;
  mirror.leaseEndsAt = noLease;
  return { kind: "gap", why };
}
