import type { Notice } from "../../protocols/alarms.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import type { Reason } from "../../protocols/reasons.ts";
import { beltCount, type BeltCount } from "../../protocols/units.ts";
import type { LineCommand } from "./commands.ts";
import { countsIn, countsOf, mmOf, oncePerLine, type LineConfig } from "./config.ts";
import type { LineEvent, Stamp } from "./events.ts";
import type { LineState, Pass } from "./state.ts";

/** One event being worked through: what came in, and what goes out because of it. */
export interface Turn {
  readonly state: LineState;
  readonly config: LineConfig;
  readonly event: LineEvent;
  readonly commands: LineCommand[];
  readonly facts: ToldFact[];
}

/** What a decision is made on: the line as it is, and what time and count it is. */
export interface Moment extends Pick<Turn, "state" | "config"> {
  readonly event: Pick<Stamp, "at" | "count">;
}

/** Adds a reason to a pass, once a code. Reasons only add up (law 3). */
export function raise(turn: Turn, pass: Pass, reason: Reason): void {
  if (pass.raised.some((known) => known.code === reason.code)) return;
  pass.raised.push(reason);
  turn.facts.push({ kind: "reasonRaised", passId: pass.passId, reason });
}

/** Tells a person of something that happened; what lasts is told by `conditions.ts`. */
export function notify(turn: Turn, notice: Notice): void {
  turn.facts.push({ kind: "notice", ...notice });
}

/** Count at which this pass's front is expected `atMm` along the belt. */
export const countAt = (pass: Pass, atMm: number, config: LineConfig): BeltCount =>
  beltCount(pass.frontCount + countsOf(atMm, config));

/** Whether a front that was seen `atMm` along the belt at `count` can be this pass's. */
export function isExpectedAt(pass: Pass, atMm: number, count: number, config: LineConfig): boolean {
  const { earlyMm, lateMm } = config.tracking;
  const offMm = mmOf(count - countAt(pass, atMm, config), config);
  return offMm >= -earlyMm && offMm <= lateMm;
}

/** Where a pass's front is at `count`, in millimetres from the induction eye. */
export const frontMm = (pass: Pass, count: number, config: LineConfig): number =>
  (count - pass.frontCount) * config.belt.mmPerCount;

/** It was told to stand, and nothing has been missed since. */
export const isSurelyStanding = ({ isRunning, isRunningSure }: LineState["belt"]): boolean =>
  !isRunning && isRunningSure;

/** Whether a pass may need something of us by now (`due.ts`). */
export const isDue = ({ state, event }: Turn): boolean => event.count >= state.due.atCount;

/** Whether something of a pass may be missing by what the sorter has reported (`due.ts`). */
export const isOverdue = ({ state }: Turn): boolean =>
  state.belt.reportedCount >= state.due.reportedCount;

/** Until its rear has been seen, a parcel may be as long as any. */
export const assumedLengthMm = (pass: Pass, config: LineConfig): number =>
  pass.lengthMm ?? config.tracking.lengthMmMax;

/** Whether a length that a device saw can be this pass's; one that is missing cannot. */
export const fitsLength = (pass: Pass, lengthMm: number | undefined, config: LineConfig): boolean =>
  lengthMm !== undefined &&
  Math.abs(lengthMm - assumedLengthMm(pass, config)) <= config.tracking.lengthToleranceMm;

export const rearMm = (pass: Pass, count: number, config: LineConfig): number =>
  frontMm(pass, count, config) - assumedLengthMm(pass, config);

/** Count at which this pass's rear is expected `atMm` along the belt. */
export const clearAtCount = (pass: Pass, atMm: number, config: LineConfig): BeltCount =>
  countAt(pass, atMm + assumedLengthMm(pass, config), config);

/** When this pass is given up if its next eye has not seen it. */
export const lostAtCountOf = oncePerLine((config) => {
  const { trackingEyes, end } = config.layout;
  // From induction until an eye has not seen a front in time.
  const after = ({ atMm }: { readonly atMm: number }): number =>
    countsOf(atMm + config.tracking.lateMm, config) +
    countsIn(config.tracking.eventLateMs, config) +
    1;
  const toEye = trackingEyes.map(after);
  const toEnd = after(end);
  return (pass: Pass): number => pass.frontCount + (toEye[pass.nextEye] ?? toEnd);
});

export function addPass(turn: Turn, pass: Pass): void {
  const { passes, byId } = turn.state;
  // Downstream first: the smaller the front count, the further along.
  const at = passes.findIndex((other) => other.frontCount > pass.frontCount);
  if (at === -1) passes.push(pass);
  else passes.splice(at, 0, pass);
  byId.set(pass.passId, pass);
  turn.facts.push({ kind: "inducted", passId: pass.passId, frontCount: pass.frontCount });
}

export function removePass(turn: Turn, pass: Pass): void {
  const at = turn.state.passes.indexOf(pass);
  if (at !== -1) turn.state.passes.splice(at, 1);
  turn.state.byId.delete(pass.passId);
}
