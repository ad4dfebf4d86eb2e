import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { Clock } from "../../protocols/time.ts";
import { createClearanceSender, type ClearanceSender } from "../link/clearance-sender.ts";
import type { LeaseRight } from "../link/clearance-stream.ts";
import type { Standing } from "../link/journal-standing.ts";
import type { LinkCentreEnd } from "../link/port.ts";
import type { ActLog } from "./acts/act-log.ts";
import { agentIdsOf, type CentreConfig } from "./config.ts";
import type { Site } from "./site.ts";

/**
 * What the lines are told: the records of the documents as the claims let each line see them, and to
 * whom a lease is granted. What the lines may rely on is durable first, also in a snapshot; doubt
 * leaves at once, whatever the disk does.
 */
export interface LineNews {
  readonly sender: ClearanceSender;
  /** What the lines see of these has changed for another reason than their documents. */
  tell(records: readonly ClearanceRecord[]): void;
  lease(agentId: string, standing: Standing): void;
  stop(): void;
}

export interface LineNewsOptions {
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly newStreamId: () => string;
  readonly link: Pick<LinkCentreEnd, "send">;
  readonly acts: Pick<ActLog, "settle" | "whenKept">;
  readonly site: Pick<Site, "desk" | "claims">;
}

export function startLineNews(options: LineNewsOptions): LineNews {
  const { config, clock, link, acts } = options;
  const { desk, claims } = options.site;
  /** Waybills whose record relieves and is not durable yet, with the change that made it so. */
  const unkept = new Map<string, number>();
  let changesTotal = 0;
  const sender = createClearanceSender({
    clock,
    agentIds: agentIdsOf(config),
    newStreamId: options.newStreamId,
    send: (agentId, message) => link.send(agentId, { kind: "clearance", message }),
    records: function* records() {
      for (const record of desk.recordsSnapshot()) {
        // A waybill that is not in the mirror is as good as no documents: it allows nothing.
        if (!unkept.has(record.waybill)) yield claims.seenByLines(record);
      }
    },
    leaseMs: config.clearance.leaseMs,
    heartbeatMs: config.clearance.heartbeatMs,
    whenTold: (then) => acts.settle((isDurable) => isDurable && then()),
  });
  const tell = (records: readonly ClearanceRecord[]): void => {
    const seen = records.map((record) => claims.seenByLines(record));
    const doubt = seen.filter(isDoubt);
    for (const { waybill } of doubt) unkept.delete(waybill);
    sender.changed(doubt);
    const relief = seen.filter((record) => !isDoubt(record));
    if (relief.length === 0) return;
    const change = (changesTotal += 1);
    for (const { waybill } of relief) unkept.set(waybill, change);
    acts.whenKept(() => tellKept(relief, change));
  };

  /** What has changed again since must not follow its own successor. */
  const tellKept = (relief: readonly ClearanceRecord[], change: number): void => {
    const current = relief.filter(({ waybill }) => unkept.get(waybill) === change);
    for (const { waybill } of current) unkept.delete(waybill);
    sender.changed(current);
  };

  // Nobody is heard whole before he has said how far his journal reaches.
  for (const agentId of agentIdsOf(config)) sender.setLease(agentId, leaseFor.awaited);

  const unlisten = desk.onRecordsChanged(tell);

  return {
    sender,
    tell,
    lease: (agentId, { kind }) => sender.setLease(agentId, leaseFor[kind]),
    stop: () => {
      unlisten();
      sender.stop();
    },
  };
}

const isDoubt = ({ standing }: ClearanceRecord): boolean => standing === "notReleasable";

/** Claims and leases are for whoever is heard whole. */
const leaseFor = {
  awaited: "withheld",
  taken: "granted",
  refused: "ended",
} as const satisfies Record<Standing["kind"], LeaseRight>;
