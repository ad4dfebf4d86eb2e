import { z } from "zod";

/**
 * When a stream of readings becomes one weight a parcel. The rule: a plateau of
 * `settledReadings` still readings in a row, within `toleranceG` of each other and at least
 * `thresholdG`, is reported once. The next report needs the load to have gone below the threshold,
 * or a new plateau that differs from the reported one by more than `toleranceG`.
 *
 * What it cannot tell, it leaves out: two parcels of equal weight without an empty platform
 * between them give one report, so that one of them has none.
 */
export const zSettling = z.strictObject({
  thresholdG: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .describe("Grams below which the platform is empty."),
  toleranceG: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .describe("Grams by which the readings of one weight may differ from each other."),
  settledReadings: z
    .number()
    .int()
    .min(1)
    .max(100)
    .describe("How many readings at rest in a row make a parcel's weight."),
});
export type Settling = z.infer<typeof zSettling>;

export const defaultSettling: Settling = { thresholdG: 10, toleranceG: 5, settledReadings: 2 };

export interface SettlingState {
  /** The still readings of the plateau so far: how many, and their span. */
  readonly count: number;
  readonly leastG: number;
  readonly mostG: number;
  /**
   * The weight that was last reported, as long as its load may still be on the platform; null once
   * the platform was empty.
   */
  readonly reportedG: number | null;
}

export const emptyPlatform: SettlingState = { count: 0, leastG: 0, mostG: 0, reportedG: null };

export interface SettlingStep {
  readonly state: SettlingState;
  /** Grams of a parcel that has settled just now, or null. */
  readonly settledG: number | null;
}

/** `grams` of a still, positive reading within range; null for any other reading. */
export function settle(state: SettlingState, grams: number | null, rule: Settling): SettlingStep {
  if (grams === null) return { state: { ...state, count: 0 }, settledG: null };
  if (grams < rule.thresholdG) return { state: emptyPlatform, settledG: null };

  const leastG = Math.min(grams, state.leastG);
  const mostG = Math.max(grams, state.mostG);
  const isSamePlateau = state.count > 0 && mostG - leastG <= rule.toleranceG;
  const plateau = isSamePlateau
    ? { count: Math.min(state.count + 1, rule.settledReadings), leastG, mostG }
    : { count: 1, leastG: grams, mostG: grams };

  const isSettled = plateau.count >= rule.settledReadings;
  const isKnown = state.reportedG !== null && Math.abs(grams - state.reportedG) <= rule.toleranceG;
  if (!isSettled || isKnown) {
    return { state: { ...plateau, reportedG: state.reportedG }, settledG: null };
  }
  return { state: { ...plateau, reportedG: grams }, settledG: grams };
}
