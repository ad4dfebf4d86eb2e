import { isSameParams, ofLine, type Condition } from "../../protocols/alarms.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import type { BeltCount } from "../../protocols/units.ts";
import { countsIn, countsOf, oncePerLine, type LineConfig } from "./config.ts";
import { jamsOf } from "./jams.ts";
import { servedExits } from "./machine.ts";
import { readersOf } from "./reader.ts";
import type { LineState } from "./state.ts";
import { isSurelyStanding, type Turn } from "./turn.ts";

/**
 * What a person has to know of for as long as it lasts (`protocols/alarms.ts`). Nothing here is
 * raised or taken back where it happens: all of it is read off the state after every event, and a
 * change is told once. So an alarm cannot outlive its cause, and no cause can be without its alarm.
 */
export function tellConditions(turn: Turn): void {
  const { state, config, event, facts } = turn;
  const { toldConditions: told } = state;
  // Whoever listens has forgotten what an earlier session told.
  if (event.kind === "opened") told.clear();
  const holding = conditionsHolding(state, config);
  // Nearly always nothing has changed, and this is asked after every event.
  if (holding.length === told.size && holding.every((each) => isToldSo(told, each))) return;
  const ids = new Set(holding.map(idOf));
  for (const [id, condition] of told) {
    if (ids.has(id)) continue;
    told.delete(id);
    facts.push(factOf({ ...condition, passId: null }, false));
  }
  for (const condition of holding) {
    if (isToldSo(told, condition)) continue;
    told.set(idOf(condition), condition);
    facts.push(factOf(condition, true));
  }
}

/** Whether it has been told as holding, and with what is true of it now. */
function isToldSo(told: ReadonlyMap<string, Condition>, condition: Condition): boolean {
  const known = told.get(idOf(condition));
  return known !== undefined && isSameParams(known.params, condition.params);
}

const idOf = ({ code, key }: Condition): string => `${code} ${key}`;

const factOf = (condition: Condition, holds: boolean): ToldFact => ({
  kind: "condition",
  ...condition,
  holds,
});

/** Everything that holds now, in an order that is always the same. */
export function conditionsHolding(state: LineState, config: LineConfig): readonly Condition[] {
  const holding: Condition[] = [];
  if (state.belt.emergencyStop) {
    holding.push({ code: "emergencyStop", key: ofLine, passId: null, params: {} });
  }
  for (const { key, passId } of state.machine.uninvited) {
    holding.push({ code: "unexpectedInGreen", key, passId, params: { exit: "green" } });
  }
  const { greensToRecall } = state.shift;
  if (greensToRecall !== null) {
    const params = { greens: greensToRecall };
    holding.push({ code: "readsShifted", key: ofLine, passId: null, params });
  }
  for (const [guardId, code] of state.openGuards) {
    holding.push({ code, key: guardId, passId: null, params: { guardId } });
  }
  addDevices(holding, state, config);
  if (state.journalDoubt !== null) {
    // Why is told by the centre or stands in the agent's log; a line knows no more than the code.
    const params = { chain: config.lineId, why: "" };
    holding.push({ code: state.journalDoubt, key: ofLine, passId: null, params });
  }
  for (const { eyeId, passId } of jamsOf(state)) {
    holding.push({ code: "jam", key: eyeId, passId, params: { eyeId } });
  }
  addPlaces(holding, state, config);
  addBelt(holding, state, config);
  return holding;
}

/** A device that nobody has heard of yet does not answer either. */
function addDevices(holding: Condition[], state: LineState, config: LineConfig): void {
  for (const { code, deviceId } of devicesOf(config)) {
    if (state.devices.get(deviceId) === "receiving") continue;
    holding.push({ code, key: deviceId, passId: null, params: { deviceId } });
  }
  const { xray } = config.layout;
  if (xray === null || state.isXrayReady) return;
  const { deviceId } = xray;
  if (state.devices.get(deviceId) !== "receiving") return;
  holding.push({ code: "xrayNotReady", key: deviceId, passId: null, params: { deviceId } });
}

interface DeviceAlarm {
  readonly code: "sorterDown" | "xrayDown" | "deviceDown" | "annunciatorDown" | "cameraDown";
  readonly deviceId: string;
}

const devicesOf = oncePerLine(
  ({
    layout: { sorterId, scanner, witness, scale, xray, annunciatorId, cameraIds = [] },
  }): readonly DeviceAlarm[] => [
    { code: "sorterDown", deviceId: sorterId },
    { code: "deviceDown", deviceId: scanner.deviceId },
    ...(witness === null ? [] : [{ code: "deviceDown", deviceId: witness.deviceId } as const]),
    ...(scale === null ? [] : [{ code: "deviceDown", deviceId: scale.deviceId } as const]),
    ...(xray === null ? [] : [{ code: "xrayDown", deviceId: xray.deviceId } as const]),
    ...(annunciatorId === undefined
      ? []
      : [{ code: "annunciatorDown", deviceId: annunciatorId } as const]),
    ...cameraIds.map((deviceId) => ({ code: "cameraDown", deviceId }) as const),
  ],
);

function addPlaces(holding: Condition[], state: LineState, config: LineConfig): void {
  const { tunnel } = state;
  const { layout } = config;
  for (const { layout: reader, state: ledger } of readersOf({ state, config })) {
    if (ledger.unboundWhy === null) continue;
    const code = ledger.isInStep ? "readUnbound" : "readerOutOfStep";
    const { deviceId: key } = reader;
    holding.push({ code, key, passId: null, params: { why: ledger.unboundWhy } });
  }
  if (tunnel.isConfused && layout.xray !== null) {
    const key = layout.xray.deviceId;
    holding.push({ code: "tunnelUnknown", key, passId: null, params: { why: tunnel.why } });
  }
}

function addBelt(holding: Condition[], state: LineState, config: LineConfig): void {
  const { belt, chutes, eventsLost, passes, sessionFromCount, timeBreak } = state;
  // Before its first session a sorter has told nothing of its chutes, and that it is down is known.
  if (belt.epoch === null) return;
  if (isStanding(state)) {
    holding.push({ code: "beltStands", key: ofLine, passId: null, params: {} });
  }
  if (isOnBelt(sessionFromCount, state, config)) {
    holding.push({ code: "beltUnknown", key: belt.epoch, passId: null, params: {} });
  }
  if (eventsLost !== null && isOnBelt(eventsLost.atCount, state, config)) {
    const { missed } = eventsLost;
    holding.push({ code: "eventsLost", key: ofLine, passId: null, params: { missed } });
  }
  if (timeBreak !== null && isOnBelt(timeBreak.atCount, state, config)) {
    const { why } = timeBreak;
    holding.push({ code: "timeBreak", key: ofLine, passId: null, params: { why } });
  }
  if (passes.length >= config.tracking.passesOnBeltMax) {
    holding.push({ code: "beltFull", key: ofLine, passId: null, params: {} });
  }
  for (const exit of servedExits(config)) {
    if (chutes[exit].state === "ready") continue;
    const code = exit === "inspection" ? "inspectionNotReady" : "chuteNotReady";
    holding.push({ code, key: exit, passId: null, params: { exit } });
  }
}

/** It stands, and nothing that is known here is why: a person's doing, or a start that was lost. */
const isStanding = ({ belt, machine }: LineState): boolean =>
  isSurelyStanding(belt) && !belt.emergencyStop && !machine.isStopRequested;

/** Whether a parcel that was just inducted at that count may still be on the belt. */
const isOnBelt = (
  fromCount: BeltCount | null | undefined,
  { belt }: LineState,
  config: LineConfig,
): fromCount is BeltCount =>
  fromCount !== null &&
  fromCount !== undefined &&
  belt.reportedCount < fromCount + runOutCounts(config);

/** Counts from induction until the last eye has surely told of a front. */
const runOutCounts = oncePerLine((config) => {
  const { earlyMm, lateMm, eventLateMs } = config.tracking;
  return (
    countsOf(config.layout.end.atMm + earlyMm + lateMm, config) + countsIn(eventLateMs, config) + 1
  );
});

/** The count at which a condition is over once the sorter has reported it. */
export function runOutAtCount(state: LineState, config: LineConfig): number {
  let next = Number.POSITIVE_INFINITY;
  const { sessionFromCount, eventsLost, timeBreak } = state;
  for (const fromCount of [sessionFromCount, eventsLost?.atCount, timeBreak?.atCount]) {
    if (!isOnBelt(fromCount, state, config)) continue;
    next = Math.min(next, fromCount + runOutCounts(config));
  }
  return next;
}
