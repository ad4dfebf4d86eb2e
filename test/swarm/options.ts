import { drawFaultPlan, faultNames, type FaultPlan } from "../../simulators/faults/plan.ts";
import type { AlgorithmOptions } from "../../simulators/images/algorithm.ts";
import {
  defaultScenario,
  quietScenario,
  type ScenarioOptions,
} from "../../simulators/scenarios/options.ts";
import { worldFaultSites } from "../../simulators/world/ports.ts";
import { createSeededEntropy, uniform } from "../../simulators/world/chance.ts";

/** All that one seed decides of a run: configuration, parcels and faults. */
export interface RunOptions {
  readonly seed: number;
  readonly parcels: number;
  readonly scenario: ScenarioOptions;
  readonly faultPlan: FaultPlan;
  readonly algorithm: AlgorithmOptions;
  readonly inspectionRate: number;
  readonly imageVerdictBy: "algorithm" | "officer" | "both";
  readonly syncMsMean: number;
  readonly officers: number;
  /** Names of bodies for the oracle; agents must not notice that they differ. */
  readonly truthPrefix: string;
}

/** A run with faults: a quarter of all faults on, each seed its own quarter. */
export function drawRun(seed: number, parcels: number): RunOptions {
  const entropy = createSeededEntropy(seed, "swarm");
  const draw = (from: number, to: number): number => uniform(entropy, from, to);
  return {
    seed,
    parcels,
    scenario: {
      ...defaultScenario,
      parcelsPerHour: Math.round(draw(800, 3_600)),
      gapMmMin: Math.round(draw(310, 500)),
    },
    faultPlan: { ...drawFaultPlan(entropy, 0.25), ...faultOf(seed) },
    algorithm: {
      detection: draw(0.7, 1),
      falseAlarm: draw(0, 0.08),
      unknown: draw(0, 0.03),
      latencyMsMedian: draw(100, 3_000),
      latencySigma: draw(0.2, 0.8),
    },
    inspectionRate: draw(0, 0.05),
    imageVerdictBy: entropy.next() < 0.8 ? "algorithm" : entropy.next() < 0.5 ? "officer" : "both",
    syncMsMean: draw(0.3, 8),
    officers: Math.round(draw(0, 3)),
    truthPrefix: "t",
  };
}

/** Each fault has its seeds, so that a campaign of a few dozen leaves none out. */
function faultOf(seed: number): FaultPlan {
  const name = faultNames[(seed * 7) % faultNames.length];
  if (name === undefined) return {};
  // A fault of the world has its chance at each parcel, the others once a minute.
  return { [name]: worldFaultSites.some((site) => site === name) ? 0.02 : 0.15 };
}

/** Nothing goes wrong: what may be released is, and what needs a licence goes to red. */
export function quietRun(seed: number, parcels: number): RunOptions {
  return {
    ...drawRun(seed, parcels),
    scenario: { ...quietScenario, parcelsPerHour: 1_200 + (seed % 3) * 900, licence: 0.2 },
    faultPlan: {},
    algorithm: {
      detection: 1,
      falseAlarm: 0,
      unknown: 0,
      latencyMsMedian: 350,
      latencySigma: 0.35,
    },
    inspectionRate: 0,
    imageVerdictBy: "algorithm",
    syncMsMean: 1,
  };
}
