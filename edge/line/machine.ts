import { exits, type PackmlState } from "../../protocols/sorting.ts";
import { oncePerLine, type LineConfig } from "./config.ts";
import { jamsOf } from "./jams.ts";
import type { LineState, Pass } from "./state.ts";
import { countAt, type Turn } from "./turn.ts";

/**
 * The line as a machine: may parcels be inducted, must the belt stop, which PackML state is it in.
 * Overload and trouble withdraw the permission to induct, then ask the belt to stop; they never
 * release anything (law 10, ZJG-02, ZJG-41). Asked after every event.
 */
export function supervise(turn: Turn): void {
  const { state } = turn;
  const { machine } = state;
  const conditions = conditionsOf(turn);
  const mustStop =
    machine.uninvited.length > 0 ||
    state.shift.greensToRecall !== null ||
    isInspectionAboutToOverflow(turn);
  const isInductionPermitted = conditions.length === 0 && state.belt.epoch !== null;
  const packml = packmlOf(state, conditions);

  if (state.belt.epoch !== null) {
    askBelt(turn, mustStop);
    if (isInductionPermitted !== machine.isInductionPermitted) {
      askInduction(turn, isInductionPermitted);
    }
  }
  const isSame =
    packml === machine.packml &&
    isInductionPermitted === machine.isInductionPermitted &&
    sameWords(conditions, machine.conditions);
  if (isSame) return;
  machine.packml = packml;
  machine.isInductionPermitted = isInductionPermitted;
  machine.conditions = conditions;
  turn.facts.push({
    kind: "lineState",
    state: packml,
    inductionPermitted: isInductionPermitted,
    conditions: [...conditions],
  });
}

/**
 * Only a belt that ran when we asked it to stop is ours to start, or one whose reset key is pressed:
 * where somebody else has stopped it, nobody here knows why. An emergency stop or an open guard makes
 * it theirs as well. While a guard may stand open it is not started either.
 */
function askBelt(turn: Turn, mustStop: boolean): void {
  const { machine, belt, openGuards } = turn.state;
  if (belt.emergencyStop || isAnyToldOpen(openGuards)) {
    machine.isOursToStart = false;
    machine.isStartAsked = false;
  } else if (mustStop && !machine.isStopRequested) {
    // Stopped again before it was seen to run: it is as much ours as it was then.
    machine.isOursToStart = machine.isStartAsked || (belt.isRunningSure ? belt.isRunning : null);
  }
  if (mustStop) {
    if (!machine.isStopRequested) turn.commands.push({ kind: "belt", run: false });
    machine.isStopRequested = true;
    return;
  }
  machine.isStopRequested = false;
  if (belt.emergencyStop || openGuards.size > 0) return;
  const isAskedByHand = isReset(turn) && !(belt.isRunning && belt.isRunningSure);
  if (machine.isOursToStart !== true && !isAskedByHand) return;
  machine.isOursToStart = false;
  machine.isStartAsked = true;
  turn.commands.push({ kind: "belt", run: true });
}

/** Asked of a start that was decided, when it leaves: what came meanwhile may hold the belt. */
export const mayStart = ({ belt, machine, openGuards }: LineState): boolean =>
  !belt.emergencyStop && openGuards.size === 0 && !machine.isStopRequested;

/** What was missed may have been hands on a belt that we had stopped: it is theirs to start. */
export function doubtStart({ machine }: LineState): void {
  machine.isStartAsked = false;
  if (machine.isOursToStart === true) machine.isOursToStart = false;
}

const isReset = ({ event }: Turn): boolean =>
  event.kind === "sorter" && event.event.kind === "localReset";

function isAnyToldOpen(openGuards: LineState["openGuards"]): boolean {
  for (const code of openGuards.values()) if (code === "guardOpen") return true;
  return false;
}

/**
 * With each report of the belt, before it is taken. One that runs although it was asked to stop may
 * not have heard it; one that stood and runs was started by somebody, and to stop it again is theirs.
 */
export function meetMotion(turn: Turn, isRunning: boolean): void {
  const { machine, belt } = turn.state;
  // It has been asked to stop where messages were lost, and this tells whether it ran.
  machine.isOursToStart ??= isRunning;
  if (!isRunning) return;
  // Where it stood and we had not asked, somebody has started it.
  if (!belt.isRunning && !machine.isStartAsked) machine.isOursToStart = false;
  else if (machine.isStopRequested) machine.isOursToStart = true;
  machine.isStartAsked = false;
  if (machine.isStopRequested) turn.commands.push({ kind: "belt", run: false });
}

/**
 * The sorter does not say whether it took a permission or its withdrawal, and either may be lost
 * while everything looks healthy (PF-16): parcels would come without end, or never again.
 */
export function permitAgain(turn: Turn): void {
  const { machine } = turn.state;
  if (turn.event.at - machine.permissionSaidAt < permitAgainMs) return;
  askInduction(turn, machine.isInductionPermitted);
}
const permitAgainMs = 5_000;

function askInduction(turn: Turn, isPermitted: boolean): void {
  turn.state.machine.permissionSaidAt = turn.event.at;
  turn.commands.push({ kind: "induction", isPermitted });
}

/**
 * A sorter that was away, or has a new session, may not know what we asked of it before. A belt that
 * somebody stopped is never started by this: an agent that was started anew does not know why.
 */
export function askAgain(turn: Turn): void {
  const { machine, belt } = turn.state;
  if (belt.epoch === null) return;
  askInduction(turn, machine.isInductionPermitted);
  if (machine.isStopRequested) turn.commands.push({ kind: "belt", run: false });
}

/** Why parcels may not be inducted, as codes for people; the part before the colon is the word. */
function conditionsOf(turn: Turn): string[] {
  const { state, config } = turn;
  const conditions: string[] = [];
  if (state.machine.uninvited.length > 0) conditions.push("unexpectedInGreen");
  if (state.shift.greensToRecall !== null) conditions.push("readsShifted");
  if (state.belt.emergencyStop) conditions.push("emergencyStop");
  for (const deviceId of mandatoryDevices(config)) {
    if (state.devices.get(deviceId) !== "receiving") {
      conditions.push(`deviceDown:${deviceId}`);
    }
  }
  if (config.layout.xray !== null && !state.isXrayReady) {
    const { xrayReason } = state;
    conditions.push(xrayReason === null ? "xrayNotReady" : `xrayNotReady:${xrayReason}`);
  }
  for (const { eyeId } of jamsOf(state)) conditions.push(`jam:${eyeId}`);
  if (!state.reader.isInStep || !state.witness.isInStep) conditions.push("readerOutOfStep");
  for (const [guardId, code] of state.openGuards) conditions.push(`${code}:${guardId}`);
  if (state.tunnel.isConfused) conditions.push("tunnelUnknown");
  if (state.passes.length >= config.tracking.passesOnBeltMax) conditions.push("beltFull");
  for (const exit of servedExits(config)) {
    if (state.chutes[exit].state !== "ready") conditions.push(`chuteNotReady:${exit}`);
  }
  return conditions;
}

/** A scale is not mandatory for running: without a weight parcels are doubted, one by one. */
const mandatoryDevices = oncePerLine(({ layout }) => {
  const ids = [layout.sorterId, layout.scanner.deviceId];
  if (layout.witness !== null) ids.push(layout.witness.deviceId);
  if (layout.xray !== null) ids.push(layout.xray.deviceId);
  return ids;
});

/** The exits that a parcel can leave by. */
export const servedExits = oncePerLine(({ layout: { end, diverters } }) =>
  exits.filter((exit) => exit === end.exit || diverters.some((each) => each.exit === exit)),
);

/** Doubt has no room, and a parcel is about to arrive where doubt goes. */
function isInspectionAboutToOverflow(turn: Turn): boolean {
  const { state, config, event } = turn;
  return fullPlacesMm(state, config).some((atMm) =>
    state.passes.some(
      (pass) =>
        event.count >= stopAtCount(pass, atMm, config) &&
        state.belt.reportedCount < countAt(pass, atMm, config),
    ),
  );
}

/** The belt's end and the way to inspection, where the exit behind them takes nothing more. */
function fullPlacesMm({ chutes }: LineState, config: LineConfig): readonly number[] {
  const places = doubtPlaces(config);
  if (places.every(({ exit }) => chutes[exit].state === "ready")) return nowhere;
  return places.filter(({ exit }) => chutes[exit].state !== "ready").map(({ atMm }) => atMm);
}
const nowhere: readonly number[] = [];

const doubtPlaces = oncePerLine(({ layout: { end, diverters } }) => [
  end,
  ...diverters.filter(({ exit }) => exit === "inspection"),
]);

/** A second of belt before: what it takes to ask, and for the belt to stand. */
const stopAtCount = (pass: Pass, atMm: number, config: LineConfig): number =>
  countAt(pass, atMm - config.belt.speedMmPerS, config);

/** Count at which a belt that leads to a full exit must be asked to stop. */
export function overflowAtCount(turn: Pick<Turn, "state" | "config">): number {
  const { state, config } = turn;
  if (state.machine.isStopRequested) return Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  for (const atMm of fullPlacesMm(state, config)) {
    for (const pass of state.passes) {
      // Whoever is past it already is no reason to stop.
      if (state.belt.reportedCount >= countAt(pass, atMm, config)) continue;
      next = Math.min(next, stopAtCount(pass, atMm, config));
    }
  }
  return next;
}

/** OPC 30050: Held has an inner cause, Suspended an outer one. */
function packmlOf(state: LineState, conditions: readonly string[]): PackmlState {
  if (state.belt.epoch === null) return "Stopped";
  if (state.belt.emergencyStop) return "Aborted";
  const isOuter = (condition: string): boolean =>
    condition.startsWith("chuteNotReady") || condition.startsWith("xrayNotReady");
  if (conditions.some((condition) => !isOuter(condition))) return "Held";
  if (conditions.length > 0) return "Suspended";
  return state.belt.isRunning ? "Execute" : "Stopped";
}

const sameWords = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((word, index) => word === other[index]);
