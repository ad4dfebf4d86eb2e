import { createHash } from "node:crypto";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";

/**
 * What the centre has told one start of an agent, and how long it may be relied on: written from law
 * 12, for judges, without a look at how the agent follows its stream. A message that is missing ends
 * the lease until a snapshot is whole; one that was seen before, or is of a stream that was left, tells
 * nothing; and a heartbeat leases only what it names, by count and hash.
 */
export interface ToldRecords {
  /** True where it has leased what it names. */
  learn(message: ClearanceMessage, at: number): boolean;
  /** What the centre heard of the agent before this proves nothing. */
  breakTime(at: number): void;
  recordOf(passId: string, waybill: string): ClearanceRecord | null;
  isLeased(at: number): boolean;
  /** All that passes have asked for which are not over. */
  held(): Iterable<Readonly<Told>>;
}

export interface Told {
  readonly passId: string;
  readonly waybill: string;
  record: ClearanceRecord | null;
}

type Lease = Pick<Extract<ClearanceMessage, { kind: "heartbeat" }>, "leaseMs" | "heardAt">;

const never = Number.NEGATIVE_INFINITY;
const keyOf = (passId: string, waybill: string): string => `${passId} ${waybill}`;

export function createToldRecords(): ToldRecords {
  const left = new Set<string>();
  let stream: string | null = null;
  let seq = 0;
  let isWhole = false;
  let told = new Map<string, Told>();
  /** Of a snapshot that is not whole yet. */
  let incoming: { readonly total: number; readonly told: Map<string, Told> } | null = null;
  let leaseEndsAt = never;
  let brokenAt = never;

  const miss = (): false => {
    isWhole = false;
    incoming = null;
    leaseEndsAt = never;
    return false;
  };

  const lease = ({ leaseMs, heardAt }: Lease, at: number): boolean => {
    leaseEndsAt = heardAt < brokenAt ? never : Math.min(at, heardAt) + leaseMs;
    return at < leaseEndsAt;
  };

  const begin = (message: Extract<ClearanceMessage, { kind: "snapshotBegin" }>): false => {
    if (message.stream === stream && (isWhole || incoming !== null)) return false;
    if (stream !== null && stream !== message.stream) left.add(stream);
    miss();
    stream = message.stream;
    seq = 0;
    incoming = { total: message.claimsTotal, told: new Map() };
    return false;
  };

  const setRecord = (record: ClearanceRecord | null, waybill: string): false => {
    for (const each of told.values()) if (each.waybill === waybill) each.record = record;
    return false;
  };

  const take = (
    message: Exclude<ClearanceMessage, { kind: "snapshotBegin" }>,
    at: number,
  ): boolean => {
    if (message.kind === "snapshotPart") {
      for (const each of message.claims) {
        incoming?.told.set(keyOf(each.passId, each.waybill), { ...each });
      }
      return false;
    }
    if (message.kind === "snapshotEnd") {
      if (incoming?.told.size !== incoming?.total) return miss();
      told = incoming?.told ?? told;
      [isWhole, incoming] = [true, null];
      return lease(message, at);
    }
    if (!isWhole) return miss();
    switch (message.kind) {
      case "claimAnswer": {
        if (!message.isHeld) return false;
        const { answer, record } = message;
        const { passId, waybill } = answer;
        told.set(keyOf(passId, waybill), { passId, waybill, record });
        return setRecord(record, waybill);
      }
      case "change":
        for (const [key, { passId }] of told) if (message.ended.includes(passId)) told.delete(key);
        for (const record of message.records) setRecord(record, record.waybill);
        return false;
      case "heartbeat": {
        const isSame = told.size === message.claims && hashOf(told) === message.claimsHash;
        return isSame ? lease(message, at) : miss();
      }
    }
  };

  return {
    learn: (message, at) => {
      if (left.has(message.stream)) return false;
      if (message.kind === "snapshotBegin") return begin(message);
      if (message.stream !== stream) return miss();
      if ((!isWhole && incoming === null) || message.seq <= seq) return false;
      if (message.seq !== seq + 1) return miss();
      seq = message.seq;
      return take(message, at);
    },
    breakTime: (at) => {
      leaseEndsAt = never;
      brokenAt = at;
    },
    recordOf: (passId, waybill) => told.get(keyOf(passId, waybill))?.record ?? null,
    isLeased: (at) => at < leaseEndsAt,
    held: () => told.values(),
  };
}

/** The SHA-256 of each claim, all of them added without carry. */
function hashOf(told: ReadonlyMap<string, Told>): string {
  const sum = Buffer.alloc(32);
  for (const { passId, waybill, record } of told.values()) {
    const said = [passId, waybill, record?.version ?? 0, record?.standing ?? "unknown"].join(" ");
    const one = createHash("sha256").update(said).digest();
    for (const [index, byte] of one.entries()) sum[index] = (sum[index] ?? 0) ^ byte;
  }
  return sum.toString("hex");
}
