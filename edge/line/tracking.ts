import { beltCount, type BeltCount } from "../../protocols/units.ts";
import type { Exit } from "../../protocols/sorting.ts";
import { countsIn, countsOf, mmOf, type LineConfig } from "./config.ts";
import type { Pass } from "./state.ts";
import { addPass, alarm, countAt, frontMm, raise, removePass, type Turn } from "./turn.ts";

/**
 * Which parcel is where (DESIGN laws 7 and 8). Every pass carries a window of belt around the
 * place where its front must be; an eye that is blocked inside exactly one window has seen that
 * pass, and anything else is a loss or an extra, told as such and never matched later.
 */
export function eyeBlocked(turn: Turn, eyeId: string, count: BeltCount): void {
  const { layout } = turn.config;
  if (turn.state.blocked.has(eyeId)) {
    alarm(turn, "eyeBlockedTwice", null, { eyeId });
    return;
  }
  if (eyeId === layout.inductionEyeId) return induct(turn, count);
  const diverter = layout.diverters.find((candidate) => candidate.chuteEyeId === eyeId);
  const pass =
    diverter === undefined
      ? seenOnBelt(turn, eyeId, count)
      : seenInChute(turn, diverter.exit, diverter.atMm + diverter.chuteTravelMm, count);
  turn.state.blocked.set(eyeId, { sinceCount: count, passId: pass?.passId ?? null });
}

export function eyeCleared(turn: Turn, eyeId: string, count: BeltCount): void {
  const { state, config } = turn;
  const blocked = state.blocked.get(eyeId);
  state.blocked.delete(eyeId);
  if (blocked === undefined || blocked.passId === null) return;
  const pass = state.byId.get(blocked.passId);
  if (pass === undefined) return;
  const lengthMm = mmOf(count - blocked.sinceCount, config);
  if (pass.lengthMm === null) return measure(turn, pass, lengthMm);
  const differenceMm = Math.abs(lengthMm - pass.lengthMm);
  if (differenceMm > config.tracking.lengthToleranceMm) {
    raise(turn, pass, {
      code: "lengthMismatch",
      params: { eyeId, lengthMm: Math.round(lengthMm), firstMm: Math.round(pass.lengthMm) },
    });
  }
}

/** A front at the induction eye opens a pass. */
function induct(turn: Turn, count: BeltCount): void {
  const { state, config } = turn;
  const previous = state.passes.at(-1);
  const pass = openPass(turn, count, 0);
  turn.state.blocked.set(config.layout.inductionEyeId, { sinceCount: count, passId: pass.passId });
  if (previous === undefined) return;
  const previousRear = previous.frontCount + countsOf(previous.lengthMm ?? 0, config);
  if (mmOf(count - previousRear, config) < config.tracking.gapMmMin) {
    raise(turn, previous, { code: "tooClose" });
    raise(turn, pass, { code: "tooClose" });
  }
}

function measure(turn: Turn, pass: Pass, lengthMm: number): void {
  const { state, config } = turn;
  const { lengthMmMin, lengthMmMax } = config.tracking;
  pass.lengthMm = lengthMm;
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
    const offMm = mmOf(count - countAt(pass, atMm, config), config);
    if (offMm < -config.tracking.earlyMm || offMm > config.tracking.lateMm) continue;
    if (found !== null) return null;
    found = pass;
  }
  return found;
}

function seenOnBelt(turn: Turn, eyeId: string, count: BeltCount): Pass | null {
  const { config } = turn;
  const { trackingEyes, end } = config.layout;
  const index = trackingEyes.findIndex((eye) => eye.eyeId === eyeId);
  const isEnd = eyeId === end.eyeId;
  if (index === -1 && !isEnd) {
    alarm(turn, "unknownEye", null, { eyeId });
    return null;
  }
  const eyeIndex = isEnd ? trackingEyes.length : index;
  const atMm = isEnd ? end.atMm : (trackingEyes[index]?.atMm ?? end.atMm);
  const pass =
    passInWindow(turn, atMm, count, eyeIndex) ?? extra(turn, eyeId, atMm, eyeIndex, count);
  pass.frontCount = beltCount(count - countsOf(atMm, config));
  pass.nextEye = eyeIndex + 1;
  missedDivertIfPast(turn, pass, atMm);
  if (isEnd) leave(turn, pass, end.exit, count);
  return pass;
}

/** It was to leave before this eye, and here it is still. */
function missedDivertIfPast(turn: Turn, pass: Pass, atMm: number): void {
  const { commitment } = pass;
  if (commitment === null) return;
  const diverter = turn.config.layout.diverters[commitment.diverter];
  if (diverter === undefined || diverter.atMm > atMm) return;
  pass.commitment = null;
  raise(turn, pass, { code: "divertRefused", params: { exit: diverter.exit, why: "missed" } });
  alarm(turn, "divertMissed", pass.passId, { exit: diverter.exit });
}

/** Something no window expected: unknown, and so are the neighbours it may be confused with. */
function extra(turn: Turn, eyeId: string, atMm: number, eyeIndex: number, count: BeltCount): Pass {
  const { state, config } = turn;
  const front = beltCount(count - countsOf(atMm, config));
  const isFlush = state.flushUntilCount !== null && count < state.flushUntilCount;
  doubtNeighbours(turn, front, null);
  const pass = openPass(turn, front, eyeIndex);
  pass.tracking = "unknown";
  pass.hasReaderAnswered = atMm > config.layout.scanner.atMm;
  pass.hasLeftTunnel = config.layout.xray !== null && atMm > config.layout.xray.toMm;
  pass.isAnnounced = config.layout.xray !== null && atMm >= config.layout.xray.fromMm;
  // No divert is ever commanded for it: the un-commanded exit is where doubt goes (law 4).
  pass.nextCommit = config.layout.diverters.length;
  pass.expectedExit = config.layout.end.exit;
  raise(turn, pass, { code: isFlush ? "restart" : "trackingExtra", params: { eyeId } });
  if (!isFlush) alarm(turn, "trackingExtra", pass.passId, { eyeId });
  return pass;
}

/**
 * A chute eye says where a parcel really went. In green, whatever we did not send there stops the
 * belt until a person has pressed the line's reset key.
 */
function seenInChute(turn: Turn, exit: Exit, atMm: number, count: BeltCount): Pass | null {
  const pass = passInWindow(turn, atMm, count);
  const isSent = pass !== null && pass.commitment?.command.exit === exit;
  if (!isSent) {
    alarm(turn, exit === "green" ? "unexpectedInGreen" : "missort", pass?.passId ?? null, { exit });
    if (exit === "green") {
      turn.state.machine.latched = [
        ...new Set([...turn.state.machine.latched, "unexpectedInGreen"]),
      ];
    }
  }
  if (pass === null) {
    // One of the passes around here has left by this chute, and we cannot say which.
    doubtNeighbours(turn, beltCount(count - countsOf(atMm, turn.config)), null);
    return null;
  }
  leave(turn, pass, exit, count);
  return pass;
}

/** The end of a pass, as eyes saw it. */
function leave(turn: Turn, pass: Pass, exit: Exit, count: BeltCount): void {
  const expected =
    pass.commitment?.command.exit ?? pass.expectedExit ?? turn.config.layout.end.exit;
  removePass(turn, pass);
  turn.facts.push({ kind: "left", passId: pass.passId, exit, expected, count });
}

/** Passes that should have been seen by now are lost; called after every event. */
export function findLost(turn: Turn): void {
  const { state, config, event } = turn;
  for (let index = 0; index < state.passes.length; index += 1) {
    const pass = state.passes[index];
    if (pass === undefined || event.count < lostAtCount(pass, config)) continue;
    lose(turn, pass);
    index -= 1;
  }
}

/** When this pass is given up if its next eye has not seen it. */
export function lostAtCount(pass: Pass, config: LineConfig): number {
  const { trackingEyes, end } = config.layout;
  const atMm = trackingEyes[pass.nextEye]?.atMm ?? end.atMm;
  return (
    countAt(pass, atMm + config.tracking.lateMm, config) +
    countsIn(config.tracking.eventLateMs, config) +
    1
  );
}

function lose(turn: Turn, pass: Pass): void {
  const { config, event } = turn;
  removePass(turn, pass);
  const lastSeenMm = config.layout.trackingEyes[pass.nextEye - 1]?.atMm ?? 0;
  turn.facts.push({ kind: "lost", passId: pass.passId, lastSeenMm });
  const commitment = pass.commitment;
  if (commitment !== null) {
    alarm(turn, "divertNotConfirmed", pass.passId, { exit: commitment.command.exit });
    if (commitment.state !== "fired") {
      turn.commands.push({ kind: "abort", commandId: commitment.command.commandId });
    }
  } else {
    alarm(turn, "trackingLost", pass.passId, {
      lastSeenMm,
      atMm: Math.round(frontMm(pass, event.count, config)),
    });
  }
  doubtNeighbours(turn, pass.frontCount, pass);
}

function doubtNeighbours(turn: Turn, front: BeltCount, except: Pass | null): void {
  const { state, config } = turn;
  for (const pass of state.passes) {
    if (pass === except) continue;
    if (Math.abs(mmOf(pass.frontCount - front, config)) > config.tracking.neighbourMm) continue;
    pass.tracking = "unknown";
    raise(turn, pass, { code: "neighbourLost" });
  }
}

/** Everything on the belt becomes unknown: the count it was tracked by means nothing any more. */
export function forgetBelt(turn: Turn): void {
  for (const pass of turn.state.passes.slice()) {
    raise(turn, pass, { code: "restart" });
    removePass(turn, pass);
    turn.facts.push({
      kind: "lost",
      passId: pass.passId,
      lastSeenMm: turn.config.layout.trackingEyes[pass.nextEye - 1]?.atMm ?? 0,
    });
  }
  turn.state.blocked.clear();
}

function openPass(turn: Turn, front: BeltCount, nextEye: number): Pass {
  const { state, config, event } = turn;
  const pass: Pass = {
    passId: `${config.lineId}-${state.epoch}-${state.nextPassNumber}`,
    inductedAt: event.at,
    frontCount: front,
    lengthMm: null,
    tracking: "sure",
    nextEye,
    identity: { kind: "none" },
    hasReaderAnswered: false,
    claim: "notAsked",
    weightG: null,
    isAnnounced: false,
    item: null,
    hasLeftTunnel: config.layout.xray === null,
    imageHash: null,
    algorithm: null,
    officer: null,
    raised: [],
    nextCommit: 0,
    commitment: null,
    expectedExit: null,
  };
  state.nextPassNumber += 1;
  addPass(turn, pass);
  return pass;
}
