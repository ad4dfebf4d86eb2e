import { agentId, site } from "./plan.ts";
import {
  digestOfClaims,
  endClaims,
  holdClaim,
  noHeldClaims,
} from "../../../edge/line/held-claims.ts";
import { createMessageJoiner } from "../../../edge/link/pieces.ts";
import { linkMessageBytesMax } from "../../../edge/link/port.ts";
import type { ClaimAnswer } from "../../../protocols/link.ts";
import { indexOfWaybill, kindOf, recordOf, type ParcelKind } from "./parcels.ts";

/**
 * The centre's end of the link, as far as a line agent can tell: a snapshot, a heartbeat a second,
 * an answer to each claim at once with its record, an acknowledgement for each batch of the journal. It keeps
 * nothing, because what is measured is the agent.
 */
export interface CentreEnd {
  /** One message of the agent. */
  take(payload: Buffer): void;
  stop(): void;
  counters(): { readonly journalMessagesTotal: number; readonly lastSeq: number };
}

export interface CentreEndOptions {
  readonly publish: (topic: string, payload: string, qos: 0 | 1) => void;
  readonly onHello: () => void;
  /** The answer waits to be written when this is called. */
  readonly onClaimed: (parcel: number, claim: Claim) => void;
}

export interface Claim {
  readonly lineId: string;
  readonly passId: string;
  readonly waybill: string;
}

const refusalOf = {
  releasable: null,
  licence: null,
  noRead: null,
  unknown: "unknownWaybill",
  claimedElsewhere: "claimedElsewhere",
} as const satisfies Record<ParcelKind, ClaimAnswer["why"]>;

const leaseMs = 15_000;
const heartbeatMs = 1_000;
/** A pass is over that long after it has asked: the belt needs less. */
const passMs = 45_000;
const endedPerMessageMax = 500;
/** Messages of a kind are told apart by their first bytes: `{"kind":"`. */
const kindFrom = 9;

export function createCentreEnd(options: CentreEndOptions): CentreEnd {
  const { publish } = options;
  const down = `${site}/link/${agentId}/down`;
  const join = createMessageJoiner(linkMessageBytesMax);
  let held = noHeldClaims();
  const askedAt = new Map<string, number>();
  let snapshotsTotal = 0;
  let stream = "none";
  let seq = 0;
  let chain = agentId;
  let journalMessagesTotal = 0;
  let lastSeq = 0;
  /** The agent's own clock, as it told it last. */
  let heardAt = 0;
  let heartbeat: NodeJS.Timeout | null = null;

  const clearance = (message: object): void =>
    publish(down, JSON.stringify({ kind: "clearance", message: { ...message, stream, seq } }), 0);

  const endOldPasses = (): void => {
    const isOver = (askedAt: number): boolean => performance.now() - askedAt > passMs;
    const over = [...askedAt].filter(([, at]) => isOver(at)).map(([passId]) => passId);
    for (const passId of over) {
      askedAt.delete(passId);
      endClaims(held, passId);
    }
    for (let from = 0; from < over.length; from += endedPerMessageMax) {
      seq += 1;
      const ended = over.slice(from, from + endedPerMessageMax);
      clearance({ kind: "change", records: [], ended });
    }
  };

  const snapshot = (): void => {
    snapshotsTotal += 1;
    stream = `bench-${snapshotsTotal}`;
    seq = 0;
    held = noHeldClaims();
    askedAt.clear();
    clearance({ kind: "snapshotBegin", claimsTotal: 0 });
    seq += 1;
    clearance({ kind: "snapshotEnd", leaseMs, heardAt });
    heartbeat ??= setInterval(() => {
      endOldPasses();
      seq += 1;
      clearance({ kind: "heartbeat", leaseMs, heardAt, ...digestOfClaims(held) });
    }, heartbeatMs);
  };

  const acknowledge = (): void =>
    publish(down, `{"kind":"journalAck","chain":"${chain}","seq":${lastSeq}}`, 0);

  const claim = (asked: Claim): void => {
    const { lineId, passId, waybill } = asked;
    const index = indexOfWaybill(waybill);
    const why = refusalOf[kindOf(index)];
    const record = recordOf(index);
    const answer = { kind: "claimAnswer", lineId, passId, waybill, granted: why === null, why };
    holdClaim(held, { passId, waybill, record });
    askedAt.set(passId, performance.now());
    seq += 1;
    clearance({ kind: "claimAnswer", answer, isHeld: true, record });
    options.onClaimed(index, asked);
  };

  return {
    take(packet) {
      const joined = join(agentId, packet);
      if (joined.kind !== "whole") return;
      const payload = Buffer.from(
        joined.bytes.buffer,
        joined.bytes.byteOffset,
        joined.bytes.length,
      );
      const kind = payload.toString("latin1", kindFrom, payload.indexOf(0x22, kindFrom));
      switch (kind) {
        case "claim":
          return claim(JSON.parse(payload.toString("latin1")) as Claim);
        case "journal":
          journalMessagesTotal += 1;
          lastSeq = lastSeqOf(payload);
          return acknowledge();
        case "alive":
          heardAt = (JSON.parse(payload.toString("latin1")) as { at: number }).at;
          return;
        case "hello": {
          const hello = JSON.parse(payload.toString("latin1")) as { chain: string; at: number };
          ({ chain, at: heardAt } = hello);
          acknowledge();
          snapshot();
          return options.onHello();
        }
        default:
      }
    },
    stop: () => {
      if (heartbeat !== null) clearInterval(heartbeat);
    },
    counters: () => ({ journalMessagesTotal, lastSeq }),
  };
}

/** A body is a string within the message, so its own quotes are escaped and cannot be taken for it. */
function lastSeqOf(payload: Buffer): number {
  const key = '"seq":';
  const from = payload.lastIndexOf(key) + key.length;
  return Number.parseInt(payload.toString("latin1", from, from + 16), 10);
}
