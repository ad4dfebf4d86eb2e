import type { Exit } from "../../../protocols/sorting.ts";
import type { OwnTracksConfig } from "./own-tracks.ts";

/** One simulated sorter I/O controller. Everything that ends in `Max` bounds its memory. */
export interface SorterConfig {
  readonly sorterId: string;
  readonly eyeIds: readonly string[];
  /** Exits that have a diverter; a divert to any other is `invalid`. */
  readonly diverters: readonly Exit[];
  /** Exits whose fill the controller measures. */
  readonly chutes: readonly Exit[];
  /** Shorter changes of an eye are taken for noise. 0 believes every edge. */
  readonly debounceMs: number;
  /** Between two `belt` events while the belt runs, and while it stands. Both below 500. */
  readonly beltEventEveryMs: number;
  readonly beltEventEveryIdleMs: number;
  /** Chutes and guards are told again this often, for an agent that came late or has missed it. */
  readonly standingEventEveryMs: number;
  readonly lifeTimeoutMs: number;
  /** What to do with two passes whose windows at one diverter overlap. */
  readonly overlap: "merge" | "refuse";
  readonly pendingMax: number;
  /** A longer window is `invalid`: a diverter left out sorts strangers. */
  readonly windowCountsMax: number;
  /** A window further ahead than this is `invalid`. */
  readonly horizonCountsMax: number;
  /** Ended commands whose outcome is remembered, to answer repeats. */
  readonly outcomesMax: number;
  /** Whether the belt is asked to run before anybody has said anything. */
  readonly runsAtStart: boolean;
  /** Of a controller that follows parcels by itself; null: it leaves that to whoever commands it. */
  readonly tracks: OwnTracksConfig | null;
}

const defaults = {
  diverters: ["red", "green"],
  chutes: ["green", "red", "inspection"],
  debounceMs: 5,
  beltEventEveryMs: 100,
  beltEventEveryIdleMs: 250,
  standingEventEveryMs: 5_000,
  lifeTimeoutMs: 1_500,
  overlap: "merge",
  pendingMax: 64,
  windowCountsMax: 5_000,
  horizonCountsMax: 100_000,
  outcomesMax: 1_000,
  runsAtStart: true,
  tracks: null,
} as const satisfies Partial<SorterConfig>;

export const sorterConfig = (
  given: Pick<SorterConfig, "sorterId" | "eyeIds"> & Partial<SorterConfig>,
): SorterConfig => ({ ...defaults, ...given });
