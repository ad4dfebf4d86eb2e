import { deviceReason, isSameDeviceReason } from "../../../protocols/device-reasons.ts";
import type { StampedFact } from "../../../protocols/facts.ts";
import type { BeltMotion, UpMessage } from "../../../protocols/link.ts";
import { openly } from "../../../protocols/reasons.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import type {
  AlarmView,
  CentreView,
  DeviceView,
  LineView,
  ParcelView,
  Scene,
  TaskView,
} from "../../../protocols/ui/scene.ts";
import type { SceneOp } from "../../../protocols/ui/socket.ts";
import { beltCount, epochMs, monotonicMs } from "../../../protocols/units.ts";
import type { BeltCount, EpochMs, MonotonicMs } from "../../../protocols/units.ts";
import type { CentreConfig, CentreLineConfig } from "../config.ts";
import type { PassBook, PassState } from "../lines/passes.ts";

/**
 * What the page draws. A reducer over facts, motion and health: it marks what changed and says it
 * when asked (`takeOps`), so that ten thousand facts a second cost as many marks, and a record that
 * changed often between two deltas is sent once, as it is then.
 */
export interface SceneState {
  readonly lines: Map<string, LineState>;
  readonly devices: Map<string, DeviceView>;
  readonly passes: PassBook;
  readonly tasks: ReadonlyMap<string, TaskView>;
  /** Those that stand, by id. */
  readonly alarms: Map<string, AlarmView>;
  centre: CentreView;
  readonly changed: Map<string, Mark>;
}

interface LineState {
  readonly config: CentreLineConfig;
  view: LineView;
  /** When `view.motion` arrived; null before the first. */
  motionAt: MonotonicMs | null;
  /** The motion that was told to the page last. */
  toldMotion: LineView["motion"];
  /** False while the line's journal is refused here. */
  isJournalTaken: boolean;
  /** What its journal has told last, and what its controller says beside it. */
  toldConditions: readonly string[];
  controllerConditions: readonly string[];
}

type Mark =
  | { readonly kind: "line" | "device" | "parcel" | "task" | "alarm"; readonly key: string }
  | { readonly kind: "centre" };

/** A belt that is this close to where the page thinks it is need not be told of. */
const motionToleranceMm = 10;
/** But at least so often. */
const motionEveryMs = 1_000;
/** A motion older than this on arrival comes from a calendar that does not agree with ours. */
const motionAgeMsMax = 2_000;
/** A parcel whose rear has not been seen yet is drawn with this length. */
const unknownLengthMm = 300;

export function newScene(
  config: CentreConfig,
  passes: PassBook,
  tasks: ReadonlyMap<string, TaskView>,
  startedAt: EpochMs,
): SceneState {
  const lines = new Map(config.lines.map((line) => [line.id, newLine(line)]));
  const devices = new Map<string, DeviceView>();
  for (const line of config.lines) {
    for (const { id, kind } of line.devices) {
      const reason = notHeard;
      devices.set(id, { id, lineId: line.id, kind, health: "down", reason, since: startedAt });
    }
  }
  const centre: CentreView = { startedAt, agents: [], broker: "down" };
  return { lines, devices, passes, tasks, alarms: new Map(), centre, changed: new Map() };
}

/** After `takeFact`; `touched` are the passes the fact was about or ended. */
export function applyFact(
  scene: SceneState,
  stamped: StampedFact,
  touched: readonly PassState[],
): void {
  for (const pass of touched) mark(scene, { kind: "parcel", key: pass.passId });
  const line = scene.lines.get(stamped.lineId);
  if (line !== undefined) applyToLine(scene, line, stamped);
}

/** `by` is 1 for a parcel that left, or what was counted before the centre went down. */
export function countExit(scene: SceneState, lineId: string, exit: Exit, by: number): void {
  const line = scene.lines.get(lineId);
  if (line === undefined) return;
  line.view = withExit(line.view, exit, { count: line.view.exits[exit].count + by });
  mark(scene, { kind: "line", key: lineId });
}

/**
 * `at` and `wall` are the centre's own clocks at arrival. A message may tell of a moment before it
 * was sent; how long before is known as far as the agent's calendar agrees with ours.
 */
export function applyMotion(
  scene: SceneState,
  motion: BeltMotion,
  at: MonotonicMs,
  wall: EpochMs,
): void {
  const line = scene.lines.get(motion.lineId);
  if (line === undefined) return;
  const { count, speedMmPerS, isRunning, emergencyStop, wallAt } = motion;
  const isAgeKnown = wall >= wallAt && wall - wallAt <= motionAgeMsMax;
  const ageMs = isAgeKnown ? wall - wallAt : 0;
  const told = { count, speedMmPerS, isRunning, emergencyStop, at: epochMs(wall - ageMs) };
  line.view = { ...line.view, motion: told };
  line.motionAt = monotonicMs(at - ageMs);
  if (isWorthTelling(line, told)) mark(scene, { kind: "line", key: motion.lineId });
}

export function applyHealth(
  scene: SceneState,
  message: Extract<UpMessage, { kind: "health" }>,
  wall: EpochMs,
): void {
  for (const { id, health, reason, clock } of message.devices) {
    setHealth(scene, message.lineId, id, { health, reason }, wall);
    setClock(scene, message.lineId, id, clock);
  }
}

/** Devices are known through their line's agent: while it is silent none of them is received. */
export function setHeard(scene: SceneState, lineId: string, isHeard: boolean, wall: EpochMs): void {
  const line = scene.lines.get(lineId);
  if (line === undefined || line.view.isHeard === isHeard) return;
  line.view = { ...line.view, isHeard };
  mark(scene, { kind: "line", key: lineId });
  if (isHeard) return;
  for (const device of scene.devices.values()) {
    setHealth(scene, lineId, device.id, asUnheard(device), wall);
  }
}

/** What the line's journal does not tell here any more, the page must not show as if it were so. */
export function setJournalTaken(scene: SceneState, lineId: string, isTaken: boolean): void {
  const line = scene.lines.get(lineId);
  if (line === undefined || line.isJournalTaken === isTaken) return;
  line.isJournalTaken = isTaken;
  showConditions(scene, line);
}

/** A controller that is about to end tells it beside its journal, which it may not write any more. */
export function setController(
  scene: SceneState,
  lineId: string,
  conditions: readonly string[],
): void {
  const line = scene.lines.get(lineId);
  if (line === undefined) return;
  line.controllerConditions = conditions;
  showConditions(scene, line);
}

const journalNotTaken = "journalNotTaken";

const conditionsOf = (line: LineState): string[] => [
  ...(line.isJournalTaken ? [] : [journalNotTaken]),
  ...line.controllerConditions,
  ...line.toldConditions,
];

function showConditions(scene: SceneState, line: LineState): void {
  line.view = { ...line.view, conditions: conditionsOf(line) };
  mark(scene, { kind: "line", key: line.config.id });
}

export const touchParcel = (scene: SceneState, passId: string): void =>
  mark(scene, { kind: "parcel", key: passId });

export function setCentre(scene: SceneState, centre: CentreView): void {
  scene.centre = centre;
  mark(scene, { kind: "centre" });
}

/** An alarm as it is now. */
export function setAlarm(scene: SceneState, alarm: AlarmView): void {
  if (alarm.state === "active") scene.alarms.set(alarm.id, alarm);
  else if (!scene.alarms.delete(alarm.id)) return;
  mark(scene, { kind: "alarm", key: alarm.id });
}

export const touchTask = (scene: SceneState, taskId: string): void =>
  mark(scene, { kind: "task", key: taskId });

/** Where the belt is now, as far as it can be told; null before the first motion. */
export function countNow(scene: SceneState, lineId: string, at: MonotonicMs): BeltCount | null {
  const line = scene.lines.get(lineId);
  if (line === undefined || line.motionAt === null) return null;
  return extrapolate(line, line.view.motion, at - line.motionAt);
}

export function sceneSnapshot(scene: SceneState): Scene {
  const parcel: Scene["parcel"] = {};
  for (const open of scene.passes.openByLine.values()) {
    for (const passId of open) {
      const view = parcelView(scene, passId);
      if (view !== null) parcel[passId] = view;
    }
  }
  return {
    line: Object.fromEntries([...scene.lines].map(([id, line]) => [id, line.view])),
    device: Object.fromEntries(scene.devices),
    parcel,
    task: Object.fromEntries(scene.tasks),
    alarm: Object.fromEntries(scene.alarms),
    centre: { centre: scene.centre },
  };
}

/** What has changed since the last call, each record once and as it is now. */
export function takeOps(scene: SceneState): readonly SceneOp[] {
  const marks = [...scene.changed.values()];
  scene.changed.clear();
  return marks.flatMap((mark) => opOf(scene, mark) ?? []);
}

function opOf(scene: SceneState, mark: Mark): SceneOp | null {
  if (mark.kind === "centre") return { put: "centre", value: scene.centre };
  const { kind, key } = mark;
  const drop: SceneOp = { drop: kind, key };
  switch (kind) {
    case "line": {
      const line = scene.lines.get(key);
      if (line === undefined) return drop;
      line.toldMotion = line.view.motion;
      return { put: kind, value: line.view };
    }
    case "device": {
      const value = scene.devices.get(key);
      return value === undefined ? drop : { put: kind, value };
    }
    case "task": {
      const value = scene.tasks.get(key);
      return value === undefined ? drop : { put: kind, value };
    }
    case "alarm": {
      const value = scene.alarms.get(key);
      return value === undefined ? drop : { put: kind, value };
    }
    case "parcel": {
      const value = parcelView(scene, key);
      return value === null ? drop : { put: kind, value };
    }
  }
}

/** Null for a parcel that is not on a belt. */
function parcelView(scene: SceneState, passId: string): ParcelView | null {
  const pass = scene.passes.byId.get(passId);
  if (pass === undefined || pass.isEnded || pass.frontCount === null) return null;
  return {
    passId,
    lineId: pass.lineId,
    frontCount: pass.frontCount,
    lengthMm: pass.lengthMm ?? unknownLengthMm,
    waybill: pass.waybill,
    tracking: pass.reasons.some(({ code }) => placeDoubts.has(code)) ? "unknown" : "sure",
    imaged: pass.imageHash !== null,
    decided: pass.decided,
    // One scene goes to every role, so that it tells what all of them may know.
    reasons: openly(pass.reasons),
  };
}

/** Reasons that say: nobody knows for sure which parcel is where. */
const placeDoubts: ReadonlySet<string> = new Set([
  "trackingLost",
  "trackingExtra",
  "neighbourLost",
  "restart",
  "beltFault",
  "eventsLost",
]);

function applyToLine(scene: SceneState, line: LineState, stamped: StampedFact): void {
  const { fact, wallAt, count } = stamped;
  const key = line.config.id;
  switch (fact.kind) {
    case "lineState": {
      const { state, inductionPermitted } = fact;
      line.toldConditions = fact.conditions;
      line.view = { ...line.view, state, inductionPermitted, conditions: conditionsOf(line) };
      break;
    }
    case "chute":
      line.view = withExit(line.view, fact.exit, { state: fact.state, fillPct: fact.fillPct });
      break;
    case "deviceHealth": {
      // A fact may be old: the copies of a silent agent's journal tell how it was.
      const told = line.view.isHeard ? fact : asUnheard(fact);
      return setHealth(scene, key, fact.deviceId, told, wallAt);
    }
    case "inducted":
    case "measured":
    case "identified":
    case "notIdentified":
    case "weighed":
    case "claimAnswered":
    case "imaged":
    case "pictured":
    case "algorithmAnswered":
    case "officerAnswered":
    case "reasonRaised":
    case "reasonDischarged":
    case "decided":
    case "commanded":
    case "aborted":
    case "left":
    case "lost":
    case "recallWanted":
    case "readerProved":
    case "sessionOpened":
    case "notice":
      return;
    case "alarm":
    case "condition":
      if (fact.code !== "beltUnknown" || (fact.kind === "condition" && !fact.holds)) return;
      line.view = { ...line.view, knownFromCount: count };
      break;
  }
  mark(scene, { kind: "line", key });
}

type ToldHealth = Pick<DeviceView, "health" | "reason">;

const notHeard = deviceReason("agentNotHeard");

const asUnheard = ({ health, reason }: ToldHealth): ToldHealth =>
  health === "receiving" ? { health: "stale", reason: notHeard } : { health, reason };

function setHealth(
  scene: SceneState,
  lineId: string,
  deviceId: string,
  told: ToldHealth,
  wallAt: EpochMs,
): void {
  const device = scene.devices.get(deviceId);
  if (device === undefined || device.lineId !== lineId) return;
  const { health, reason } = told;
  const isKnown = device.health === health && isSameDeviceReason(device.reason, reason);
  if (isKnown && device.reason?.detail === reason?.detail) return;
  const since = device.health === health ? device.since : wallAt;
  scene.devices.set(deviceId, { ...device, health, reason, since });
  mark(scene, { kind: "device", key: deviceId });
}

/** Undefined: it tells no time, or has not told it often enough. */
function setClock(
  scene: SceneState,
  lineId: string,
  deviceId: string,
  clock: DeviceView["clock"],
): void {
  const device = scene.devices.get(deviceId);
  if (device === undefined || device.lineId !== lineId) return;
  const { clock: before, ...rest } = device;
  if (before?.offsetMs === clock?.offsetMs && before?.boundMs === clock?.boundMs) return;
  scene.devices.set(deviceId, clock === undefined ? rest : { ...rest, clock });
  mark(scene, { kind: "device", key: deviceId });
}

function mark(scene: SceneState, mark: Mark): void {
  const key = mark.kind === "centre" ? mark.kind : `${mark.kind} ${mark.key}`;
  if (!scene.changed.has(key)) scene.changed.set(key, mark);
}

function withExit(view: LineView, exit: Exit, change: Partial<LineView["exits"][Exit]>): LineView {
  return { ...view, exits: { ...view.exits, [exit]: { ...view.exits[exit], ...change } } };
}

function isWorthTelling(line: LineState, now: LineView["motion"]): boolean {
  const told = line.toldMotion;
  const afterMs = now.at - told.at;
  if (now.isRunning !== told.isRunning || now.emergencyStop !== told.emergencyStop) return true;
  if (afterMs >= motionEveryMs || afterMs < 0) return true;
  const expected = extrapolate(line, told, afterMs);
  return Math.abs(now.count - expected) * line.config.belt.mmPerCount > motionToleranceMm;
}

function extrapolate(line: LineState, from: LineView["motion"], afterMs: number): BeltCount {
  if (!from.isRunning) return from.count;
  const mm = (from.speedMmPerS * afterMs) / 1_000;
  return beltCount(Math.floor(from.count + mm / line.config.belt.mmPerCount));
}

function newLine(config: CentreLineConfig): LineState {
  const motion = {
    count: beltCount(0),
    speedMmPerS: 0,
    isRunning: false,
    emergencyStop: false,
    at: epochMs(0),
  };
  const exit = { count: 0, state: "unknown", fillPct: 0 } as const;
  const view: LineView = {
    id: config.id,
    mode: config.mode,
    state: "Stopped",
    inductionPermitted: false,
    conditions: [],
    isHeard: false,
    knownFromCount: null,
    lengthMm: config.lengthMm,
    mmPerCount: config.belt.mmPerCount,
    beltPlaces: config.beltPlaces,
    motion,
    exits: { green: exit, red: exit, inspection: exit },
  };
  return {
    config,
    view,
    motionAt: null,
    toldMotion: motion,
    isJournalTaken: true,
    toldConditions: [],
    controllerConditions: [],
  };
}
