import { passIdOf } from "../../protocols/pass-id.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { Exit } from "../../protocols/sorting.ts";
import { beltCount, type BeltCount } from "../../protocols/units.ts";
import { abort, withdraw } from "./commit.ts";
import { bindTrack, checkRear, frontOfNobody, isTrackOf } from "./controller-tracks.ts";
import { countsOf, mmOf, oncePerLine, type DiverterConfig, type LineLayout } from "./config.ts";
import { bringForward } from "./due.ts";
import { jamCleared } from "./hands.ts";
import { missPicture } from "./imaging.ts";
import { readersOf } from "./reader.ts";
import { oweProof } from "./reader-debt.ts";
import { noteGreen } from "./shift-watch.ts";
import type { Blocked, LineState, Pass, PassRead } from "./state.ts";
import {
  addPass,
  assumedLengthMm,
  frontMm,
  isExpectedAt,
  isOverdue,
  lostAtCountOf,
  notify,
  raise,
  removePass,
  type Turn,
} from "./turn.ts";
import { noteStrayOf } from "./stray-labels.ts";

/**
 * Which parcel is where (laws 7 and 8). Every pass carries a window of belt around the
 * place where its front must be; an eye that is blocked inside exactly one window has seen that
 * pass, and anything else is a loss or an extra, told as such and never matched later.
 */
export function eyeBlocked(turn: Turn, eyeId: string, count: BeltCount): void {
  const { layout } = turn.config;
  const { blocked } = turn.state;
  const before = blocked.find((each) => each.eyeId === eyeId);
  if (before !== undefined) {
    notify(turn, { code: "eyeBlockedTwice", passId: null, params: { eyeId } });
    // The same edge again is no news; another one means that the cleared edge between was lost.
    if (before.sinceCount === count) return;
  }
  const diverter = layout.diverters.find((candidate) => candidate.chuteEyeId === eyeId);
  const eyeIndex = trackingIndexOf(layout, eyeId);
  let pass: Pass | null;
  if (eyeId === layout.inductionEyeId) pass = induct(turn, count);
  else if (diverter !== undefined) pass = seenInChute(turn, diverter, count);
  else if (eyeIndex !== null) pass = seenOnBelt(turn, eyeId, eyeIndex, count);
  else return notify(turn, { code: "unknownEye", passId: null, params: { eyeId } });
  if (pass === null) frontOfNobody(turn);
  forgetBlocked(turn.state, eyeId);
  blocked.push({
    eyeId,
    sinceCount: count,
    passId: pass?.passId ?? null,
    lengthMm: pass?.lengthMm ?? null,
    isJam: false,
  });
}

/** The eye is clear again, or what it shows is somebody else; undefined if it was not blocked. */
function forgetBlocked({ blocked }: LineState, eyeId: string): Blocked | undefined {
  const at = blocked.findIndex((each) => each.eyeId === eyeId);
  return at === -1 ? undefined : blocked.splice(at, 1)[0];
}

/** Place among the eyes beside the belt, the end's being the last; null for any other eye. */
function trackingIndexOf({ trackingEyes, end }: LineLayout, eyeId: string): number | null {
  if (eyeId === end.eyeId) return trackingEyes.length;
  const index = trackingEyes.findIndex((eye) => eye.eyeId === eyeId);
  return index === -1 ? null : index;
}

export function eyeCleared(turn: Turn, eyeId: string, count: BeltCount): void {
  const { state, config } = turn;
  const blocked = forgetBlocked(state, eyeId);
  // Of one whose blocking was lost nobody knows how long it stood there.
  if (blocked === undefined || blocked.isJam) jamCleared(turn, eyeId);
  if (blocked === undefined || blocked.passId === null) return;
  const pass = state.byId.get(blocked.passId);
  const lengthMm = mmOf(count - blocked.sinceCount, config);
  if (pass === undefined) return checkChute(turn, { eyeId, blocked, lengthMm, count });
  checkRear(turn, pass);
  if (pass.lengthMm === null) return measure(turn, pass, lengthMm);
  const differenceMm = Math.abs(lengthMm - pass.lengthMm);
  if (differenceMm > config.tracking.lengthToleranceMm) {
    raise(turn, pass, {
      code: "lengthMismatch",
      params: { eyeId, lengthMm: Math.round(lengthMm), firstMm: Math.round(pass.lengthMm) },
    });
  }
}

/**
 * What covers a chute's eye for longer than its parcel is long has somebody close behind it. A
 * shorter time says nothing: in a chute parcels slide faster than the belt runs.
 */
function checkChute(
  turn: Turn,
  seen: { eyeId: string; blocked: Blocked; lengthMm: number; count: BeltCount },
): void {
  const { eyeId, blocked, lengthMm, count } = seen;
  const { layout, tracking } = turn.config;
  const diverter = layout.diverters.find(({ chuteEyeId }) => chuteEyeId === eyeId);
  if (diverter === undefined || blocked.lengthMm === null) return;
  if (lengthMm > blocked.lengthMm + tracking.lengthToleranceMm) {
    tellUninvited(turn, { exit: diverter.exit, passId: null, count });
  }
}

/** In green, whatever we did not send there stops the belt until a person has pressed the key. */
function tellUninvited(turn: Turn, seen: { exit: Exit; passId: string | null; count: BeltCount }) {
  const { exit, passId, count } = seen;
  if (exit !== "green") return notify(turn, { code: "missort", passId, params: { exit } });
  const { machine } = turn.state;
  const key = machine.uninvited.length < uninvitedMax ? (passId ?? `count-${count}`) : "more";
  if (machine.uninvited.some((known) => known.key === key)) return;
  machine.uninvited = [...machine.uninvited, { key, passId }];
}

/** So many are told one by one; what comes behind them is told as one more. */
const uninvitedMax = 32;

/** A front at the induction eye opens a pass. */
function induct(turn: Turn, count: BeltCount): Pass | null {
  const previous = turn.state.passes.at(-1);
  const pass = openPass(turn, count, 0);
  if (pass === null) doubtNeighbours(turn, { front: count });
  else if (previous !== undefined) {
    checkGap(turn, { ahead: previous, pass, gapMmMin: turn.config.tracking.gapMmMin });
  }
  return pass;
}

/** A parcel whose rear nobody has seen may reach as far back as the longest. */
function checkGap(
  turn: Turn,
  { ahead, pass, gapMmMin }: { ahead: Pass; pass: Pass; gapMmMin: number },
): void {
  const gapMm =
    mmOf(pass.frontCount - ahead.frontCount, turn.config) - assumedLengthMm(ahead, turn.config);
  if (gapMm >= gapMmMin) return;
  raise(turn, ahead, { code: "tooClose" });
  raise(turn, pass, { code: "tooClose" });
}

function measure(turn: Turn, pass: Pass, lengthMm: number): void {
  const { state, config } = turn;
  const { lengthMmMin, lengthMmMax } = config.tracking;
  pass.lengthMm = lengthMm;
  bringForward(turn, pass);
  const ahead = state.passes[state.passes.indexOf(pass) - 1];
  const gapMm =
    ahead === undefined || ahead.lengthMm === null
      ? null
      : mmOf(pass.frontCount - ahead.frontCount, config) - ahead.lengthMm;
  turn.facts.push({ kind: "measured", passId: pass.passId, lengthMm, gapMm });
  if (lengthMm < lengthMmMin || lengthMm > lengthMmMax) {
    raise(turn, pass, { code: "lengthMismatch", params: { lengthMm: Math.round(lengthMm) } });
  }
}

/** Finds the one pass whose window holds `count` at `atMm`, or null for none or several. */
function passInWindow(turn: Turn, atMm: number, count: BeltCount, nextEye?: number): Pass | null {
  const { state, config } = turn;
  let found: Pass | null = null;
  for (const pass of state.passes) {
    if (nextEye !== undefined && pass.nextEye !== nextEye) continue;
    if (!isExpectedAt(pass, atMm, count, config)) continue;
    if (found !== null) return null;
    found = pass;
  }
  return found;
}

function seenOnBelt(turn: Turn, eyeId: string, eyeIndex: number, count: BeltCount): Pass | null {
  const { config, state } = turn;
  const { trackingEyes, end } = config.layout;
  const atMm = trackingEyes[eyeIndex]?.atMm ?? end.atMm;
  const expected = passInWindow(turn, atMm, count, eyeIndex);
  if (expected !== null) isTrackOf(turn, expected);
  const pass = expected ?? extra(turn, { eyeId, atMm, eyeIndex, count });
  if (pass === null) return null;
  pass.frontCount = beltCount(count - countsOf(atMm, config));
  pass.nextEye = eyeIndex + 1;
  bringForward(turn, pass);
  const ahead = state.passes[state.passes.indexOf(pass) - 1];
  if (ahead !== undefined) checkGap(turn, { ahead, pass, gapMmMin: gapAtDiverterMm(config) });
  missedDivertIfPast(turn, pass, atMm);
  if (eyeIndex === trackingEyes.length) leave(turn, pass, end.exit, count);
  return pass;
}

/**
 * Closer than two windows and a swing back, a diverter that swings for the one takes the other as
 * well.
 */
const gapAtDiverterMm = oncePerLine(({ tracking, belt, layout }) => {
  const swingMs = Math.max(...layout.diverters.map((diverter) => diverter.swingMs));
  return tracking.earlyMm + tracking.lateMm + (swingMs * belt.speedMmPerS) / 1_000;
});

/** It was to leave before this eye, and here it is still. */
function missedDivertIfPast(turn: Turn, pass: Pass, atMm: number): void {
  const { commitment } = pass;
  if (commitment === null) return;
  const diverter = turn.config.layout.diverters[commitment.diverter];
  if (diverter === undefined || diverter.atMm > atMm) return;
  abortUnfired(turn, pass);
  const reason: Reason = {
    code: "divertRefused",
    params: { exit: diverter.exit, why: "missed" },
  };
  raise(turn, pass, reason);
  withdraw(turn, pass, reason);
  notify(turn, { code: "divertMissed", passId: pass.passId, params: { exit: diverter.exit } });
}

/** Something no window expected: unknown, and so is all that it may be confused with. */
function extra(
  turn: Turn,
  seen: { eyeId: string; atMm: number; eyeIndex: number; count: BeltCount },
): Pass | null {
  const { state, config } = turn;
  const { eyeId, atMm, eyeIndex, count } = seen;
  const { layout } = config;
  const front = beltCount(count - countsOf(atMm, config));
  const isLeftOver =
    state.sessionFromCount !== null &&
    front <= state.sessionFromCount + countsOf(config.tracking.earlyMm, config);
  const code = isLeftOver ? "restart" : "trackingExtra";
  // What was left over may also be a parcel of this session that the encoder has moved back.
  const isAlone = state.passes.every(
    (pass) => pass.nextEye !== eyeIndex || !isNear(turn, pass, front),
  );
  doubtNeighbours(turn, isLeftOver && isAlone ? { front } : { front, nextEye: eyeIndex });
  const pass = openPass(turn, front, eyeIndex);
  if (!isLeftOver) {
    notify(turn, { code: "trackingExtra", passId: pass?.passId ?? null, params: { eyeId } });
  }
  if (pass === null) return null;
  pass.tracking = "unknown";
  pass.read.isAnswered = atMm > layout.scanner.atMm;
  pass.witnessRead.isAnswered = layout.witness === null || atMm > layout.witness.atMm;
  oweForUncounted(turn, atMm);
  pass.hasLeftTunnel = layout.xray !== null && atMm > layout.xray.toMm;
  pass.isAnnounced = layout.xray !== null && atMm >= layout.xray.fromMm;
  // No divert is ever commanded for it: the un-commanded exit is where doubt goes (law 4).
  pass.nextCommit = layout.diverters.length;
  pass.expectedExit = layout.end.exit;
  raise(turn, pass, { code, params: { eyeId } });
  return pass;
}

/** A chute eye says where a parcel really went. */
function seenInChute(turn: Turn, diverter: DiverterConfig, count: BeltCount): Pass | null {
  const { exit } = diverter;
  const { trackingEyes } = turn.config.layout;
  const atMm = diverter.atMm + diverter.chuteTravelMm;
  const pass = passInWindow(turn, atMm, count);
  const isSent = pass !== null && isTrackOf(turn, pass) && pass.commitment?.command.exit === exit;
  if (!isSent) tellUninvited(turn, { exit, passId: pass?.passId ?? null, count });
  if (pass === null) {
    // One of the passes around here has left by this chute, and we cannot say which.
    const next = trackingEyes.findIndex((eye) => eye.atMm > diverter.atMm);
    const front = beltCount(count - countsOf(atMm, turn.config));
    doubtNeighbours(turn, { front, nextEye: next === -1 ? trackingEyes.length : next });
    return null;
  }
  leave(turn, pass, exit, count);
  return pass;
}

/** The end of a pass, as eyes saw it. */
function leave(turn: Turn, pass: Pass, exit: Exit, count: BeltCount): void {
  const expected =
    pass.commitment?.command.exit ?? pass.expectedExit ?? turn.config.layout.end.exit;
  if (exit === "green" && pass.commitment?.command.exit === "green") noteGreen(turn, pass);
  abortUnfired(turn, pass);
  missPicture(turn, pass);
  removePass(turn, pass);
  turn.facts.push({ kind: "left", passId: pass.passId, exit, expected, count });
}

/** What is still pending for a pass that is gone from its place must not move for another one. */
function abortUnfired(turn: Turn, { commitment }: Pass): void {
  if (commitment === null || commitment.state === "fired") return;
  abort(turn, commitment.command);
}

/** Passes that the sorter should have seen by now are lost; called after every event. */
export function findLost(turn: Turn): void {
  const { state } = turn;
  if (!isOverdue(turn)) return;
  const lostAtCount = lostAtCountOf(turn.config);
  for (let index = 0; index < state.passes.length; index += 1) {
    const pass = state.passes[index];
    if (pass === undefined || state.belt.reportedCount < lostAtCount(pass)) continue;
    lose(turn, pass);
    index -= 1;
  }
}

function lose(turn: Turn, pass: Pass): void {
  const { config, event } = turn;
  missPicture(turn, pass);
  removePass(turn, pass);
  noteStrayOf(turn, pass);
  const lastSeenMm = config.layout.trackingEyes[pass.nextEye - 1]?.atMm ?? 0;
  turn.facts.push({ kind: "lost", passId: pass.passId, lastSeenMm });
  const commitment = pass.commitment;
  if (commitment !== null) {
    const { exit } = commitment.command;
    notify(turn, { code: "divertNotConfirmed", passId: pass.passId, params: { exit } });
    abortUnfired(turn, pass);
  } else {
    const atMm = Math.round(frontMm(pass, event.count, config));
    notify(turn, { code: "trackingLost", passId: pass.passId, params: { lastSeenMm, atMm } });
  }
  doubtNeighbours(turn, { front: pass.frontCount, nextEye: pass.nextEye });
}

/**
 * Doubts whoever is near `front`, and whoever is on the same stretch of belt, on the way to the
 * eye `nextEye`: an encoder that has slipped by the distance of two parcels gives each parcel the
 * place of its neighbour, and all that ever shows is a loss at one end and an extra at the other.
 */
function doubtNeighbours(
  turn: Turn,
  { front, nextEye }: { front: BeltCount; nextEye?: number },
): void {
  for (const pass of turn.state.passes) {
    if (!isNear(turn, pass, front) && pass.nextEye !== nextEye) continue;
    pass.tracking = "unknown";
    raise(turn, pass, { code: "neighbourLost" });
  }
}

const isNear = ({ config }: Turn, pass: Pass, front: BeltCount): boolean =>
  Math.abs(mmOf(pass.frontCount - front, config)) <= config.tracking.neighbourMm;

/** Everything on the belt becomes unknown: the count it was tracked by means nothing any more. */
export function forgetBelt(turn: Turn): void {
  for (const pass of turn.state.passes.slice()) {
    raise(turn, pass, { code: "restart" });
    removePass(turn, pass);
    noteStrayOf(turn, pass);
    turn.facts.push({
      kind: "lost",
      passId: pass.passId,
      lastSeenMm: turn.config.layout.trackingEyes[pass.nextEye - 1]?.atMm ?? 0,
    });
  }
  turn.state.blocked.length = 0;
}

/** Null when the belt holds as many passes as it may: then the parcel stays unknown. */
function openPass(turn: Turn, front: BeltCount, nextEye: number): Pass | null {
  const { state, config, event } = turn;
  const ordinal = nextEye === 0 ? state.nextOrdinal : null;
  // Also of one that the belt cannot hold: a reader that counts its triggers counts it as well.
  if (ordinal !== null) state.nextOrdinal += 1;
  if (state.passes.length >= config.tracking.passesOnBeltMax) return null;
  const pass: Pass = {
    passId: passIdOf({
      lineId: config.lineId,
      epoch: state.epoch,
      number: state.nextPassNumber,
    }),
    inductedAt: event.at,
    frontCount: front,
    lengthMm: null,
    tracking: "sure",
    nextEye,
    track: null,
    identity: { kind: "none" },
    ordinal,
    read: unread(),
    witnessRead: { ...unread(), isAnswered: config.layout.witness === null },
    claim: "notAsked",
    claimAsks: null,
    weightG: null,
    scaleToken: null,
    nextTokenPlace: 0,
    isWeightProven: false,
    isAnnounced: false,
    item: null,
    hasLeftTunnel: config.layout.xray === null,
    imageHash: null,
    lostImageHash: null,
    algorithm: null,
    signal: null,
    officer: null,
    raised: [],
    nextCommit: 0,
    commitment: null,
    expectedExit: null,
  };
  state.nextPassNumber += 1;
  addPass(turn, pass);
  bindTrack(turn, pass);
  bringForward(turn, pass);
  return pass;
}

const unread = (): PassRead => ({
  token: null,
  isAnswered: false,
  codes: [],
  isProven: false,
  isTriggerOver: false,
});

/** A body that no induction was seen of triggers the readers that it has before it, too. */
function oweForUncounted(turn: Turn, atMm: number): void {
  for (const reader of readersOf(turn)) {
    const isBefore = atMm <= reader.layout.atMm;
    if (isBefore && reader.layout.binding.kind === "counter") oweProof(turn, reader, "uncounted");
  }
}
