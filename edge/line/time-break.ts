import { apartMsMax, type TimeBreak } from "../../protocols/time-watch.ts";
import { oncePerLine, type LineConfig } from "./config.ts";
import { oweImages } from "./imaging.ts";
import { oweAnew, oweProof } from "./reader-debt.ts";
import { readersOf } from "./reader.ts";
import { raise, rearMm, type Turn } from "./turn.ts";

/** What the core has to know of a break of time. */
export type BreakOfTime = Pick<TimeBreak, "why" | "byMs">;

/**
 * Where time broke, ages are smaller than they look (law 7) and what waited in the agent's sockets
 * has lost its time of arrival. After a sleep or a step of the calendar that concerns the whole belt
 * and everything that a reader may still hold. After a standstill of the program alone the monotonic
 * clock has counted on: only what is told by when it comes is concerned.
 */
export function takeTimeBreak(turn: Turn, broken: BreakOfTime): void {
  const { state, config, event } = turn;
  const { why, byMs } = broken;
  const untilMm = doubtfulUntilMm(broken, config);
  if (untilMm === 0) return;
  state.timeBreak = { atCount: event.count, why };
  for (const pass of state.passes) {
    if (rearMm(pass, event.count, config) > untilMm) continue;
    raise(turn, pass, { code: "timeBreak", params: { why, byS: Math.round(byMs / 1_000) } });
  }
  if (why !== "stalled") oweImages(turn, "timeBreak");
  for (const reader of readersOf(turn)) {
    if (why !== "stalled") oweAnew(turn, reader, "timeBreak");
    else if (isByTurn(reader.layout.binding)) oweProof(turn, reader, "timeBreak");
  }
}

/** The shell reckons the belt's count on for so long; beyond that its count lags behind the belt. */
const reckonedMsMax = 1_000;

/**
 * Whoever is not beyond this may bear what is another's. While the count was reckoned on, what names
 * its parcel is still bound rightly, and only answers that are bound by their turn are in doubt.
 */
function doubtfulUntilMm({ why, byMs }: BreakOfTime, config: LineConfig): number {
  if (why !== "stalled") return Number.POSITIVE_INFINITY;
  const { byTurnMm, allMm } = placesEnd(config);
  return byMs <= reckonedMsMax ? byTurnMm : allMm;
}

const isByTurn = ({ kind }: { readonly kind: string }): boolean =>
  kind === "none" || kind === "pulse" || kind === "extent";

/** Every event bears two times, which march together unless one of the clocks stood or was set. */
export function findTimeBreak(turn: Turn): void {
  const { state, event } = turn;
  const last = state.lastStamp;
  const { at, wallAt } = event;
  state.lastStamp = event;
  if (last === null || event.kind === "timeBreak") return;
  const byMs = Math.round(wallAt - last.wallAt - (at - last.at));
  if (Math.abs(byMs) >= apartMsMax) takeTimeBreak(turn, { why: "calendar", byMs });
}

/** Behind these nothing is told of a parcel any more by when it comes; 0 where nothing ever is. */
const placesEnd = oncePerLine(({ layout, tracking }) => {
  const { scanner, witness, scale } = layout;
  const places = [
    { endMm: scanner.atMm, binding: scanner.binding },
    ...(witness === null ? [] : [{ endMm: witness.atMm, binding: witness.binding }]),
    ...(scale === null ? [] : [{ endMm: scale.toMm, binding: scale.binding }]),
  ].map(({ endMm, binding }) => ({ endMm: endMm + tracking.readLateMm, binding }));
  const last = (some: typeof places): number => Math.max(0, ...some.map(({ endMm }) => endMm));
  return {
    allMm: last(places),
    byTurnMm: last(places.filter(({ binding }) => isByTurn(binding))),
  };
});
