import type { DecisionRules } from "../decision/rules.ts";
import { isPlausibleWeight } from "../decision/weight.ts";
import { lookup } from "./clearance-mirror.ts";
import type { Pass } from "./state.ts";
import { raise, type Moment, type Turn } from "./turn.ts";

/**
 * Watches for labels that have slipped by one, whatever the readers say of themselves: two parcels
 * running whose weights fit a neighbour's papers and not their own. Then everything since is doubt,
 * the belt is stopped, and every parcel that left by green since a weight last told its parcel from
 * its neighbours is listed for recall.
 */
export function watchShift(turn: Turn, pass: Pass): void {
  const { shift } = turn.state;
  const { weight } = turn.config.rules;
  const ownG = declaredOf(turn, pass);
  const aheadG = shift.ahead.at(-1)?.declaredG ?? null;
  const neighboursG = [aheadG, behindG(turn, pass)].filter((each) => each !== null);
  shift.ahead = [...shift.ahead, { passId: pass.passId, declaredG: ownG }].slice(
    -witnessPlaces - 1,
  );
  if (weight === null || pass.weightG === null || ownG === null) return;
  const { weightG } = pass;
  const fits = (declaredG: number): boolean => isPlausibleWeight(weightG, declaredG, weight);
  const fitsNeighbour = neighboursG.some(fits);
  if (fits(ownG)) {
    shift.inARow = 0;
    // A weight that would fit the neighbours' papers as well tells nobody apart.
    if (!fitsNeighbour) shift.greens = [];
    return;
  }
  shift.inARow = fitsNeighbour ? shift.inARow + 1 : 0;
  if (shift.inARow >= shiftedInARow) tellShift(turn);
}

const shiftedInARow = 2;

/** More than leave by green in two hours; what goes beyond has a number in the journal still. */
const greensKeptMax = 2_000;

/** A parcel has left by green, by our command. */
export function noteGreen(turn: Turn, { passId, identity }: Pass): void {
  const { shift } = turn.state;
  if (identity.kind !== "one") return;
  shift.greens = [...shift.greens, { passId, waybill: identity.waybill }].slice(-greensKeptMax);
}

function tellShift(turn: Turn): void {
  const { shift, passes } = turn.state;
  shift.inARow = 0;
  shift.greensToRecall = (shift.greensToRecall ?? 0) + shift.greens.length;
  for (const green of shift.greens) turn.facts.push({ kind: "recallWanted", ...green });
  shift.greens = [];
  for (const pass of passes) raise(turn, pass, { code: "readsShifted" });
}

/** What the papers of the next parcel on the belt declare. */
function behindG(turn: Turn, pass: Pass): number | null {
  const { passes } = turn.state;
  const next = passes[passes.indexOf(pass) + 1];
  return next === undefined ? null : declaredOf(turn, next);
}

/** Gross weight that the papers of this pass's label declare; null without valid papers. */
export function declaredOf({ state, event }: Moment, { identity }: Pass): number | null {
  if (identity.kind !== "one") return null;
  const { record } = lookup(state.mirror, identity.waybill, event.at);
  return record?.declared.grossWeightG ?? null;
}

/** How far around a parcel its weight must fit nobody else's papers, to tell it from them. */
const witnessPlaces = 3;

/**
 * Where nothing binds a read: does the weight, bound by the scale itself, tell this parcel from its
 * neighbours? It must fit its own papers and nobody else's within three places, of whom all papers
 * have to be known.
 */
export function isWitnessedByWeight(
  moment: Moment,
  pass: Pass,
  weight: DecisionRules["weight"],
): boolean {
  const { weightG, isWeightProven } = pass;
  const { passes } = moment.state;
  const ownG = declaredOf(moment, pass);
  if (weight === null || weightG === null || !isWeightProven || ownG === null) return false;
  if (!isPlausibleWeight(weightG, ownG, weight)) return false;
  const at = passes.indexOf(pass);
  const around = [
    // Who has left already stands for its place by what its papers declared.
    ...moment.state.shift.ahead.filter(({ passId }) => passId !== pass.passId),
    ...passes
      .slice(Math.max(0, at - witnessPlaces), at + witnessPlaces + 1)
      .filter((other) => other !== pass)
      .map((other) => ({ declaredG: declaredOf(moment, other) })),
  ];
  return around.every(
    ({ declaredG }) => declaredG !== null && !isPlausibleWeight(weightG, declaredG, weight),
  );
}
