import { isDoubt, type ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import { createClearanceSender, type ClearanceSender } from "../link/clearance-sender.ts";
import type { LeaseRight } from "../link/stream-events.ts";
import type { Standing } from "../link/journal-standing.ts";
import type { LinkCentreEnd } from "../link/port.ts";
import type { ActLog } from "./acts/act-log.ts";
import { agentIdsOf, type CentreConfig } from "./config.ts";
import type { RecordsListener } from "./documents/desk.ts";
import { recordIn } from "./documents/waybill-view.ts";
import type { Site } from "./site.ts";

/**
 * What the lines are told: answers to their claims, with the record of the documents as the claims
 * let each line see it; changes to these records while the pass is open; and to whom a lease is
 * granted. What the lines may rely on is durable first; doubt leaves at once, whatever the disk does.
 */
export interface LineNews {
  readonly sender: ClearanceSender;
  /** What the lines see of these has changed for another reason than their documents. */
  tell(records: readonly ClearanceRecord[]): void;
  /** See `ClaimDeskOptions`. */
  answer(agentId: string, answer: ClaimAnswer, isHeld: boolean): void;
  ended(agentId: string, passId: string): void;
  lease(agentId: string, standing: Standing): void;
  /** While it holds nobody is granted a lease, and those that run are ended. */
  holdAll(isHeld: boolean): void;
  stop(): void;
}

export interface LineNewsOptions {
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly newStreamId: () => string;
  readonly link: Pick<LinkCentreEnd, "send">;
  readonly acts: Pick<ActLog, "settle" | "whenKept">;
  readonly site: Pick<Site, "desk" | "claims" | "agentOf">;
}

export function startLineNews(options: LineNewsOptions): LineNews {
  const { config, clock, link, acts, site } = options;
  const { desk, claims } = site;
  /** Waybills whose record relieves and is not durable yet, with the change that made it so. */
  const unkept = new Map<string, number>();
  let changesTotal = 0;
  const sender = createClearanceSender({
    clock,
    agentIds: agentIdsOf(config),
    newStreamId: options.newStreamId,
    send: (agentId, message) => link.send(agentId, { kind: "clearance", message }),
    leaseMs: config.clearance.leaseMs,
    heartbeatMs: config.clearance.heartbeatMs,
    whenTold: (then) => acts.settle((isDurable) => isDurable && then()),
  });
  /** What may be told of it now. What relieves and is not durable yet is told when it is. */
  const tellable = (waybill: string): ClearanceRecord | null => {
    const record = unkept.has(waybill) ? null : recordIn(desk.watched(waybill));
    return record === null ? null : claims.seenByLines(record);
  };

  /** What has changed again since must not follow its own successor. */
  const takeCurrent = (
    relief: readonly ClearanceRecord[],
    change: number,
  ): readonly ClearanceRecord[] => {
    const current = relief.filter(({ waybill }) => unkept.get(waybill) === change);
    for (const { waybill } of current) unkept.delete(waybill);
    return current;
  };

  /** Doubt leaves at once; what relieves is told when it is durable. */
  const tellWhenKept: RecordsListener = (records) => {
    const seen = records.map((record) => claims.seenByLines(record));
    const doubt = seen.filter(isDoubt);
    for (const { waybill } of doubt) unkept.delete(waybill);
    sender.changed(doubt);
    const relief = seen.filter((record) => !isDoubt(record));
    const change = (changesTotal += 1);
    for (const { waybill } of relief) unkept.set(waybill, change);
    return (isKept) => {
      if (isKept) return sender.changed(takeCurrent(relief, change));
      // Whatever was to be told on top of it has not happened either: it is read and told again.
      for (const { waybill } of records) unkept.delete(waybill);
    };
  };

  const tell = (records: readonly ClearanceRecord[]): void => {
    const kept = tellWhenKept(records);
    acts.whenKept(() => kept(true));
  };

  for (const claim of claims.asked()) {
    const record = tellable(claim.waybill);
    sender.restore(site.agentOf(claim.lineId) ?? "", { ...claim, record });
  }
  let isAllHeld = false;
  // Nobody is heard whole before he has said how far his journal reaches.
  const rights = new Map<string, LeaseRight>(
    agentIdsOf(config).map((agentId) => [agentId, leaseFor.awaited]),
  );
  const setLease = (agentId: string): void => {
    const right = rights.get(agentId) ?? leaseFor.awaited;
    sender.setLease(agentId, isAllHeld ? "ended" : right);
  };
  for (const agentId of rights.keys()) setLease(agentId);

  const unlisten = desk.onRecordsChanged(tellWhenKept);

  return {
    sender,
    tell,
    answer: (agentId, answer, isHeld) =>
      sender.answered(agentId, { answer, isHeld, record: tellable(answer.waybill) }),
    ended: (agentId, passId) => sender.ended(agentId, passId),
    lease: (agentId, { kind }) => {
      rights.set(agentId, leaseFor[kind]);
      setLease(agentId);
    },
    holdAll: (isHeld) => {
      isAllHeld = isHeld;
      for (const agentId of rights.keys()) setLease(agentId);
    },
    stop: () => {
      unlisten();
      sender.stop();
    },
  };
}

/** Claims and leases are for whoever is heard whole. */
const leaseFor = {
  awaited: "withheld",
  taken: "granted",
  refused: "ended",
} as const satisfies Record<Standing["kind"], LeaseRight>;
