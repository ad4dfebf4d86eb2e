import type { Role } from "../../../protocols/actor.ts";
import type { ClientMessage } from "../../../protocols/ui/socket.ts";
import type { EpochMs, MonotonicMs } from "../../../protocols/units.ts";
import {
  createAlarmRecords,
  type AlarmReader,
  type AlarmRecords,
} from "../alarms/alarm-records.ts";
import { createDeltaRing, type DeltaRing } from "./delta-ring.ts";

/** What the hub knows of its pages. A reducer's state: `stepHub` alone changes it. */
export interface HubState {
  /** Names this run of the server: deltas of another run cannot be resumed. */
  readonly epoch: string;
  readonly clients: Map<ClientId, Client>;
  /** Stations whose last page has gone, and when that is told. */
  readonly leaving: Map<string, MonotonicMs>;
  readonly ring: DeltaRing;
  readonly records: AlarmRecords;
  readonly totals: HubTotals;
  /** Of the newest delta. */
  seq: number;
  lastClientAt: MonotonicMs;
}

/** Names one connection; never used again. */
export type ClientId = number;

export type Hello = Extract<ClientMessage, { kind: "hello" }>;

export interface Client {
  readonly id: ClientId;
  /** In which it asked for the socket. */
  readonly role: Role;
  /** Null until its hello. */
  station: string | null;
  alarms: AlarmReader | null;
  /** The last delta it was sent. */
  seq: number;
  /** Since when it has not read enough; null while it keeps up. */
  slowSince: MonotonicMs | null;
  /** Asked while it did not read: answered when it has caught up. Only the latest counts. */
  waitingHello: Hello | null;
  heardAt: MonotonicMs;
  allowance: number;
  badMessages: number;
}

interface HubTotals {
  alarmsTotal: number;
  deltasTotal: number;
  snapshotsTotal: number;
  resumesTotal: number;
  refusedTotal: number;
  tooSlowTotal: number;
}

/** What has to be done on the sockets, in order. */
export type HubEffect =
  | { readonly kind: "send"; readonly to: ClientId; readonly text: string }
  /** The whole scene as it is now, which holds every delta up to `seq`. */
  | { readonly kind: "sendSnapshot"; readonly to: ClientId; readonly seq: number }
  | { readonly kind: "close"; readonly to: ClientId; readonly code: number; readonly why: string }
  /** `stationDue` is wanted after `stationGoneMs`. */
  | { readonly kind: "watchStation"; readonly station: string }
  | { readonly kind: "stationGone"; readonly station: string };

/** When an event came, and what could be seen of the sockets then. */
export interface HubMoment {
  readonly now: MonotonicMs;
  readonly wall: EpochMs;
  /** Bytes that were sent and that the connection has not taken yet. */
  readonly bufferedBytes: (id: ClientId) => number;
}

/** One step: the state, the moment, and what is to be done, which the step adds to. */
export interface HubTurn {
  readonly hub: HubState;
  readonly at: HubMoment;
  readonly effects: HubEffect[];
}

export function newHub(epoch: string, startedAt: MonotonicMs): HubState {
  const totals = {
    alarmsTotal: 0,
    deltasTotal: 0,
    snapshotsTotal: 0,
    resumesTotal: 0,
    refusedTotal: 0,
    tooSlowTotal: 0,
  };
  return {
    epoch,
    clients: new Map(),
    leaving: new Map(),
    ring: createDeltaRing(0),
    records: createAlarmRecords(),
    totals,
    seq: 0,
    lastClientAt: startedAt,
  };
}
