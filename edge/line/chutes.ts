import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { exits } from "../../protocols/sorting.ts";
import { unheardChute } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What the sorter tells of its chutes: whether there is room where parcels leave. */
export function takeChute(
  { state, facts }: Turn,
  { exit, state: chute, fillPct }: Extract<SorterEvent, { kind: "chute" }>,
): void {
  state.chutes[exit] = { state: chute, fillPct, beforeGap: null };
  facts.push({ kind: "chute", exit, state: chute, fillPct });
}

/** What an earlier session told proves nothing in this one. */
export function forgetChutes({ state: { chutes } }: Turn): void {
  for (const exit of exits) chutes[exit] = unheardChute;
}

/** Lost messages may have told of any chute: each is unknown until it is told of again. */
export function doubtChutes({ state: { chutes } }: Turn): void {
  for (const exit of exits) {
    const { state, fillPct, beforeGap } = chutes[exit];
    const isTold = state !== "unknown";
    chutes[exit] = { ...unheardChute, beforeGap: isTold ? { state, fillPct } : beforeGap };
  }
}

/**
 * The reset key was pressed: whoever pressed it has seen that there is room. A sorter may tell of a
 * chute only when it changes, and where that was not what was lost nothing would end the doubt. So
 * each stands again as it was told last; one that was full stays full.
 */
export function trustChutes({ state: { chutes } }: Turn): void {
  for (const exit of exits) {
    const { beforeGap } = chutes[exit];
    if (beforeGap !== null) chutes[exit] = { ...beforeGap, beforeGap: null };
  }
}
