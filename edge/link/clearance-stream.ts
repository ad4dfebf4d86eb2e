import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import {
  claimsIn,
  digestOfClaims,
  endClaims,
  holdClaim,
  noHeldClaims,
  recordHeld,
  replaceRecord,
  type HeldClaim,
  type HeldClaims,
} from "../line/held-claims.ts";
import {
  answersOf,
  areChangesUrgent,
  answerTold,
  changesTold,
  firstChanges,
  noteAnswer,
  forgetAnswers,
  isUrgent,
  nothingPending,
  pendingTotal,
  perMessageMax,
  type Pending,
} from "./clearance-pending.ts";
import type { LeaseRight, StreamEffect, StreamEvent } from "./stream-events.ts";

/**
 * One agent's clearance stream as the centre sees it, pure: `stepStream` takes what has happened,
 * `nextMessage` says what is to be sent now, and whoever owns the wire tells whether it went, with
 * `sent` or `refused`, before it asks for the next. A message takes its number only when it has
 * gone, so a wire that refuses leaves no gap.
 */
export interface ClearanceStream {
  readonly leaseMs: number;
  lease: LeaseRight;
  stream: string;
  /** Of the last message that went. */
  seq: number;
  /** `away`: not heard yet, or its wire refused a message. */
  phase: "away" | "snapshot" | "current";
  /** The stream has had its whole snapshot, so an agent may return to it. */
  isResumable: boolean;
  /** What the agent is to hold: what it was told, and what it is told next. */
  readonly held: HeldClaims;
  /** The last messages that went, for an agent that returns. */
  resend: ClearanceMessage[];
  /** What an agent that has returned missed, on its way to it. */
  replay: ClearanceMessage[];
  snapshot: SnapshotUnderWay;
  snapshotBeganAt: MonotonicMs;
  /** A snapshot was asked for too soon after the last one, and is made as soon as it may be. */
  isSnapshotWanted: boolean;
  pending: Pending;
  /** A heartbeat goes behind what is pending, because a lease must not cover what is untold. */
  due: "nothing" | "changes" | "heartbeat";
  isKnockDue: boolean;
  /** The time of the next flush is asked for already: more changes must not put it off. */
  isFlushComing: boolean;
  /** The agent's own clock when it last spoke. */
  heardAt: number;
  readonly totals: { snapshotsTotal: number; resumesTotal: number; changesTotal: number };
}

interface SnapshotUnderWay {
  readonly claims: readonly HeldClaim[];
  sentTotal: number;
  isBegun: boolean;
  isPartDue: boolean;
}

/** Messages held for agents that come back; older places in the stream need a snapshot. */
export const resendMessagesMax = 1_000;
/** What may wait for an agent that is away; beyond it, it gets a snapshot. */
export const pendingMax = 50_000;
/**
 * One part is sent at each tick. An agent holds the tens of waybills on its belts, so a snapshot is
 * a part or two; this bounds what it takes of the wire where it is more.
 */
const snapshotTickMs = 10;
/** Snapshots of one agent begin at most this often, however often it asks. */
const snapshotEveryMsMin = 1_000;

const noSnapshot = (): SnapshotUnderWay => ({
  claims: [],
  sentTotal: 0,
  isBegun: false,
  isPartDue: false,
});

export const newClearanceStream = (stream: string, leaseMs: number): ClearanceStream => ({
  leaseMs,
  lease: "granted",
  stream,
  seq: 0,
  phase: "away",
  isResumable: false,
  held: noHeldClaims(),
  resend: [],
  replay: [],
  snapshot: noSnapshot(),
  snapshotBeganAt: monotonicMs(Number.NEGATIVE_INFINITY),
  isSnapshotWanted: false,
  pending: nothingPending(),
  due: "nothing",
  isKnockDue: false,
  isFlushComing: false,
  heardAt: 0,
  totals: { snapshotsTotal: 0, resumesTotal: 0, changesTotal: 0 },
});

/** Changes `state` in place and answers what is to be done for it, in order. */
export function stepStream(state: ClearanceStream, event: StreamEvent): readonly StreamEffect[] {
  switch (event.kind) {
    case "hello":
      state.heardAt = event.heardAt;
      return resume(state, event) ?? wantSnapshot(state, event.at);
    case "alive":
      state.heardAt = event.heardAt;
      return [];
    case "snapshotWanted":
      return wantSnapshot(state, event.at);
    case "snapshotDue":
      return state.isSnapshotWanted ? wantSnapshot(state, event.at) : [];
    case "snapshotTaken":
      return beginSnapshot(state, event);
    case "restored":
      holdClaim(state.held, event.claim);
      return [];
    case "answered":
      return takeAnswer(state, event);
    case "changed":
      return takeChanges(state, event.records);
    case "ended":
      return takeEnd(state, event.passId);
    case "beat":
      return state.isSnapshotWanted || isWithheld(state) ? [] : beat(state);
    case "leaseRight":
      return setLease(state, event.lease);
    case "woken":
      state.isFlushComing = false;
      if (state.phase === "snapshot") state.snapshot.isPartDue = true;
      else if (state.phase === "current" && isUrgent(state.pending)) state.due = "changes";
      return [];
    case "sent":
      return takeSent(state, event.message);
    case "refused":
      return takeRefused(state);
    case "streamRenamed":
      state.stream = event.stream;
      return [];
  }
}

/** What goes now; null when nothing is due. The same until `sent` or `refused` is told. */
export function nextMessage(state: ClearanceStream): ClearanceMessage | null {
  const { stream, heardAt } = state;
  const leaseMs = leaseOf(state);
  const [missed] = state.replay;
  if (missed !== undefined) return missed;
  if (state.phase === "snapshot") return nextOfSnapshot(state);
  if (state.isKnockDue) {
    const digest = digestOfClaims(state.held);
    return { kind: "heartbeat", stream, seq: 0, leaseMs: 0, heardAt, ...digest };
  }
  if (state.due === "nothing") return null;
  const place = { stream, seq: state.seq + 1 };
  const change = areChangesDue(state) ? firstChanges(state.pending, state.held) : null;
  if (change !== null) return { kind: "change", ...place, ...change };
  const [first] = state.pending.answers.values();
  if (first !== undefined) {
    const record = recordHeld(state.held, first.answer.waybill);
    return { kind: "claimAnswer", ...place, ...first, record };
  }
  if (state.due === "changes") return null;
  return { kind: "heartbeat", ...place, leaseMs, heardAt, ...digestOfClaims(state.held) };
}

/** Before an answer what has changed is told, so that it cannot be taken for older than the answer. */
const areChangesDue = ({ due, pending }: ClearanceStream): boolean =>
  due === "heartbeat" || areChangesUrgent(pending);

function nextOfSnapshot(state: ClearanceStream): ClearanceMessage | null {
  const { stream, heardAt, snapshot } = state;
  const { claims, sentTotal, isBegun, isPartDue } = snapshot;
  if (!isBegun) return { kind: "snapshotBegin", stream, seq: 0, claimsTotal: claims.length };
  if (!isPartDue) return null;
  const seq = state.seq + 1;
  if (sentTotal < claims.length) {
    const part = claims.slice(sentTotal, sentTotal + perMessageMax);
    return { kind: "snapshotPart", stream, seq, claims: part };
  }
  // What changed while the snapshot was sent is still to come, or waits for the disk, and the lease
  // must not begin before that has been told.
  return { kind: "snapshotEnd", stream, seq, leaseMs: 0, heardAt };
}

const leaseOf = ({ lease, leaseMs }: ClearanceStream): number =>
  lease === "granted" ? leaseMs : 0;

/** A lease that was on its way was for an agent that was heard then. */
const asLeasedNow = ({ lease }: ClearanceStream, message: ClearanceMessage): ClearanceMessage =>
  "leaseMs" in message && lease === "ended" ? { ...message, leaseMs: 0 } : message;

/** Only an agent that has its stream can do without a heartbeat: others are knocked for all the same. */
const isWithheld = ({ lease, isResumable }: ClearanceStream): boolean =>
  lease === "withheld" && isResumable;

/**
 * What ends is told at once, by a heartbeat that leases nothing. What is granted waits for no
 * heartbeat's time either: an agent that lives through the centre's restart releases again sooner.
 */
function setLease(state: ClearanceStream, lease: LeaseRight): readonly StreamEffect[] {
  const isNews = lease !== state.lease;
  state.lease = lease;
  if (state.phase === "current" && state.due === "heartbeat" && lease === "withheld") {
    state.due = dueNow(state);
  }
  if (!isNews || state.phase !== "current") return [];
  if (lease === "ended") return beat(state);
  return lease === "granted" ? [{ kind: "askBeat" }] : [];
}

/** Null when the place is not held any more. */
function resume(
  state: ClearanceStream,
  place: { readonly stream: string | null; readonly seq: number },
): readonly StreamEffect[] | null {
  if (!state.isResumable || place.stream !== state.stream || place.seq > state.seq) return null;
  const missed = state.resend.filter((message) => message.seq > place.seq);
  if (missed.length !== state.seq - place.seq) return null;
  state.totals.resumesTotal += 1;
  state.replay = missed.map((message) => asLeasedNow(state, message));
  return [{ kind: "sleep" }, ...goOn(state)];
}

const dueNow = ({ pending }: ClearanceStream): ClearanceStream["due"] =>
  isUrgent(pending) ? "changes" : "nothing";

/** The agent has its stream: what is pending goes now, and the lease when that is all there is. */
function goOn(state: ClearanceStream): readonly StreamEffect[] {
  state.phase = "current";
  state.due = dueNow(state);
  state.isFlushComing = false;
  return [{ kind: "askBeat" }];
}

function wantSnapshot(state: ClearanceStream, at: MonotonicMs): readonly StreamEffect[] {
  const isTooSoon = at - state.snapshotBeganAt < snapshotEveryMsMin;
  state.isSnapshotWanted = isTooSoon;
  return isTooSoon ? [] : [{ kind: "sleep" }, { kind: "takeSnapshot" }];
}

function beginSnapshot(
  state: ClearanceStream,
  { stream, at }: Extract<StreamEvent, { kind: "snapshotTaken" }>,
): readonly StreamEffect[] {
  const { leaseMs, lease, heardAt, totals, held } = state;
  const pending = answersOf(state.pending);
  totals.snapshotsTotal += 1;
  const kept = { lease, heardAt, totals, held, pending };
  Object.assign(state, newClearanceStream(stream, leaseMs), kept);
  state.phase = "snapshot";
  state.snapshot = { claims: claimsIn(held), sentTotal: 0, isBegun: false, isPartDue: true };
  state.snapshotBeganAt = at;
  return [];
}

/** Told without waiting for others: its parcel is on its way to a diverter. */
function takeAnswer(
  state: ClearanceStream,
  { answer, isHeld, record }: Extract<StreamEvent, { kind: "answered" }>,
): readonly StreamEffect[] {
  if (isHeld) holdClaim(state.held, { ...answer, record });
  noteAnswer(state.pending, { answer, isHeld });
  dropIfTooMuch(state);
  if (state.phase === "current" && state.due === "nothing") state.due = "changes";
  return [];
}

function takeChanges(
  state: ClearanceStream,
  records: readonly ClearanceRecord[],
): readonly StreamEffect[] {
  const changed = records.filter((record) => replaceRecord(state.held, record));
  if (changed.length === 0 || !isInStream(state)) return [];
  for (const { waybill } of changed) state.pending.records.add(waybill);
  dropIfTooMuch(state);
  if (state.phase !== "current" || state.isFlushComing) return [];
  // Sent in the clock's next turn, so that a burst of changes makes few messages.
  state.isFlushComing = true;
  return [{ kind: "wake", afterMs: 0 }];
}

/** Nothing depends on when that is told: it goes with a change, or before the next heartbeat. */
function takeEnd(state: ClearanceStream, passId: string): readonly StreamEffect[] {
  const wasHeld = state.held.waybillsOf.has(passId);
  endClaims(state.held, passId);
  forgetAnswers(state.pending, passId);
  // Of what was not held nothing was told.
  if (!wasHeld || !isInStream(state)) return [];
  state.pending.ended.add(passId);
  dropIfTooMuch(state);
  return [];
}

/** An agent that is in no stream gets a snapshot when it says hello, and with it what has changed. */
const isInStream = ({ phase, isResumable }: ClearanceStream): boolean =>
  phase !== "away" || isResumable;

function dropIfTooMuch(state: ClearanceStream): void {
  if (state.phase !== "away" || pendingTotal(state.pending) <= pendingMax) return;
  state.isResumable = false;
  state.pending = nothingPending();
}

/**
 * A heartbeat also shows whether a wire that refused carries again, and then the stream goes on. To
 * an agent that is in no stream it bears a stream id that the agent cannot know: a knock, whose only
 * use is to make the agent say hello.
 */
function beat(state: ClearanceStream): readonly StreamEffect[] {
  if (state.phase === "snapshot") return [];
  if (!state.isResumable) {
    state.isKnockDue = true;
    return [];
  }
  state.phase = "current";
  state.due = "heartbeat";
  state.isFlushComing = false;
  return [{ kind: "sleep" }];
}

function takeSent(state: ClearanceStream, message: ClearanceMessage): readonly StreamEffect[] {
  if (state.replay[0] === message) {
    state.replay.shift();
    return [];
  }
  if (message.kind === "snapshotBegin") {
    state.snapshot.isBegun = true;
    return [];
  }
  if (state.isKnockDue) {
    state.isKnockDue = false;
    return [];
  }
  state.seq = message.seq;
  state.resend.push(message);
  if (state.resend.length > resendMessagesMax) state.resend.shift();
  switch (message.kind) {
    case "snapshotPart":
      state.snapshot.sentTotal += message.claims.length;
      state.snapshot.isPartDue = false;
      return [{ kind: "wake", afterMs: snapshotTickMs }];
    case "snapshotEnd":
      return endSnapshot(state);
    case "change":
      state.totals.changesTotal += 1;
      changesTold(state.pending);
      return restIsDue(state);
    case "claimAnswer":
      answerTold(state.pending, message.answer);
      return restIsDue(state);
    case "heartbeat":
      state.due = "nothing";
      return [];
  }
}

function restIsDue(state: ClearanceStream): readonly StreamEffect[] {
  if (state.due === "changes") state.due = dueNow(state);
  return [];
}

function endSnapshot(state: ClearanceStream): readonly StreamEffect[] {
  state.snapshot = noSnapshot();
  // The parts are not kept: an agent that comes back in the middle of a snapshot gets a new one.
  state.resend = [];
  state.isResumable = true;
  return goOn(state);
}

function takeRefused(state: ClearanceStream): readonly StreamEffect[] {
  const isHalf = state.phase === "snapshot";
  state.phase = "away";
  state.snapshot = noSnapshot();
  state.replay = [];
  state.due = "nothing";
  state.isKnockDue = false;
  state.isFlushComing = false;
  if (!isHalf) return [{ kind: "sleep" }];
  // Half a snapshot is of no use. A stream id that the agent does not know makes it say hello.
  state.pending = answersOf(state.pending);
  return [{ kind: "sleep" }, { kind: "renameStream" }];
}
