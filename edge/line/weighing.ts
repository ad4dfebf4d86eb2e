import { countsIn, oncePerLine, type LineConfig } from "./config.ts";
import { loseStep, regainStep, type Station } from "./in-step.ts";
import type { Pass } from "./state.ts";
import { assumedLengthMm, countAt, frontMm, notify, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Which parcel a weight is of. The scale settles once a parcel and does not say for whom, so the
 * weight goes to the parcel whose middle is nearest to the platform's. One that never comes, or
 * comes for nobody, may have been given to a neighbour.
 */
export function takeWeight(turn: Turn, weightG: number): void {
  const { state, config, event } = turn;
  const place = placeOf(config);
  if (place === null) return;
  let nearest: Pass | null = null;
  let nearestMm = place.reachMm;
  for (const pass of state.passes) {
    const middleMm = (frontMm(pass, event.count, config) + rearMm(pass, event.count, config)) / 2;
    const distanceMm = Math.abs(middleMm - place.atMm);
    if (distanceMm < nearestMm) {
      nearest = pass;
      nearestMm = distanceMm;
    }
  }
  if (nearest === null || nearest.weightG !== null) {
    notify(turn, {
      code: "strayWeight",
      passId: nearest?.passId ?? null,
      params: { weightG },
    });
    // The first may have been its neighbour's, come late.
    if (nearest !== null) doubtWeight(turn, nearest);
    return loseScaleStep(turn, "strayWeight");
  }
  nearest.weightG = weightG;
  turn.facts.push({ kind: "weighed", passId: nearest.passId, weightG });
  if (!state.scale.isInStep) doubtWeight(turn, nearest);
}

/** Passes whose weight never came; called after every event. */
export function findUnweighed(turn: Turn): void {
  const { state, config } = turn;
  const place = placeOf(config);
  if (place === null) return;
  for (const pass of state.passes) {
    if (pass.isWeighingOver || state.belt.reportedCount < unweighedAtCount(pass, config)) continue;
    pass.isWeighingOver = true;
    if (pass.weightG === null) loseScaleStep(turn, "weightMissing");
  }
  if (state.scale.isInStep) return;
  const station = scaleOf(turn);
  if (station !== null) regainStep(turn, station);
}

/** When no weight of this pass can come any more. */
export function unweighedAtCount(pass: Pass, config: LineConfig): number {
  const place = placeOf(config);
  if (place === null || pass.isWeighingOver) return Number.POSITIVE_INFINITY;
  const goneMm = place.atMm + place.reachMm + assumedLengthMm(pass, config) / 2;
  return countAt(pass, goneMm, config) + countsIn(config.tracking.eventLateMs, config) + 1;
}

/** A scale that is known to be silent owes nobody anything: its parcels are doubted one by one. */
function loseScaleStep(turn: Turn, why: string): void {
  const station = scaleOf(turn);
  if (station === null || turn.state.devices.get(station.deviceId) !== "receiving") return;
  loseStep(turn, station, why);
}

function scaleOf(turn: Turn): (Station & { readonly deviceId: string }) | null {
  const { state, config } = turn;
  const { scale } = config.layout;
  const place = placeOf(config);
  if (scale === null || place === null) return null;
  return {
    deviceId: scale.deviceId,
    step: state.scale,
    atMm: place.atMm,
    clearMm: scale.toMm + config.tracking.lateMm,
    doubt: (pass) => doubtWeight(turn, pass),
    isAnswered: (pass) => pass.weightG !== null,
  };
}

/** The platform's middle, and how far from it a parcel's middle may be. */
const placeOf = oncePerLine(({ layout: { scale }, tracking }) =>
  scale === null
    ? null
    : {
        atMm: (scale.fromMm + scale.toMm) / 2,
        reachMm: (scale.toMm - scale.fromMm) / 2 + tracking.lateMm,
      },
);

const doubtWeight = (turn: Turn, pass: Pass): void => raise(turn, pass, { code: "weightUnsure" });
