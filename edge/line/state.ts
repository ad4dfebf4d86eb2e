import type { Condition } from "../../protocols/alarms.ts";
import type { JournalRefusal } from "../../protocols/link.ts";
import type { ClearanceMirror } from "./clearance-mirror.ts";
import type { Evidence } from "../decision/evidence.ts";
import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { DeviceReasonCode } from "../../protocols/device-reasons.ts";
import type { ChuteState, Exit, HealthState, PackmlState } from "../../protocols/sorting.ts";
import type { TimeBreak } from "../../protocols/time-watch.ts";
import type { AlgorithmVerdict } from "../../protocols/verdicts.ts";
import { beltCount, monotonicMs, type BeltCount, type MonotonicMs } from "../../protocols/units.ts";
import type { DivertCommand } from "./commands.ts";
import type { Stamp } from "./events.ts";
import { nothingSaid, type SaidBefore } from "./said-before.ts";

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
  chutes: Record<Exit, ChuteLedger>;
  devices: Map<string, HealthState>;
  isXrayReady: boolean;
  /** Why it is not, in the machine's own word; null while it is, or has not said. */
  xrayReason: DeviceReasonCode | null;
  /** Shared by the lines of one agent; only `stepClearance` changes it. */
  readonly mirror: ClearanceMirror;
  readonly reader: ReaderState;
  /** Of the second reader; unused where none is fitted. */
  readonly witness: ReaderState;
  /** Oldest first. */
  strayLabels: readonly StrayLabel[];
  /** Four digits for the next parcel's token, or the next test; begins at a drawn number. */
  nextToken: number;
  /** Inductions of the sorter's session so far: the number that the next pass gets. */
  nextOrdinal: number;
  shift: ShiftState;
  /**
   * Guards that are not known to be closed, each with the condition that says why: told open, or not
   * told of since we may have missed it.
   */
  readonly openGuards: Map<string, "guardOpen" | "guardUnheard">;
  /** Every guard that the sorter has ever told of. */
  readonly heardGuards: Set<string>;
  tunnel: TunnelState;
  /** When the sorter's session began for us: what was past the induction eye then is unknown. */
  sessionFromCount: BeltCount | null;
  /** The last gap in what the sorter told, and how much is missing; null if none was in its session. */
  eventsLost: { readonly atCount: BeltCount; readonly missed: number } | null;
  /** Why nobody hears what this line does; null while the centre takes its journal. */
  journalDoubt: JournalRefusal | null;
  /** The last break of time, and where the belt was; null if none was in the sorter's session. */
  timeBreak: { readonly atCount: BeltCount; readonly why: TimeBreak["why"] } | null;
  /** Of the last event. */
  lastStamp: Pick<Stamp, "at" | "wallAt"> | null;
  machine: MachineState;
  /** Conditions that were told as holding and not as gone since, by code and key. */
  readonly toldConditions: Map<string, Condition>;
  /** Commands taken back and not yet answered, with the count at which they can do no more harm. */
  aborting: Map<string, BeltCount>;
  /** When the passes next need to be looked through (`due.ts`): bounds that are never too late. */
  readonly due: {
    /** By the belt's count, for what we do. */
    atCount: number;
    /** By what the sorter has reported, for what is then found missing. */
    reportedCount: number;
    /** By the events' time, for claims that are asked again. */
    claimAt: MonotonicMs;
  };
  /** Eyes that are blocked now; a list, because they are few and come and go with every parcel. */
  readonly blocked: Blocked[];
}

export interface Blocked {
  readonly eyeId: string;
  readonly sinceCount: BeltCount;
  /** Null if it is not known whose front it was; the pass may have ended since. */
  readonly passId: string | null;
  /** Length of the pass whose front it was; null where it had not been measured by then. */
  readonly lengthMm: number | null;
  /** Blocked for longer than any parcel is long. */
  isJam: boolean;
}

export interface ChuteLedger {
  readonly state: ChuteState;
  readonly fillPct: number;
  /** As told last in the sorter's session, where messages were lost since then; else null. */
  readonly beforeGap: { readonly state: ChuteState; readonly fillPct: number } | null;
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
  /** False since messages were lost or a session began, until the belt is told of again. */
  isRunningSure: boolean;
  /** In this session its controller has told numbers of its own with the fronts. */
  isTracked: boolean;
  emergencyStop: boolean;
  speedMmPerS: number;
  /** When the count last moved: a running drive with a still encoder is a fault. */
  movedAt: MonotonicMs;
}

/** What is owed between a reader and the line, and what has been heard of it (law 16). */
export interface ReaderState {
  /** Nothing is owed. */
  isInStep: boolean;
  /** Count of the last sign of confusion, or at which the last parcel meanwhile is past the reader. */
  confusedAtCount: BeltCount;
  /** What its counter would have shown for the induction number 0; null before a test has told. */
  counterBase: number | null;
  /** What its ticks are short of the belt's count, as a test or a person has told; null before. */
  ticksOffset: number | null;
  /** The test trigger that is not answered yet. */
  test: {
    readonly digits: string;
    readonly askedAt: MonotonicMs;
    readonly askedCount: BeltCount;
  } | null;
  /** The test that was answered last, and what belongs to it and may still be told. */
  tested: {
    readonly askedCount: BeltCount;
    readonly answeredCount: BeltCount;
    readonly untilAt: MonotonicMs;
    /** Its output, where outputs bind. */
    isOutputDue: boolean;
    /** The no-read that closes its gate. */
    isClosingDue: boolean;
  } | null;
  /** The reader's outputs that no telegram has answered yet, oldest first; all of one pass. */
  pulses: ReadPulse[];
  /** Telegrams that came before their outputs did, oldest first. */
  held: { readonly codes: readonly ScannedCode[]; readonly count: BeltCount }[];
  /** Where outputs bind its telegrams: what it has said since it last proved that it holds nothing. */
  saidBefore: SaidBefore;
  /** Why the last read could not be bound; null once one could. */
  unboundWhy: string | null;
}

/**
 * A waybill that was read, and nobody can say of which parcel, or where that parcel is now (PF-19).
 * Something on the belt bears it; whoever is read with it meanwhile may be that one, or another with
 * a copy of the label.
 */
export interface StrayLabel {
  readonly waybill: string;
  /** Whatever was at the reader, or behind it, has left the belt by then. */
  readonly goneAtCount: BeltCount;
}

export interface ReadPulse {
  readonly passId: string;
  readonly isGood: boolean;
}

/** Whether labels have slipped by one: who fitted a neighbour's papers, and who left meanwhile. */
export interface ShiftState {
  /** Passes in a row that fit a neighbour's declaration and not their own. */
  inARow: number;
  /**
   * Of the pass that met its first commit point last: what its papers declare, null if none are
   * known, and its weight while the papers of the one behind are still needed to judge it.
   */
  last: { readonly declaredG: number | null; readonly openWeightG: number | null } | null;
  /** Parcels that left by green since a weight last told its parcel from its neighbours. */
  greens: readonly { readonly passId: string; readonly waybill: string }[];
  /** How many were listed when labels had slipped, until a person resets the line; else null. */
  greensToRecall: number | null;
}

/** What one reader has said of one pass. */
export interface PassRead {
  /** Sent for this pass; null before that, and where the binding is another. */
  token: string | null;
  isAnswered: boolean;
  /** The codes of all frames that were bound to this pass. */
  codes: readonly ScannedCode[];
  /** Something on the wire, not its turn, has bound it. */
  isProven: boolean;
  /** Its trigger has been ended, or need not be any more; only where the line ends triggers. */
  isTriggerOver: boolean;
}

export interface TunnelState {
  /** Last item sequence the X-ray told of; null before the first. */
  lastItemSequence: number | null;
  /** A missed or extra item: nothing in the tunnel has a sure image until it is empty. */
  isConfused: boolean;
  /** Count of the last sign of confusion, or at which the last parcel meanwhile has left the tunnel. */
  confusedAtCount: BeltCount;
  /** What confused it last, while it was not: a code for people. */
  why: string;
  /** Hashes of the last pictures' pixels, also of parcels that have left. */
  readonly recentPictures: Set<string>;
}

export interface MachineState {
  packml: PackmlState;
  isInductionPermitted: boolean;
  /** When the sorter was last told of it. */
  permissionSaidAt: MonotonicMs;
  conditions: readonly string[];
  /** True after we asked the belt to stop, until the cause is gone. */
  isStopRequested: boolean;
  /**
   * It ran when we asked it to stop, and nothing has held it since: we start it again. Null if the
   * next report has to tell.
   */
  isOursToStart: boolean | null;
  /** We have asked it to run, and it has not been seen running since. */
  isStartAsked: boolean;
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
  /** The controller's own number of it; null where there is none, or none that can be believed. */
  track: number | null;
  /** Number of its induction in the sorter's session; null if no induction was seen. */
  readonly ordinal: number | null;
  read: PassRead;
  witnessRead: PassRead;
  claim: Evidence["claim"];
  /** When its claim was asked last, and how often; null before the first time. */
  claimAsks: { readonly lastAt: MonotonicMs; readonly total: number } | null;
  weightG: number | null;
  /** Sent to the scale for this pass. */
  scaleToken: string | null;
  /** Index into the belt places that are sent tokens, of the next one for this pass. */
  nextTokenPlace: number;
  /** Something on the scale's wire has bound the weight. */
  isWeightProven: boolean;
  isAnnounced: boolean;
  item: { readonly itemSequence: number } | null;
  hasLeftTunnel: boolean;
  imageHash: string | null;
  /** Of the image that came and was this pass's, and that our disk did not take. */
  lostImageHash: string | null;
  algorithm: Evidence["algorithm"];
  /** The word of a machine that sends no images. It proves nothing; without it there is doubt. */
  signal: AlgorithmVerdict | null;
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

export const unheardChute: ChuteLedger = { state: "unknown", fillPct: 0, beforeGap: null };

const newReaderState = (): ReaderState => ({
  isInStep: true,
  confusedAtCount: beltCount(0),
  counterBase: null,
  ticksOffset: null,
  test: null,
  tested: null,
  pulses: [],
  held: [],
  saidBefore: nothingSaid(),
  unboundWhy: null,
});

export function initialLineState(mirror: ClearanceMirror): LineState {
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
      isRunningSure: false,
      isTracked: false,
      emergencyStop: false,
      speedMmPerS: 0,
      movedAt: monotonicMs(0),
    },
    chutes: { green: unheardChute, red: unheardChute, inspection: unheardChute },
    devices: new Map(),
    isXrayReady: false,
    xrayReason: null,
    mirror,
    reader: newReaderState(),
    witness: newReaderState(),
    strayLabels: [],
    nextToken: 0,
    nextOrdinal: 0,
    shift: { inARow: 0, last: null, greens: [], greensToRecall: null },
    openGuards: new Map(),
    heardGuards: new Set(),
    tunnel: {
      lastItemSequence: null,
      isConfused: false,
      confusedAtCount: beltCount(0),
      why: "",
      recentPictures: new Set(),
    },
    sessionFromCount: null,
    eventsLost: null,
    journalDoubt: null,
    timeBreak: null,
    lastStamp: null,
    toldConditions: new Map(),
    aborting: new Map(),
    machine: {
      packml: "Stopped",
      isInductionPermitted: false,
      permissionSaidAt: monotonicMs(0),
      conditions: [],
      isStopRequested: false,
      isOursToStart: false,
      isStartAsked: false,
      uninvited: [],
    },
    due: {
      atCount: Number.NEGATIVE_INFINITY,
      reportedCount: Number.NEGATIVE_INFINITY,
      claimAt: monotonicMs(Number.POSITIVE_INFINITY),
    },
    blocked: [],
  };
}
