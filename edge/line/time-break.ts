import { apartMsMax, type TimeBreak } from "../../protocols/time-watch.ts";
import { oncePerLine } from "./config.ts";
import { oweAfterOutage, oweProof } from "./reader-debt.ts";
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
export function takeTimeBreak(turn: Turn, { why, byMs }: BreakOfTime): void {
  const { state, config, event } = turn;
  state.timeBreak = { atCount: event.count, why };
  const isShort = why === "stalled";
  for (const pass of state.passes) {
    if (isShort && rearMm(pass, event.count, config) > stationsEndMm(config)) continue;
    raise(turn, pass, { code: "timeBreak", params: { why, byS: Math.round(byMs / 1_000) } });
  }
  for (const reader of readersOf(turn)) {
    const { deviceId, binding } = reader.layout;
    const isBoundByTurn = binding.kind === "none" || binding.kind === "pulse";
    if (!isShort) oweAfterOutage(turn, deviceId, "timeBreak");
    else if (isBoundByTurn) oweProof(turn, reader, "timeBreak");
  }
}

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

/** Behind this nothing is any more told of a parcel by when it comes. */
const stationsEndMm = oncePerLine(({ layout, tracking }) => {
  const { scanner, witness, scale } = layout;
  const ends = [scanner.atMm, witness?.atMm ?? 0, scale?.toMm ?? 0];
  return Math.max(...ends) + tracking.readLateMm;
});
