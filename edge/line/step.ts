import type { ToldFact } from "../../protocols/told-facts.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { takeAlgorithmVerdict } from "./algorithm-verdict.ts";
import { askClaimsAgain, takeAnswerTold, takeClaimAnswer } from "./claim.ts";
import {
  abortAgain,
  commandAnswered,
  commandFailed,
  commitDue,
  reviewCommitments,
} from "./commit.ts";
import { doubtChutes, forgetChutes, takeChute, trustChutes } from "./chutes.ts";
import type { LineCommand } from "./commands.ts";
import { runOutAtCount, tellConditions } from "./conditions.ts";
import type { LineConfig } from "./config.ts";
import { firstDueCount, firstOverdueCount, lookAhead } from "./due.ts";
import type { LineEvent } from "./events.ts";
import { doubtGuards, forgetUnheardGuards, guardsStandOpen, handle, takeGuard } from "./hands.ts";
import { findUnread, takeRead, takeReaderPulse } from "./identity.ts";
import {
  announceDue,
  calmAtCount,
  confuseTunnel,
  oweImages,
  payImagesByHand,
  takeImage,
  takeItem,
  takeOfficerVerdict,
  watchTunnel,
} from "./imaging.ts";
import {
  askAgain,
  doubtStart,
  meetMotion,
  overflowAtCount,
  permitAgain,
  supervise,
} from "./machine.ts";
import { findJams, jamAtCount } from "./jams.ts";
import {
  oweAfterLoss,
  oweAfterOutage,
  oweFromTheStart,
  payByHand,
  testDue,
  testWakeCount,
} from "./reader-debt.ts";
import { readersOf, unpairedAtCount } from "./reader.ts";
import type { LineState } from "./state.ts";
import { recountStrays } from "./stray-labels.ts";
import { tokensDue, triggersOver } from "./tokens.ts";
import { findTimeBreak, takeTimeBreak } from "./time-break.ts";
import { eyeBlocked, eyeCleared, findLost, forgetBelt } from "./tracking.ts";
import { raise, type Turn } from "./turn.ts";
import { takeWeight } from "./weighing.ts";
import { takeSignal } from "./xray-word.ts";

export interface Step {
  /** The same object that was given, changed in place: `step` owns it. */
  readonly state: LineState;
  readonly commands: readonly LineCommand[];
  readonly facts: readonly ToldFact[];
}

/**
 * Same version, same journal, same outcome: raised whenever the same events may lead to other facts or
 * commands. Documents have a version of their own, `documentsLogicVersion` in `clearance/apply.ts`.
 */
export const logicVersion = "20";

/**
 * One event in the life of a line. No clock, no chance, no I/O (law 11): the same events
 * always give the same commands and facts, live, in virtual time and in replay.
 */
export function step(state: LineState, event: LineEvent, config: LineConfig): Step {
  const turn: Turn = { state, config, event, commands: [], facts: [] };
  findTimeBreak(turn);
  learn(turn);
  guardsStandOpen(turn);
  announceDue(turn);
  watchTunnel(turn);
  tokensDue(turn);
  triggersOver(turn);
  findUnread(turn);
  askClaimsAgain(turn);
  testDue(turn);
  findLost(turn);
  findJams(turn);
  // Behind everything that can raise a reason, so that none waits for the next event.
  commitDue(turn);
  reviewCommitments(turn);
  supervise(turn);
  tellConditions(turn);
  lookAhead(turn);
  return { state, commands: turn.commands, facts: turn.facts };
}

/**
 * The belt count at which the shell looks whether something has fallen due (`wakeCountNow`): never
 * too late, and asked after every event.
 */
export const nextWakeCount = (state: LineState, config: LineConfig): number =>
  wakeCount({ state, config }, state.due.atCount);

/**
 * The next belt count at which something does fall due, by all passes that are on the belt now. Asked
 * when `nextWakeCount` is reached: what it was kept for may be done or gone, and then nobody is told.
 */
export const wakeCountNow = (state: LineState, config: LineConfig): number =>
  wakeCount({ state, config }, firstDueCount({ state, config }));

const wakeCount = (turn: Pick<Turn, "state" | "config">, dueCount: number): number =>
  Math.min(dueCount, testWakeCount(turn), calmAtCount(turn), overflowAtCount(turn));

/**
 * The belt count at which something may be overdue once the sorter itself has reported it: never too
 * late.
 */
export const nextReportCount = (state: LineState, config: LineConfig): number =>
  reportCount(state, config, state.due.reportedCount);

/**
 * Whether the sorter's report of this count has to be handed on, though it is no news. What is kept
 * for it may be done or gone by then, so that a count that has come is looked for in all passes.
 */
export const isReportAwaited = (state: LineState, config: LineConfig, count: number): boolean =>
  wantsEveryReport(state) ||
  (count >= nextReportCount(state, config) &&
    count >= reportCount(state, config, firstOverdueCount({ state, config })));

function reportCount(state: LineState, config: LineConfig, overdueCount: number): number {
  let next = Math.min(overdueCount, runOutAtCount(state, config));
  const turn = { state, config };
  for (const reader of readersOf(turn)) next = Math.min(next, unpairedAtCount(turn, reader));
  for (const blocked of state.blocked) next = Math.min(next, jamAtCount(blocked, config));
  return next;
}

/**
 * While a command is being taken back, each report says whether it can still do harm; while a guard
 * may stand open, who has come into its reach; and where messages were lost the first one says
 * whether the belt runs.
 */
const wantsEveryReport = (state: LineState): boolean =>
  state.aborting.size > 0 || state.openGuards.size > 0 || !state.belt.isRunningSure;

function learn(turn: Turn): void {
  const { state, event } = turn;
  switch (event.kind) {
    case "opened":
      state.epoch = event.epoch;
      state.nextToken = event.firstToken % 10_000;
      turn.facts.push({
        kind: "sessionOpened",
        epoch: event.epoch,
        configHash: event.configHash,
        logicVersion: event.logicVersion,
      });
      return;
    case "sorter":
      return learnFromSorter(turn, event.event);
    case "sorterGap":
      return loseEvents(turn, event.missed);
    case "read":
      return takeRead(turn, event);
    case "weight":
      return takeWeight(turn, event);
    case "xrayItem":
      return takeItem(turn, event.item);
    case "xrayImage":
    case "xrayImageLost":
      return takeImage(turn, event);
    case "xrayVerdict":
      return takeAlgorithmVerdict(turn, event.verdict);
    case "xraySignal":
      return takeSignal(turn, event.signal);
    case "xrayReady":
      state.isXrayReady = event.isReady;
      state.xrayReason = event.isReady ? null : (event.reason?.code ?? null);
      return;
    case "health":
      return learnHealth(turn, event);
    case "answerTold":
      return takeAnswerTold(turn, event.message);
    case "claimAnswer":
      return takeClaimAnswer(turn, event.answer);
    case "officerVerdict":
      return takeOfficerVerdict(turn, event.verdict);
    case "still": {
      const { passId, deviceId, moment, imageHash, lateMs } = event;
      turn.facts.push({ kind: "pictured", passId, deviceId, moment, imageHash, lateMs });
      return;
    }
    case "timeBreak":
      return takeTimeBreak(turn, event);
    case "commandMissed":
      return commandFailed(turn, event.commandId, { code: "commitMissed", why: event.why });
    case "journalDoubted":
      state.journalDoubt = event.code;
      return;
    case "clearanceChanged":
    case "countReached":
      return;
  }
}

/** What is missing may have said anything that the sorter tells only once. */
function loseEvents(turn: Turn, missed: number): void {
  const { state, event, config } = turn;
  state.eventsLost = { atCount: event.count, missed };
  // That an eye is clear again, that a chute is full, that a guard is open, that a parcel came.
  state.blocked.length = 0;
  state.belt.isRunningSure = false;
  doubtStart(state);
  doubtChutes(turn);
  doubtGuards(turn);
  oweAfterLoss(turn);
  doubtAll(turn, "eventsLost", config.layout.sorterId);
}

function learnFromSorter(turn: Turn, event: SorterEvent): void {
  meetSession(turn, event);
  const { belt } = turn.state;
  if ("count" in event && event.count > belt.reportedCount) belt.reportedCount = event.count;
  switch (event.kind) {
    case "session":
      return;
    case "eye":
      return event.isBlocked
        ? eyeBlocked(turn, event.eyeId, event.count)
        : eyeCleared(turn, event.eyeId, event.count);
    case "belt":
      return learnBelt(turn, event);
    case "chute":
      return takeChute(turn, event);
    case "accepted":
    case "fired":
      return commandAnswered(turn, event.commandId, event.kind);
    case "refused":
    case "cancelled":
      return commandFailed(turn, event.commandId, { code: "divertRefused", why: event.why });
    case "pulse":
      return takeReaderPulse(turn, event.inputId, event.count);
    case "guard":
      return takeGuard(turn, event);
    case "localReset":
      return localReset(turn);
  }
}

/** Counts of another session mean nothing: what is on the belt is unknown until it has run out. */
function meetSession(turn: Turn, event: SorterEvent): void {
  const { state } = turn;
  if (state.belt.epoch === event.epoch) return;
  const count = "count" in event ? event.count : turn.event.count;
  forgetBelt(turn);
  // What was being taken back has ended with its session: the new one knows no such command.
  state.aborting.clear();
  state.belt.epoch = event.epoch;
  state.belt.count = count;
  state.belt.reportedCount = count;
  state.belt.movedAt = turn.event.at;
  state.belt.isRunningSure = false;
  state.belt.isTracked = false;
  // It was asked of another session; `supervise` asks anew if it must, and starts nothing.
  state.machine.isStopRequested = false;
  state.machine.isOursToStart = false;
  state.machine.isStartAsked = false;
  state.sessionFromCount = count;
  recountStrays(turn, count);
  state.eventsLost = null;
  state.timeBreak = null;
  state.nextOrdinal = 0;
  forgetChutes(turn);
  doubtGuards(turn);
  oweFromTheStart(turn);
  state.tunnel.confusedAtCount = count;
  oweImages(turn, "notTested");
  // An agent that takes over trusts nothing that it did not command.
  turn.commands.push({ kind: "cancelAll" });
  askAgain(turn);
}

/** A person has seen to the line: what was latched is over, and a belt that stands may run (`supervise`). */
function localReset(turn: Turn): void {
  turn.state.machine.uninvited = [];
  turn.state.shift.greensToRecall = null;
  handle(turn, "localReset", null);
  forgetUnheardGuards(turn);
  trustChutes(turn);
  payByHand(turn);
  payImagesByHand(turn);
}

/** An encoder that stands still under a running belt is a fault, and so is one that runs back. */
function learnBelt(turn: Turn, event: Extract<SorterEvent, { kind: "belt" }>): void {
  const { belt } = turn.state;
  const encoderStillMsMax = 1_500;
  if (event.count !== belt.count || !event.isRunning || !belt.isRunning) {
    belt.movedAt = turn.event.at;
  } else if (turn.event.at - belt.movedAt > encoderStillMsMax) {
    doubtAll(turn, "beltFault");
  }
  if (event.count < belt.count) doubtAll(turn, "beltFault");
  meetMotion(turn, event.isRunning);
  belt.count = event.count;
  belt.isRunning = event.isRunning;
  belt.isRunningSure = true;
  // While it lasts, too: what hands put on the belt then has passed no eye before.
  if (event.emergencyStop || belt.emergencyStop) handle(turn, "emergencyStop", null);
  belt.emergencyStop = event.emergencyStop;
  belt.speedMmPerS = event.speedMmPerS;
  permitAgain(turn);
  abortAgain(turn);
}

function learnHealth(turn: Turn, event: Extract<LineEvent, { kind: "health" }>): void {
  const { state, config } = turn;
  const wasReceiving = state.devices.get(event.deviceId) === "receiving";
  state.devices.set(event.deviceId, event.state);
  turn.facts.push({
    kind: "deviceHealth",
    deviceId: event.deviceId,
    health: event.state,
    reason: event.reason,
  });
  if (event.state === "receiving" && event.deviceId === config.layout.sorterId) askAgain(turn);
  if (event.state === "receiving" || !wasReceiving) return;
  oweAfterOutage(turn, event.deviceId);
  // Without the sorter nothing on the belt is seen or moved as it was decided.
  if (event.deviceId === config.layout.sorterId) doubtAll(turn, "deviceDown", event.deviceId);
  if (event.deviceId !== config.layout.xray?.deviceId) return;
  // It may count anew after an interruption, and nobody knows what it has missed.
  state.tunnel.lastItemSequence = null;
  confuseTunnel(turn, "deviceDown");
}

function doubtAll(
  turn: Turn,
  code: "eventsLost" | "beltFault" | "deviceDown",
  deviceId?: string,
): void {
  for (const pass of turn.state.passes) {
    raise(turn, pass, deviceId === undefined ? { code } : { code, params: { deviceId } });
  }
}
