import { countsOf } from "./config.ts";
import type { Pass, StationStep } from "./state.ts";
import { frontMm, rearMm, type Turn } from "./turn.ts";

/**
 * A station that answers once a parcel and does not say of which one: its answers and the parcels
 * march in step. An answer too many or too few breaks the step, and then each answer is doubtful
 * until an empty stretch of belt has passed the station: otherwise each parcel would bear what
 * belongs to its neighbour.
 */
export interface Station {
  readonly step: StationStep;
  /** Where parcels are when it answers, millimetres from the induction eye. */
  readonly atMm: number;
  /** A parcel whose rear is beyond this is answered for, or never will be. */
  readonly clearMm: number;
  /** What was answered of this pass may be another's. */
  doubt(pass: Pass): void;
  /** The station has answered of this pass, rightly or not. */
  isAnswered(pass: Pass): boolean;
}

/** Whoever was answered last may bear what is not his, and so may whoever is near it now. */
export function loseStep(turn: Turn, station: Station, why: string): void {
  const { state, event, config } = turn;
  if (station.step.isInStep) station.step.why = why;
  station.step.isInStep = false;
  station.step.confusedAtCount = event.count;
  const { resyncMm } = config.tracking;
  for (const pass of state.passes) {
    const distanceMm = frontMm(pass, event.count, config) - station.atMm;
    const isNear = distanceMm > -resyncMm && distanceMm < resyncMm;
    if (isNear && station.isAnswered(pass)) station.doubt(pass);
  }
}

/** Back in step once nobody has been before the station for a stretch. Asked while it is not. */
export function regainStep(turn: Turn, station: Station): void {
  const { state, config, event } = turn;
  const { step, clearMm } = station;
  const isOccupied = state.passes.some(
    (pass) => rearMm(pass, event.count, config) < clearMm && frontMm(pass, event.count, config) > 0,
  );
  if (isOccupied) step.confusedAtCount = event.count;
  else if (event.count >= inStepAtCount(turn, step)) step.isInStep = true;
}

/** When the station is in step again if nothing else comes. */
export const inStepAtCount = (turn: Pick<Turn, "config">, step: StationStep): number =>
  step.isInStep
    ? Number.POSITIVE_INFINITY
    : step.confusedAtCount + countsOf(turn.config.tracking.resyncMm, turn.config);
