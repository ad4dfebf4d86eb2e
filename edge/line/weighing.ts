import type { WeightProof } from "../../protocols/scale/weight-proof.ts";
import { oncePerLine, type LineConfig, type WeightBinding } from "./config.ts";
import type { LineEventBody } from "./events.ts";
import type { Pass } from "./state.ts";
import { assumedLengthMm, fitsLength, frontMm, notify, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Which parcel a weight is of (law 16). It goes to the parcel whose middle is nearest to the
 * platform's, and proves something only if the scale says of its own that it is this one: by the
 * token that it was sent. One that speaks of somebody else makes both doubtful. A scale that says
 * nothing of the kind, or only the length it has seen, speaks against parcels, never for them: boxes
 * of one length are many, and a scale that is one behind gives each the weight of the one before.
 * Where the layout says so, a length that is not what the eyes saw takes the weight with it, also one
 * that a token has proved: what was measured was not this parcel alone.
 */
export function takeWeight(
  turn: Turn,
  { weightG, proof, dimensionsMm }: Extract<LineEventBody, { kind: "weight" }>,
): void {
  const { scale } = turn.config.layout;
  if (scale === null) return;
  const nearest = nearestTo(turn);
  const named = passOfTrack(turn, proof);
  // Said once more by the scale's own word, as wires repeat it: what differs is a second weight.
  if (named !== null && named.isWeightProven && named.weightG === weightG) return;
  const why = strayOf(turn, { nearest, named, proof, binding: scale.binding });
  if (nearest !== null && why === "otherLength") {
    return refuseLength(turn, nearest, { weightG, proof });
  }
  if (nearest === null || why !== null) {
    const passId = nearest?.passId ?? null;
    notify(turn, { code: "strayWeight", passId, params: { weightG } });
    for (const pass of new Set([nearest, named])) {
      if (pass !== null) raise(turn, pass, { code: "weightUnsure" });
    }
    return;
  }
  nearest.weightG = weightG;
  nearest.isWeightProven = scale.binding.kind === "track";
  const measured = dimensionsMm === undefined ? {} : { dimensionsMm };
  turn.facts.push({ kind: "weighed", passId: nearest.passId, weightG, ...measured });
}

/**
 * Nobody's, the second of one parcel, another's by the scale's own word, or of one that is longer or
 * shorter than this; null for none of these.
 */
function strayOf(
  { config }: Turn,
  weight: {
    readonly nearest: Pass | null;
    readonly named: Pass | null;
    readonly proof: WeightProof;
    readonly binding: WeightBinding;
  },
): "nobodys" | "second" | "anothers" | "otherLength" | null {
  const { nearest, named, proof, binding } = weight;
  if (nearest === null) return "nobodys";
  if (nearest.weightG !== null) return "second";
  if (binding.kind === "track" && named !== nearest) return "anothers";
  if (binding.kind === "extent" && !fitsLength(nearest, proof.lengthMm, config)) return "anothers";
  return contradictsEyes(nearest, proof.lengthMm, config) ? "otherLength" : null;
}

/**
 * Where the layout says how far a measured length may be off, one that was not measured cannot be
 * compared, and is as good as a wrong one.
 */
function contradictsEyes(pass: Pass, lengthMm: number | undefined, config: LineConfig): boolean {
  const toleranceMm = config.layout.scale?.lengthToleranceMm;
  if (toleranceMm === undefined) return false;
  return lengthMm === undefined || Math.abs(lengthMm - assumedLengthMm(pass, config)) > toleranceMm;
}

/** The parcel is as one that was not weighed, and both lengths are told of it. */
function refuseLength(
  turn: Turn,
  pass: Pass,
  { weightG, proof }: Pick<Extract<LineEventBody, { kind: "weight" }>, "weightG" | "proof">,
): void {
  const { passId } = pass;
  if (proof.lengthMm === undefined) {
    notify(turn, { code: "strayWeight", passId, params: { weightG } });
    return raise(turn, pass, { code: "weightUnsure" });
  }
  const lengthMm = Math.round(proof.lengthMm);
  const lengths = { lengthMm, seenMm: Math.round(assumedLengthMm(pass, turn.config)) };
  notify(turn, { code: "weighedLengthDiffers", passId, params: { weightG, ...lengths } });
  raise(turn, pass, { code: "weightUnsure", params: lengths });
}

const passOfTrack = ({ state }: Turn, { track }: WeightProof): Pass | null =>
  track === undefined
    ? null
    : (state.passes.find(({ scaleToken }) => scaleToken === track) ?? null);

function nearestTo(turn: Turn): Pass | null {
  const { state, config, event } = turn;
  const place = placeOf(config);
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
  return nearest;
}

/** The platform's middle, and how far from it a parcel's middle may be. */
const placeOf = oncePerLine(({ layout: { scale }, tracking }) => ({
  atMm: scale === null ? 0 : (scale.fromMm + scale.toMm) / 2,
  reachMm: scale === null ? 0 : (scale.toMm - scale.fromMm) / 2 + tracking.lateMm,
}));
