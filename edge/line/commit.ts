import { decide, isGreenOpen, type Decision } from "../decision/decide.ts";
import type { Evidence, IdentityProof } from "../decision/evidence.ts";
import { lookup } from "./clearance-mirror.ts";
import { waybillOf } from "../../protocols/barcode/waybill.ts";
import type { Exit } from "../../protocols/sorting.ts";
import type { Reason } from "../../protocols/reasons.ts";
import { beltCount } from "../../protocols/units.ts";
import type { DivertCommand } from "./commands.ts";
import { countsIn, countsOf, oncePerLine, type DiverterConfig, type LineConfig } from "./config.ts";
import type { Pass } from "./state.ts";
import { watchShift } from "./shift-watch.ts";
import {
  clearAtCount,
  isDue,
  lostAtCountOf,
  notify,
  raise,
  type Moment,
  type Turn,
} from "./turn.ts";

/**
 * Commit points: as late as the diverter, the wire and the disk allow, one before each diverter.
 * There the pass is decided on what is known; if this diverter leads where it must go, it is
 * commanded, else the next commit point asks again. After the last one the un-commanded exit
 * takes what is left, which is never green (law 4).
 */
export function commitDue(turn: Turn): void {
  const { state, config, event } = turn;
  const isWindowed = config.commit.windowMm > 0;
  if (!isWindowed && !isDue(turn)) return;
  const commitAtCount = commitAtCountOf(config);
  for (const pass of state.passes) {
    while (event.count >= commitAtCount(pass)) meetCommitPoint(turn, pass);
    if (isWindowed) commitEarly(turn, pass);
  }
}

/** Inside the window before a commit point, a decision for that very diverter need not wait. */
function commitEarly(turn: Turn, pass: Pass): void {
  const { config, event } = turn;
  const opensAtCount = commitAtCountOf(config)(pass) - countsOf(config.commit.windowMm, config);
  const diverter = config.layout.diverters[pass.nextCommit];
  if (diverter === undefined || event.count < opensAtCount) return;
  // Asked after every event, and most passes still lack what green needs first.
  if (diverter.exit === "green" && !isGreenOpen(pass)) return;
  if (decidePass(turn, pass).exit === diverter.exit) meetCommitPoint(turn, pass);
}

/** When this pass meets its next commit point. */
export const commitAtCountOf = oncePerLine((config) => {
  // From induction to each diverter's commit point.
  const afterCounts = config.layout.diverters.map(
    (diverter) => fireAfterCounts(diverter, config) - countsIn(config.commit.leadMs, config),
  );
  return (pass: Pass): number => {
    const after = pass.commitment === null ? afterCounts[pass.nextCommit] : undefined;
    return after === undefined ? Number.POSITIVE_INFINITY : pass.frontCount + after;
  };
});

/** The diverter is out a little before the front is expected, so that tolerance does not miss. */
const fireAtCount = (pass: Pass, diverter: DiverterConfig, config: LineConfig): number =>
  pass.frontCount + fireAfterCounts(diverter, config);

const fireAfterCounts = (diverter: DiverterConfig, config: LineConfig): number =>
  countsOf(diverter.atMm - config.tracking.earlyMm, config) - countsIn(diverter.swingMs, config);

function meetCommitPoint(turn: Turn, pass: Pass): void {
  const { config } = turn;
  const index = pass.nextCommit;
  const diverter = config.layout.diverters[index];
  if (diverter === undefined) return;
  pass.nextCommit = index + 1;
  if (index === 0) watchShift(turn, pass);
  const decision = decidePass(turn, pass);
  const isHere = decision.exit === diverter.exit;
  if (!isHere && pass.nextCommit < config.layout.diverters.length) return;
  record(turn, pass, decision, isHere ? diverter.exit : config.layout.end.exit);
  if (isHere) command(turn, pass, index, diverter);
}

function record(turn: Turn, pass: Pass, decision: Decision, exit: Exit): void {
  const clearance = clearanceOf(turn, pass);
  pass.expectedExit = exit;
  turn.facts.push({
    kind: "decided",
    passId: pass.passId,
    exit,
    reasons: decision.reasons.slice(0, 50),
    waybill: pass.identity.kind === "one" ? pass.identity.waybill : null,
    recordVersion: clearance.kind === "held" ? clearance.record.version : null,
    imageHash: pass.imageHash,
    rulesVersion: turn.config.rules.version,
  });
}

function command(turn: Turn, pass: Pass, index: number, diverter: DiverterConfig): void {
  const { state, config } = turn;
  const fireAt = fireAtCount(pass, diverter, config);
  const divert: DivertCommand = {
    kind: "divert",
    commandId: `${pass.passId}-c${state.nextCommandNumber}`,
    passId: pass.passId,
    exit: diverter.exit,
    fireAtCount: beltCount(fireAt),
    releaseAtCount: beltCount(
      clearAtCount(pass, diverter.atMm, config) + countsOf(config.tracking.lateMm, config),
    ),
    notAfterCount: beltCount(fireAt - countsIn(config.commit.deviceLeadMs, config)),
  };
  state.nextCommandNumber += 1;
  pass.commitment = { command: divert, diverter: index, state: "outbox" };
  turn.commands.push(divert);
  turn.facts.push({ kind: "commanded", passId: pass.passId });
}

/**
 * A commitment holds only while the decision would still be the same. Asked after every event,
 * so that a reason that arrives before the diverter moves takes the command back at once.
 */
export function reviewCommitments(turn: Turn): void {
  for (const pass of turn.state.passes) {
    const { commitment } = pass;
    if (commitment === null || commitment.state === "fired") continue;
    const decision = decidePass(turn, pass);
    if (decision.exit === commitment.command.exit) continue;
    const reason = decision.reasons.at(-1) ?? { code: "coreFault" };
    abort(turn, commitment.command);
    withdraw(turn, pass, reason);
  }
}

/** Takes a command back. Repeated until the device has answered: an abort may be lost, too. */
export function abort(turn: Turn, { commandId, releaseAtCount }: DivertCommand): void {
  turn.commands.push({ kind: "abort", commandId });
  turn.state.aborting.set(commandId, releaseAtCount);
}

/** With each report of the belt: what has not been answered is taken back again. */
export function abortAgain(turn: Turn): void {
  const { aborting, belt } = turn.state;
  for (const [commandId, harmlessFromCount] of aborting) {
    if (belt.reportedCount > harmlessFromCount) aborting.delete(commandId);
    else turn.commands.push({ kind: "abort", commandId });
  }
}

/** The device's answers to what we commanded. */
export function commandAnswered(turn: Turn, commandId: string, answer: "accepted" | "fired"): void {
  if (answer === "fired") turn.state.aborting.delete(commandId);
  const pass = passOfCommand(turn, commandId);
  if (pass?.commitment == null) return;
  if (pass.commitment.state !== "fired") pass.commitment.state = answer;
}

/** Refused by the device, cancelled by it, or never sent: the un-commanded exit takes the pass. */
export function commandFailed(
  turn: Turn,
  commandId: string,
  failure: { readonly code: "commitMissed" | "divertRefused"; readonly why: string },
): void {
  turn.state.aborting.delete(commandId);
  const pass = passOfCommand(turn, commandId);
  if (pass === null) return;
  const { code, why } = failure;
  const reason: Reason = { code, params: { why } };
  raise(turn, pass, reason);
  withdraw(turn, pass, reason);
  notify(turn, { code, passId: pass.passId, params: { why } });
}

/** The commitment is void; a later commit point may still lie ahead, else the belt's end does. */
export function withdraw(turn: Turn, pass: Pass, reason: Reason): void {
  const { commitment } = pass;
  if (commitment === null) return;
  const { commandId } = commitment.command;
  pass.commitment = null;
  const { due } = turn.state;
  due.atCount = Math.min(due.atCount, commitAtCountOf(turn.config)(pass));
  // It may want its claim again: looked for with the next event.
  due.claimAt = turn.event.at;
  turn.facts.push({ kind: "aborted", passId: pass.passId, commandId, reason });
  if (pass.nextCommit >= turn.config.layout.diverters.length) {
    record(turn, pass, decidePass(turn, pass), turn.config.layout.end.exit);
  }
}

/**
 * Asked by the outbox when the batch that holds the command is synced (law 5). `expired`:
 * nothing has been learned against it, but a lease or the evidence's age has run out meanwhile.
 */
export function secondLook(
  turn: Moment,
  { passId, commandId, exit }: DivertCommand,
): "yes" | "no" | "expired" {
  const pass = turn.state.byId.get(passId);
  if (pass?.commitment?.command.commandId !== commandId) return "no";
  return decidePass(turn, pass).exit === exit ? "yes" : "expired";
}

function passOfCommand(turn: Turn, commandId: string): Pass | null {
  return turn.state.passes.find((pass) => pass.commitment?.command.commandId === commandId) ?? null;
}

function decidePass(turn: Moment, pass: Pass): Decision {
  return decide(evidenceOf(turn, pass), turn.config.rules, turn.event.at);
}

function evidenceOf(turn: Moment, pass: Pass): Evidence {
  const { chutes } = turn.state;
  // Whether it is lost is for the sorter's reports to say; until then it is not seen either.
  const isSeen = turn.event.count < lostAtCountOf(turn.config)(pass);
  return {
    passId: pass.passId,
    inductedAt: pass.inductedAt,
    identity: pass.identity,
    identityProof: identityProofOf(turn, pass),
    claim: pass.claim,
    clearance: clearanceOf(turn, pass),
    imageHash: pass.imageHash,
    algorithm: pass.algorithm,
    officer: pass.officer,
    weightG: pass.weightG,
    isWeightProven: pass.isWeightProven,
    isTracked: pass.tracking === "sure" && isSeen,
    raised: pass.raised,
    chutes: { green: chutes.green.state, red: chutes.red.state },
  };
}

/** Law 16: something on the wire bound the read, or a witness of its own says the same. */
function identityProofOf(turn: Moment, pass: Pass): IdentityProof | null {
  const { scanner, witness } = turn.config.layout;
  const { binding } = scanner;
  if (binding.kind !== "none" && pass.read.isProven) return binding.kind;
  return witness !== null && isWitnessedBySecond(turn, pass) ? "secondReader" : null;
}

/** The second reader, which proves itself, has read the same waybill and no other. */
function isWitnessedBySecond({ config }: Moment, { identity, witnessRead }: Pass): boolean {
  if (identity.kind !== "one" || !witnessRead.isProven) return false;
  const answer = waybillOf(witnessRead.codes, config.waybills);
  return answer.kind === "one" && answer.waybill === identity.waybill;
}

function clearanceOf(turn: Moment, pass: Pass): Evidence["clearance"] {
  if (pass.identity.kind !== "one") return { kind: "absent" };
  const claim = { passId: pass.passId, waybill: pass.identity.waybill };
  const { record, isLeaseRunning } = lookup(turn.state.mirror, claim, turn.event.at);
  if (!isLeaseRunning) return { kind: "stale" };
  return record === null ? { kind: "absent" } : { kind: "held", record };
}
