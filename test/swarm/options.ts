import { invariant } from "../../protocols/bug.ts";
import type { Entropy } from "../../protocols/time.ts";
import {
  drawFaultPlan,
  faultNames,
  readerNatures,
  type FaultName,
  type FaultPlan,
} from "../../simulators/faults/plan.ts";
import type { AlgorithmOptions } from "../../simulators/images/algorithm.ts";
import {
  defaultScenario,
  quietScenario,
  type ScenarioOptions,
} from "../../simulators/scenarios/options.ts";
import type { XraySpeech } from "../../simulators/site/memory-wires.ts";
import { worldFaultSites } from "../../simulators/world/ports.ts";
import { createSeededEntropy, happens, integer, uniform } from "../../simulators/world/chance.ts";
import {
  bindingOf,
  readerLags,
  swarmBindings,
  type ReaderLag,
  type SwarmBinding,
} from "./bindings.ts";
import type { SorterSpeech } from "./sorter-speech.ts";
import type { TruthNames } from "./truth-ids.ts";

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
  /** How long the document desk needs to answer (PF-08). */
  readonly documentDelayMs: number;
  readonly truthNames: TruthNames;
  /** What binds reads to parcels. */
  readonly binding: SwarmBinding;
  readonly hasScale: boolean;
  /** How the X-ray machine says what it says. */
  readonly xraySpeech: XraySpeech;
  /** How the scanner lags for a while; null: it does not. */
  readonly readerLag: ReaderLag | null;
  readonly sorterSpeech: SorterSpeech;
}

/** Shares of the runs with faults that begin with a full belt, and with slow documents. */
const fullBelts = 0.25;
const slowDocuments = 0.15;
/** Of the faults, those that are on besides the seed's own. */
const faultsOn = 0.25;

/** A run with faults: a quarter of all faults on, and one that is this seed's own. */
export function drawRun(seed: number, parcels: number): RunOptions {
  const entropy = createSeededEntropy(seed, "swarm");
  const draw = (from: number, to: number): number => uniform(entropy, from, to);
  const word = drawImageVerdict(entropy);
  const parcelsPerHour = Math.round(draw(800, 3_600));
  const run: Omit<RunOptions, "faultPlan" | "binding"> = {
    seed,
    parcels,
    scenario: {
      ...defaultScenario,
      parcelsPerHour:
        word.imageVerdictBy === "algorithm"
          ? parcelsPerHour
          : Math.min(parcelsPerHour, word.officers * imagesPerOfficerHour),
      gapMmMin: Math.round(draw(310, 500)),
      bodiesAtStart: happens(entropy, fullBelts) ? integer(entropy, 5, 30) : 0,
    },
    algorithm: {
      detection: draw(0.7, 1),
      falseAlarm: draw(0, 0.08),
      unknown: draw(0, 0.03),
      latencyMsMedian: draw(100, 3_000),
      latencySigma: draw(0.2, 0.8),
    },
    inspectionRate: draw(0, 0.05),
    ...word,
    syncMsMean: draw(0.3, 8),
    documentDelayMs: happens(entropy, slowDocuments) ? integer(entropy, 5_000, 10_000) : 0,
    truthNames: "counted",
    hasScale: true,
    xraySpeech: drawXraySpeech(seed),
    readerLag: null,
    sorterSpeech: "json",
  };
  return withFaults(run, { ...drawFaultPlan(entropy, faultsOn), ...faultOf(seed) });
}

/** Drawn apart, so that a seed's other draws stay what they were. */
const drawXraySpeech = (seed: number): XraySpeech =>
  happens(createSeededEntropy(seed, "X-ray"), 0.5) ? "telegrams" : "messages";

/** A reader that fails its binding test (`npm run journal -- binding-test`) stands as `none`. */
const withFaults = (
  run: Omit<RunOptions, "faultPlan" | "binding">,
  faultPlan: FaultPlan,
): RunOptions => ({
  ...run,
  faultPlan,
  binding: readerNatures.some((name) => (faultPlan[name] ?? 0) > 0) ? "none" : bindingOf(run.seed),
});

/** What an officer gets through without falling behind. */
const imagesPerOfficerHour = 380;

/** Where officers must release, there are some. */
function drawImageVerdict(entropy: Entropy): Pick<RunOptions, "imageVerdictBy" | "officers"> {
  const isByAlgorithm = happens(entropy, 0.8);
  const isByOfficer = happens(entropy, 0.5);
  const officers = integer(entropy, 0, 3);
  if (isByAlgorithm) return { imageVerdictBy: "algorithm", officers };
  return { imageVerdictBy: isByOfficer ? "officer" : "both", officers: 2 + officers };
}

/** In a campaign every so many runs one has no faults. */
export const quietEvery = 5;
const isQuietSeed = (seed: number): boolean => seed % quietEvery === 0;

/**
 * Each fault has its seeds, so that a campaign of a few dozen leaves none out: the seeds that are
 * not quiet, one after the other, walk through all faults in strides.
 */
function faultOf(seed: number): FaultPlan {
  const place = seed - Math.floor(seed / quietEvery);
  const name = faultNames[(place * faultStride) % faultNames.length];
  return name === undefined ? {} : planOf([name], { world: 0.02, timed: 0.15 });
}
/** Prime, so that it meets all of them as long as it does not divide how many there are. */
const faultStride = faultNames.length % 17 === 0 ? 19 : 17;
invariant(faultNames.length % faultStride !== 0, "some faults would have no seed of their own");

/** A fault of the world has its chance at each parcel, the others once a minute. */
const planOf = (
  names: readonly FaultName[],
  { world, timed }: { readonly world: number; readonly timed: number },
): FaultPlan =>
  Object.fromEntries(
    names.map((name) => [name, worldFaultSites.some((site) => site === name) ? world : timed]),
  );

/** These faults and no others, often: a short run shows each. */
export const stormRun = (seed: number, parcels: number, names: readonly FaultName[]): RunOptions =>
  withFaults(drawRun(seed, parcels), planOf(names, { world: 0.03, timed: 0.5 }));

export const isFaultName = (name: string): name is FaultName =>
  faultNames.some((known) => known === name);

/** Nothing goes wrong: what may be released is, and what needs a licence goes to red. */
export function quietRun(seed: number, parcels: number): RunOptions {
  return {
    ...withFaults(drawRun(seed, parcels), {}),
    scenario: { ...quietScenario, parcelsPerHour: 1_200 + (seed % 3) * 900, licence: 0.2 },
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
    documentDelayMs: 0,
  };
}

/**
 * Nothing is wrong but that the reader, from the beginning, answers one trigger behind; and no
 * scale is there that might notice.
 */
export const laggingRun = (binding: SwarmBinding): RunOptions => ({
  ...quietRun(5, 60),
  binding,
  hasScale: false,
  readerLag: "silenceFirst",
});

/** Labels are copied often, and the reader swallows a trigger now and then. */
export function twinRun(seed: number, parcels: number): RunOptions {
  const run = stormRun(seed, parcels, ["scannerSkips"]);
  return { ...run, binding: "counter", scenario: { ...run.scenario, duplicateWaybill: 0.3 } };
}

/** One run by what is said of its faults; with no names they are the seed's own. */
export function oneRun(
  seed: number,
  parcels: number,
  faults: "quiet" | readonly FaultName[],
): RunOptions {
  if (faults === "quiet") return quietRun(seed, parcels);
  return faults.length === 0 ? drawRun(seed, parcels) : stormRun(seed, parcels, faults);
}

/** The run of a campaign that belongs to this seed. */
export const campaignRun = (seed: number, parcels: number): RunOptions =>
  isQuietSeed(seed) ? quietRun(seed, parcels) : drawRun(seed, parcels);

const matrixSeeds = [5, 10, 15];

/** Quiet seeds with each reader, each lag and none, with and without a scale (law 16). */
export const bindingRuns = (parcels: number, seeds = matrixSeeds.length): RunOptions[] =>
  matrixSeeds.slice(0, seeds).flatMap((seed) =>
    swarmBindings.flatMap((binding) =>
      [true, false].flatMap((hasScale) =>
        [null, ...readerLags].map((readerLag) => ({
          ...quietRun(seed, parcels),
          binding,
          hasScale,
          readerLag,
        })),
      ),
    ),
  );
