import type { BeltMotion } from "../../protocols/link.ts";

/**
 * What the centre is told of each line's belt and devices, and when; pure. A belt that starts, stops
 * or changes its speed is told at once, everything else once in `reportEveryMs`.
 */
export interface LineReports {
  readonly lineIds: readonly string[];
  /** As last heard. */
  readonly belts: Map<string, BeltMotion>;
  /** Index of the line whose devices are told next. */
  next: number;
}

export type ReportEvent =
  | { readonly kind: "belt"; readonly belt: BeltMotion }
  /** Comes once every `reportPauseMs`. */
  | { readonly kind: "due" };

export type ReportEffect =
  | { readonly kind: "motion"; readonly belts: readonly BeltMotion[] }
  | { readonly kind: "health"; readonly lineId: string };

/** How often the centre is told of each line when nothing changes. */
const reportEveryMs = 1_000;

export const newLineReports = (lineIds: readonly string[]): LineReports => ({
  lineIds,
  belts: new Map(),
  next: 0,
});

/** Between two `due`. One line after the other: hundreds at once would hold up all of their belts. */
export const reportPauseMs = ({ lineIds }: LineReports): number => reportEveryMs / lineIds.length;

/** Changes `state` in place. */
export function stepReports(state: LineReports, event: ReportEvent): readonly ReportEffect[] {
  if (event.kind === "due") return reportNext(state);
  const { belt } = event;
  const before = state.belts.get(belt.lineId);
  state.belts.set(belt.lineId, belt);
  const isNews =
    before === undefined ||
    before.isRunning !== belt.isRunning ||
    before.speedMmPerS !== belt.speedMmPerS;
  return isNews ? [{ kind: "motion", belts: [belt] }] : [];
}

function reportNext(state: LineReports): readonly ReportEffect[] {
  const { lineIds, belts, next } = state;
  const effects: ReportEffect[] = [];
  const lineId = lineIds[next];
  if (lineId !== undefined) effects.push({ kind: "health", lineId });
  // All belts travel together, once in each round.
  if (next === 0 && belts.size > 0) effects.push({ kind: "motion", belts: [...belts.values()] });
  state.next = (next + 1) % lineIds.length;
  return effects;
}
