import { countsIn, countsOf, oncePerLine, type LineConfig } from "./config.ts";
import type { Blocked, LineState } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * Jams (堵包): an eye that stays blocked while more belt runs past it than the longest parcel covers.
 * Something stands there, or the eye itself is dirty or dead; either way nothing is seen behind it,
 * so nothing new may come (law 10). The belt runs on: what is on it goes to inspection as it
 * is lost, and a belt that we had stopped we would start again under the hands of whoever clears it.
 */
export function findJams(turn: Turn): void {
  const { state, config } = turn;
  for (const blocked of state.blocked) {
    if (state.belt.reportedCount >= jamAtCount(blocked, config)) blocked.isJam = true;
  }
}

/** When what blocks an eye is a jam if it has not moved on. */
export const jamAtCount = ({ isJam, sinceCount }: Blocked, config: LineConfig): number =>
  isJam ? Number.POSITIVE_INFINITY : sinceCount + jamAfterCounts(config);

/** Eyes at which there is a jam now; over as soon as the eye is clear. Asked after every event. */
export function jamsOf({ blocked }: LineState): readonly Jam[] {
  let jams = noJams;
  for (const { eyeId, isJam, passId } of blocked) {
    if (isJam) jams = [...jams, { eyeId, passId }];
  }
  return jams;
}
const noJams: readonly Jam[] = [];

type Jam = Pick<Blocked, "eyeId" | "passId">;

/** Longer than two parcels that touch: they are told apart by their length, and move on. */
const jamAfterMs = 5_000;

const jamAfterCounts = oncePerLine(
  (config) => countsOf(config.tracking.lengthMmMax, config) + countsIn(jamAfterMs, config),
);
