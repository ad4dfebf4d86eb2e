import type { Pass } from "./state.ts";
import { raise, type Turn } from "./turn.ts";

/**
 * A controller that follows parcels by itself has a number of its own for each, and tells it with the
 * front at each eye. Ours is tied to it at induction (law 6): where the two disagree later, one of us
 * has taken one parcel for another, and whoever it may be is unknown from then on. That they agree
 * proves nothing and takes no reason away, since both may follow the same wrong count.
 */
export function bindTrack(turn: Turn, pass: Pass): void {
  const number = frontNumber(turn);
  if (number === null) return;
  if (number === 0) return doubt(turn, pass, "trackMissing");
  const bearer = bearerOf(turn, number);
  if (bearer === null) {
    pass.track = number;
    return;
  }
  doubt(turn, bearer, "trackTwice");
  doubt(turn, pass, "trackTwice");
}

/** Whether the number that came with this front is the one of the pass that our counts have found. */
export function isTrackOf(turn: Turn, pass: Pass): boolean {
  const number = frontNumber(turn);
  if (number === null || number === pass.track) return true;
  doubt(turn, pass, number === 0 ? "trackMissing" : "trackOther");
  doubtBearer(turn, number);
  return false;
}

/** Our counts have found nobody here: whoever bears the number is not where we take it to be. */
export const frontOfNobody = (turn: Turn): void => doubtBearer(turn, frontNumber(turn) ?? 0);

/** A rear may come without its number; with one it has to be the front's. */
export function checkRear(turn: Turn, pass: Pass): void {
  const number = edgeOf(turn)?.track ?? 0;
  if (number === 0 || number === pass.track) return;
  doubt(turn, pass, "trackOther");
  doubtBearer(turn, number);
}

const edgeOf = ({ event }: Turn) =>
  event.kind === "sorter" && event.event.kind === "eye" ? event.event : null;

/**
 * Null where the controller has told of no number in this session; 0 where it has, and there is none
 * now.
 */
function frontNumber(turn: Turn): number | null {
  const { belt } = turn.state;
  const track = edgeOf(turn)?.track;
  if (track !== undefined) belt.isTracked = true;
  return belt.isTracked ? (track ?? 0) : null;
}

const bearerOf = ({ state }: Turn, number: number): Pass | null =>
  (number === 0 ? undefined : state.passes.find((pass) => pass.track === number)) ?? null;

function doubtBearer(turn: Turn, number: number): void {
  const bearer = bearerOf(turn, number);
  if (bearer !== null) doubt(turn, bearer, "trackElsewhere");
}

function doubt(
  turn: Turn,
  pass: Pass,
  why: "trackMissing" | "trackOther" | "trackTwice" | "trackElsewhere",
): void {
  const { eyeId = "" } = edgeOf(turn) ?? {};
  pass.tracking = "unknown";
  raise(turn, pass, { code: "trackMismatch", params: { eyeId, why } });
}
