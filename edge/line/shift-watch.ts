import { isPlausibleWeight } from "../decision/weight.ts";
import { lookup } from "./clearance-mirror.ts";
import type { Pass, ShiftState } from "./state.ts";
import { raise, type Turn } from "./turn.ts";

/**
 * Watches for labels that have slipped by one, whatever the readers say of themselves: two parcels
 * running whose weights fit a neighbour's papers and not their own. Then everything since is doubt,
 * the belt is stopped, and every parcel that left by green since a weight last told its parcel from
 * its neighbours is listed for recall.
 *
 * Where parcels come far apart a parcel is decided before the one behind it has been read, and it is
 * that one which bears its papers if labels have slipped. So its weight is kept until they are known.
 */
export function watchShift(turn: Turn, pass: Pass): void {
  const { shift } = turn.state;
  const { weight } = turn.config.rules;
  const { weightG } = pass;
  const ownG = declaredOf(turn, pass);
  const { last } = shift;
  shift.last = { declaredG: ownG, openWeightG: null };
  if (weight === null) return;
  if (last !== null && last.openWeightG !== null) judge(turn, last, [ownG]);
  if (weightG === null || ownG === null) return;
  const aheadG = last?.declaredG ?? null;
  const nextG = behindG(turn, pass);
  const isJudged = nextG !== null || fitsAny(turn, weightG, [aheadG]);
  if (isJudged) judge(turn, { openWeightG: weightG, declaredG: ownG }, [aheadG, nextG]);
  else shift.last = { declaredG: ownG, openWeightG: weightG };
}

/** Neighbours whose papers are not known fit nothing; without any that are known nothing is said. */
function judge(
  turn: Turn,
  { openWeightG, declaredG }: NonNullable<ShiftState["last"]>,
  neighboursG: readonly (number | null)[],
): void {
  const { shift } = turn.state;
  if (openWeightG === null || neighboursG.every((each) => each === null)) return;
  const fitsNeighbour = fitsAny(turn, openWeightG, neighboursG);
  if (fitsAny(turn, openWeightG, [declaredG])) {
    shift.inARow = 0;
    // A weight that would fit the neighbours' papers as well tells nobody apart.
    if (!fitsNeighbour) shift.greens = [];
    return;
  }
  shift.inARow = fitsNeighbour ? shift.inARow + 1 : 0;
  if (shift.inARow >= shiftedInARow) tellShift(turn);
}

const fitsAny = (
  { config: { rules } }: Turn,
  weightG: number,
  papersG: readonly (number | null)[],
): boolean =>
  papersG.some(
    (each) =>
      each !== null && rules.weight !== null && isPlausibleWeight(weightG, each, rules.weight),
  );

const shiftedInARow = 2;

/** More than leave by green in two hours; what goes beyond has a number in the journal still. */
const greensKeptMax = 2_000;

/** A parcel has left by green, by our command. */
export function noteGreen(turn: Turn, { passId, identity }: Pass): void {
  const { shift } = turn.state;
  if (identity.kind !== "one") return;
  // On its way already when the shift was found: it is one of those to be fetched back.
  if (shift.greensToRecall !== null) {
    shift.greensToRecall += 1;
    turn.facts.push({ kind: "recallWanted", passId, waybill: identity.waybill });
    return;
  }
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
function declaredOf({ state, event }: Turn, { passId, identity }: Pass): number | null {
  if (identity.kind !== "one") return null;
  const { record } = lookup(state.mirror, { passId, waybill: identity.waybill }, event.at);
  return record?.declared.grossWeightG ?? null;
}
