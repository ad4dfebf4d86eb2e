import type { Condition } from "../../protocols/alarms.ts";
import type { ClearanceMirror } from "./clearance-mirror.ts";
import type { Evidence } from "../decision/evidence.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { DeviceReasonCode } from "../../protocols/device-reasons.ts";
import type { ChuteState, Exit, HealthState, PackmlState } from "../../protocols/sorting.ts";
import { beltCount, monotonicMs, type BeltCount, type MonotonicMs } from "../../protocols/units.ts";
import type { DivertCommand } from "./commands.ts";

/** Everything the core remembers of one line. Owned by `step`, which changes it in place. */
export interface LineState {
  /** Of the agent's session: part of every pass and command id, so that none ever repeats. */
  epoch: string;
  nextPassNumber: number;
  nextCommandNumber: number;
  /** Passes between induction and their exit, most downstream first. */
  passes: Pass[];
  byId: Map<string, Pass>;
  belt: BeltState;
  chutes: Record<Exit, { state: ChuteState; fillPct: number }>;
  devices: Map<string, HealthState>;
  isXrayReady: boolean;
  /** Why it is not, in the machine's own word; null while it is, or has not said. */
  xrayReason: DeviceReasonCode | null;
  /** Shared by the lines of one agent; only `stepClearance` changes it. */
  readonly mirror: ClearanceMirror;
  reader: StationStep;
  scale: StationStep;
  tunnel: TunnelState;
  /** When the sorter's session began for us: what was past the induction eye then is unknown. */
  sessionFromCount: BeltCount | null;
  /** The last gap in what the sorter told, and how much is missing; null if none was in its session. */
  eventsLost: { readonly atCount: BeltCount; readonly missed: number } | null;
  machine: MachineState;
  /** Conditions that were told as holding and not as gone since, by code and key. */
  readonly toldConditions: Map<string, Condition>;
  /** Commands taken back and not yet answered, with the count at which they can do no more harm. */
  aborting: Map<string, BeltCount>;
  /** Eyes that are blocked now. */
  blocked: Map<string, Blocked>;
}

export interface Blocked {
  readonly sinceCount: BeltCount;
  /** Null if it is not known whose front it was; the pass may have ended since. */
  readonly passId: string | null;
  /** Of that pass, as far as it was measured before. */
  readonly lengthMm: number | null;
  /** Blocked for longer than any parcel is long. */
  isJam: boolean;
}

export interface BeltState {
  /** Of the sorter's session; null before its first event. */
  epoch: string | null;
  count: BeltCount;
  /**
   * Furthest count that any event of the sorter bore. Its events come in order, so whatever it saw
   * well before this we have been told; how late a wire or our own process is does not matter.
   */
  reportedCount: BeltCount;
  isRunning: boolean;
  emergencyStop: boolean;
  speedMmPerS: number;
  /** When the count last moved: a running drive with a still encoder is a fault. */
  movedAt: MonotonicMs;
}

/** One answer a parcel keeps both in step; once out of step, none is trusted until a gap. */
export interface StationStep {
  isInStep: boolean;
  /** Count of the last sign of confusion, or of the last parcel seen while confused. */
  confusedAtCount: BeltCount;
  /** What broke the step last, while it was whole: a code for people. */
  why: string;
}

export interface TunnelState {
  /** Last item sequence the X-ray told of; null before the first. */
  lastItemSequence: number | null;
  /** A missed or extra item: nothing in the tunnel has a sure image until it is empty. */
  isConfused: boolean;
  confusedAtCount: BeltCount;
  /** What confused it last, while it was not: a code for people. */
  why: string;
  /** Hashes of the last pictures' pixels, also of parcels that have left. */
  recentPictures: string[];
}

export interface MachineState {
  packml: PackmlState;
  isInductionPermitted: boolean;
  /** When the sorter was last told of it. */
  permissionSaidAt: MonotonicMs;
  conditions: readonly string[];
  /** True after we asked the belt to stop, until the cause is gone. */
  isStopRequested: boolean;
  /** Mis-sorts into green: each stays until a person acknowledges them all at the line. */
  uninvited: readonly Uninvited[];
}

export interface Uninvited {
  /** The pass that it was, or where the belt was then. */
  readonly key: string;
  readonly passId: string | null;
}

/** One journey of one parcel over the line. */
export interface Pass {
  readonly passId: string;
  readonly inductedAt: MonotonicMs;
  /** Count at which its front was, or would have been, at the induction eye. */
  frontCount: BeltCount;
  /** Null until its rear has passed an eye. */
  lengthMm: number | null;
  tracking: "sure" | "unknown";
  /** Index into the tracking eyes of the next one it should block; past the last: the end eye. */
  nextEye: number;
  identity: Evidence["identity"];
  hasReaderAnswered: boolean;
  claim: Evidence["claim"];
  weightG: number | null;
  /** It is so far past the scale that no weight can be its own any more. */
  isWeighingOver: boolean;
  isAnnounced: boolean;
  item: { readonly itemSequence: number } | null;
  hasLeftTunnel: boolean;
  imageHash: string | null;
  algorithm: Evidence["algorithm"];
  officer: Evidence["officer"];
  raised: Reason[];
  /** Diverters already passed in the sense that their commit point is behind. */
  nextCommit: number;
  commitment: Commitment | null;
  /** Set by the last commit point it met; what we expect its exit to be. */
  expectedExit: Exit | null;
}

export interface Commitment {
  readonly command: DivertCommand;
  /** Index of the diverter. */
  readonly diverter: number;
  state: "outbox" | "accepted" | "fired";
}

export function initialLineState(mirror: ClearanceMirror): LineState {
  const chute = { state: "unknown", fillPct: 0 } as const;
  return {
    epoch: "none",
    nextPassNumber: 1,
    nextCommandNumber: 1,
    passes: [],
    byId: new Map(),
    belt: {
      epoch: null,
      count: beltCount(0),
      reportedCount: beltCount(0),
      isRunning: false,
      emergencyStop: false,
      speedMmPerS: 0,
      movedAt: monotonicMs(0),
    },
    chutes: { green: { ...chute }, red: { ...chute }, inspection: { ...chute } },
    devices: new Map(),
    isXrayReady: false,
    xrayReason: null,
    mirror,
    reader: { isInStep: true, confusedAtCount: beltCount(0), why: "" },
    scale: { isInStep: true, confusedAtCount: beltCount(0), why: "" },
    tunnel: {
      lastItemSequence: null,
      isConfused: false,
      confusedAtCount: beltCount(0),
      why: "",
      recentPictures: [],
    },
    sessionFromCount: null,
    eventsLost: null,
    toldConditions: new Map(),
    aborting: new Map(),
    machine: {
      packml: "Stopped",
      isInductionPermitted: false,
      permissionSaidAt: monotonicMs(0),
      conditions: [],
      isStopRequested: false,
      uninvited: [],
    },
    blocked: new Map(),
  };
}
