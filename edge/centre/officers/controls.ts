import type { z } from "zod";
import type { Actor } from "../../../protocols/actor.ts";
import type { StampedFact } from "../../../protocols/facts.ts";
import { isSecret, openly } from "../../../protocols/reasons.ts";
import type { Story, zControlAnswer, zControlRequest } from "../../../protocols/ui/http.ts";
import type { BeltCount } from "../../../protocols/units.ts";
import { lastUsefulCountOf, type CentreConfig } from "../config.ts";
import type { ManualControl } from "../../clearance/events.ts";
import { passesOf, type PassBook, type PassState } from "../lines/passes.ts";

/** What a manual control (人工布控) placed now can still do for its parcel (HMI S10). */
export type ControlEffect = z.infer<typeof zControlAnswer>["effect"];
export type ControlRequest = z.infer<typeof zControlRequest>;

interface ControlSurroundings {
  readonly config: CentreConfig;
  readonly passes: PassBook;
  readonly countNow: (lineId: string) => BeltCount | null;
  /** The centre has papers of such a parcel. */
  readonly isDocumented: boolean;
  /** `passes` has all that was told before the last restart. */
  readonly areStoriesRead: boolean;
}

/**
 * `waiting`: it will count when the parcel comes. `undocumented`: so it will, but nobody has told of
 * such a parcel, and the number may be wrong. `onBelt`: it comes before the last divert.
 * `intercept`: the parcel is past it, or left by green already, so a person must fetch it. `unseen`:
 * it was on a belt and nobody saw where it went, so a person must look for it; said as well while
 * stories of before a restart are not read, since it may have left by green in one of them.
 */
export function controlEffect(
  waybill: string,
  { config, passes, countNow, isDocumented, areStoriesRead }: ControlSurroundings,
): ControlEffect {
  const known = passesOf(passes, waybill);
  const open = known.filter((pass) => !pass.isEnded);
  if (open.some((pass) => isPast(config, pass, countNow))) return "intercept";
  if (open.length > 0) return "onBelt";
  const last = known.at(-1);
  if (last?.left?.exit === "green") return "intercept";
  if (!areStoriesRead || last?.left === null) return "unseen";
  return isDocumented ? "waiting" : "undocumented";
}

function isPast(
  config: CentreConfig,
  pass: PassState,
  countNow: (lineId: string) => BeltCount | null,
): boolean {
  const line = config.lines.find(({ id }) => id === pass.lineId);
  const count = countNow(pass.lineId);
  // Where the parcel is cannot be told, so somebody should go and look.
  if (line === undefined || count === null || pass.frontCount === null) return true;
  return count > lastUsefulCountOf(line, pass.frontCount);
}

export const controlOf = (request: ControlRequest, by: Actor): ManualControl => ({
  controlId: request.cmdId,
  waybill: request.waybill,
  reason: request.reason,
  by,
});

export const tellControl = (control: ManualControl): Story["controls"][number] => ({
  placedBy: control.by.name,
  station: control.by.station,
  reason: control.reason,
});

export const requestOf = (control: ManualControl): ControlRequest => ({
  cmdId: control.controlId,
  waybill: control.waybill,
  reason: control.reason,
  placedBy: control.by.name,
  station: control.by.station,
});

function factOpenly(stamped: StampedFact): readonly StampedFact[] {
  const { fact } = stamped;
  if (fact.kind === "decided") {
    return [{ ...stamped, fact: { ...fact, reasons: openly(fact.reasons) } }];
  }
  const hasReason =
    fact.kind === "reasonRaised" || fact.kind === "reasonDischarged" || fact.kind === "aborted";
  return hasReason && isSecret(fact.reason) ? [] : [stamped];
}

/** A pass for those who must not know what is controlled or drawn. */
export const withoutControls = (pass: Story["passes"][number]): Story["passes"][number] => ({
  ...pass,
  outcome: { ...pass.outcome, reasons: openly(pass.outcome.reasons) },
  timeline: pass.timeline.flatMap(factOpenly),
});
