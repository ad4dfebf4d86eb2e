import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * What a line agent holds of the centre's clearance records (law 12): a reducer over the
 * sequenced stream of `snapshotBegin`, parts, `snapshotEnd`, `change` and `heartbeat`.
 *
 * The core calls `applyClearance` with every clearance message, in order of arrival, and `lookup`
 * when it weighs evidence. The mirror is changed in place, because a site holds up to a million
 * records. After a gap every record is stale until the next snapshot is complete; stale records
 * can still be read, since a reason they name adds doubt and never takes it away.
 */
export interface ClearanceMirror {
  /** Of the stream being followed; null before the first snapshot. */
  stream: string | null;
  /** Last sequence number applied in that stream. */
  seq: number;
  phase: ClearancePhase;
  records: Map<string, ClearanceRecord>;
  /** The snapshot under construction, null outside one. */
  incoming: Map<string, ClearanceRecord> | null;
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

/** More than this at one line agent is refused as a gap: ten days of a site at 100,000 a day. */
export const clearanceRecordsMax = 1_000_000;

const noLease = monotonicMs(Number.NEGATIVE_INFINITY);
const accepted: ClearanceApplied = { kind: "accepted", isDuplicate: false };
const duplicate: ClearanceApplied = { kind: "accepted", isDuplicate: true };

export const emptyClearanceMirror = (): ClearanceMirror => ({
  stream: null,
  seq: 0,
  phase: "broken",
  records: new Map(),
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
  if (message.kind === "snapshotBegin") return beginSnapshot(mirror, message);
  if (message.stream !== mirror.stream) {
    return breakMirror(mirror, `stream ${message.stream} was not begun here`);
  }
  if (mirror.phase === "broken") return { kind: "gap", why: "waiting for a snapshot" };
  if (message.seq <= mirror.seq) return duplicate;
  if (message.seq !== mirror.seq + 1) {
    return breakMirror(mirror, `expected seq ${mirror.seq + 1}, got ${message.seq}`);
  }
  mirror.seq = message.seq;
  switch (message.kind) {
    case "snapshotPart":
      return takePart(mirror, message.records);
    case "snapshotEnd":
      return endSnapshot(mirror, leaseEnd(mirror, message, at));
    case "change":
      return change(mirror, message.records, message.removed);
    case "heartbeat":
      if (mirror.phase !== "current") return breakMirror(mirror, "heartbeat inside a snapshot");
      mirror.leaseEndsAt = leaseEnd(mirror, message, at);
      return accepted;
  }
}

/**
 * A lease counts from when we last spoke, as the centre heard it: a message that was long under way
 * tells how things were, and one from before our own last start allows no more than arrival does.
 */
const leaseEnd = (
  { brokenAt }: ClearanceMirror,
  {
    leaseMs,
    heardAt,
  }: Pick<Extract<ClearanceMessage, { kind: "heartbeat" }>, "leaseMs" | "heardAt">,
  at: MonotonicMs,
): MonotonicMs => (heardAt < brokenAt ? noLease : monotonicMs(Math.min(at, heardAt) + leaseMs));

/**
 * The machine slept, or its calendar was set: nobody knows how old a lease is. It is over until the
 * centre has heard us after the break.
 */
export function breakLease(mirror: ClearanceMirror, at: MonotonicMs): void {
  mirror.leaseEndsAt = noLease;
  mirror.brokenAt = at;
}

/** What is held for a waybill, and whether it may still be relied on at `at`. */
export function lookup(mirror: ClearanceMirror, waybill: string, at: MonotonicMs): ClearanceLookup {
  return {
    record: mirror.records.get(waybill) ?? null,
    isLeaseRunning: isLeaseRunning(mirror, at),
  };
}

export const isLeaseRunning = (mirror: ClearanceMirror, at: MonotonicMs): boolean =>
  mirror.phase === "current" && at < mirror.leaseEndsAt;

function beginSnapshot(
  mirror: ClearanceMirror,
  message: Extract<ClearanceMessage, { kind: "snapshotBegin" }>,
): ClearanceApplied {
  // A late copy of the beginning of the stream being followed must not throw away its progress.
  if (message.stream === mirror.stream && mirror.phase !== "broken") return duplicate;
  if (message.seq !== 0) return breakMirror(mirror, `snapshot begins at seq ${message.seq}, not 0`);
  if (message.recordsTotal > clearanceRecordsMax) {
    return breakMirror(mirror, `${message.recordsTotal} records, at most ${clearanceRecordsMax}`);
  }
  mirror.stream = message.stream;
  mirror.seq = 0;
  mirror.phase = "snapshot";
  mirror.incoming = new Map();
  mirror.incomingTotal = message.recordsTotal;
  mirror.leaseEndsAt = noLease;
  return accepted;
}

function takePart(mirror: ClearanceMirror, records: readonly ClearanceRecord[]): ClearanceApplied {
  const { incoming } = mirror;
  if (incoming === null) return breakMirror(mirror, "a part outside a snapshot");
  for (const record of records) incoming.set(record.waybill, record);
  if (incoming.size > mirror.incomingTotal) {
    return breakMirror(mirror, `more than the ${mirror.incomingTotal} records announced`);
  }
  return accepted;
}

function endSnapshot(mirror: ClearanceMirror, leaseEndsAt: MonotonicMs): ClearanceApplied {
  const { incoming, incomingTotal } = mirror;
  if (incoming === null) return breakMirror(mirror, "an end outside a snapshot");
  if (incoming.size !== incomingTotal) {
    return breakMirror(mirror, `${incoming.size} of ${incomingTotal} records came`);
  }
  mirror.records = incoming;
  mirror.incoming = null;
  mirror.phase = "current";
  mirror.leaseEndsAt = leaseEndsAt;
  return accepted;
}

function change(
  mirror: ClearanceMirror,
  records: readonly ClearanceRecord[],
  removed: readonly string[],
): ClearanceApplied {
  if (mirror.phase !== "current") return breakMirror(mirror, "a change inside a snapshot");
  for (const waybill of removed) mirror.records.delete(waybill);
  for (const record of records) mirror.records.set(record.waybill, record);
  if (mirror.records.size > clearanceRecordsMax) {
    return breakMirror(mirror, `more than ${clearanceRecordsMax} records`);
  }
  return accepted;
}

/** The old records stay readable; without a lease they allow nothing. */
function breakMirror(mirror: ClearanceMirror, why: string): ClearanceApplied {
  mirror.phase = "broken";
  mirror.incoming = null;
  mirror.leaseEndsAt = noLease;
  return { kind: "gap", why };
}
