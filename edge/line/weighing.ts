import type { WeightProof } from "../../protocols/scale/weight-proof.ts";
import { oncePerLine, type WeightBinding } from "./config.ts";
import type { LineEventBody } from "./events.ts";
import type { Pass } from "./state.ts";
import { fitsLength, frontMm, notify, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Which parcel a weight is of (law 16). It goes to the parcel whose middle is nearest to the
 * platform's, and proves something only if the scale says of its own that it is this one: by the
 * token that it was sent. One that speaks of somebody else makes both doubtful. A scale that says
 * nothing of the kind, or only the length it has seen, speaks against parcels, never for them: boxes
 * of one length are many, and a scale that is one behind gives each the weight of the one before.
 */
export function takeWeight(
  turn: Turn,
  { weightG, proof }: Extract<LineEventBody, { kind: "weight" }>,
): void {
  const { scale } = turn.config.layout;
  if (scale === null) return;
  const nearest = nearestTo(turn);
  const named = passOfTrack(turn, proof);
  // Said once more by the scale's own word, as wires repeat it: what differs is a second weight.
  if (named !== null && named.isWeightProven && named.weightG === weightG) return;
  const why = strayOf(turn, { nearest, named, proof, binding: scale.binding });
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
  turn.facts.push({ kind: "weighed", passId: nearest.passId, weightG });
}

/** Nobody's, the second of one parcel, or another's by the scale's own word; null for neither. */
function strayOf(
  { config }: Turn,
  weight: {
    readonly nearest: Pass | null;
    readonly named: Pass | null;
    readonly proof: WeightProof;
    readonly binding: WeightBinding;
  },
): "nobodys" | "second" | "anothers" | null {
  const { nearest, named, proof, binding } = weight;
  if (nearest === null) return "nobodys";
  if (nearest.weightG !== null) return "second";
  switch (binding.kind) {
    case "track":
      return named === nearest ? null : "anothers";
    case "extent":
      return fitsLength(nearest, proof.lengthMm, config) ? null : "anothers";
    case "none":
      return null;
  }
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
