import {
  answer,
  createCommandLine,
  numberOption,
  seedOption,
} from "../../protocols/command-line.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { FaultPlan } from "../../simulators/faults/plan.ts";
import { defaultScenario } from "../../simulators/scenarios/options.ts";
import { createDayLine, daySite } from "./day/day-line.ts";
import { createOracle } from "./oracle.ts";
import { createTally } from "./tally.ts";

/**
 * A simulated day: one default line at 4,000 parcels an hour, with faults, judged by the swarm's
 * oracle. The physical world and the shipped core with its host meet at their ports, so it leaves
 * out what a run of the swarm has: drivers and their bytes, the link's wire, the centre's desk,
 * officers, images (a number stands for each), the sorter's own faults, and the journal's records
 * (entries are made and looked at, not encoded). Clearance reaches the line as the link's messages,
 * claims by an exclusive map.
 */
export interface DayResult {
  readonly seed: number;
  readonly hours: number;
  /** Wall-clock seconds that it took. */
  readonly seconds: number;
  readonly parcels: number;
  readonly exits: Readonly<Record<string, number>>;
  readonly greenCommands: number;
  readonly wrongCommands: readonly string[];
  readonly wrongGreens: readonly string[];
  readonly alarmedGreens: Readonly<Record<string, number>>;
  /** What is not conserved, in words. */
  readonly broken: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
}

export interface DayOptions {
  readonly seed: number;
  /** Default 24. */
  readonly hours?: number;
  readonly faultPlan?: FaultPlan;
}

/** World faults at each opportunity, the others once a minute. */
export const dayFaults: FaultPlan = {
  parcelTooClose: 0.003,
  parcelRemovedByHand: 0.0005,
  foreignParcel: 0.0005,
  parcelSlips: 0.0005,
  diverterDead: 0.0005,
  diverterLate: 0.0005,
  eyeBounce: 0.0005,
  scanLost: 0.001,
  beltStopped: 0.02,
  emergencyStop: 0.004,
  encoderSlips: 0.006,
  chuteBlocked: 0.006,
  scannerSilent: 0.006,
  scaleSilent: 0.006,
  xrayImagesLost: 0.006,
  verdictsLate: 0.006,
  algorithmSilent: 0.006,
  linkCut: 0.006,
};

const parcelsPerHour = 4_000;

export function simulateDay(options: DayOptions): DayResult {
  const { seed, hours = 24, faultPlan = dayFaults } = options;
  const startedAt = performance.now();
  const clock = createVirtualClock();
  const tally = createTally();
  const oracle = createOracle({
    clock,
    tally,
    countNow: () => line.world.machinery.count(),
    worldCountOf: (sorterCount) => sorterCount,
    ...daySite,
    carrierCodeOf: () => "",
  });
  const scenario = { ...defaultScenario, parcelsPerHour };
  const line = createDayLine({ seed, clock, scenario, faultPlan, oracle });
  line.start();
  clock.runFor(hours * 3_600_000);
  line.world.finish();

  const { inducted, left, lost } = oracle.trace.passes;
  const gone = left.green + left.red + left.inspection;
  const { bodies } = oracle.truth;
  const broken = [...tally.broken];
  if (inducted !== gone + lost + line.host.state.passes.length) {
    broken.push(`passes are not conserved: ${inducted} inducted, ${gone} left, ${lost} lost`);
  }
  if (bodies.size > 0) broken.push(`${bodies.size} bodies have no end`);
  return {
    seed,
    hours,
    seconds: (performance.now() - startedAt) / 1_000,
    parcels: tally.ended,
    exits: tally.exits,
    greenCommands: oracle.trace.greenCommands,
    ...oracle.judge.findings,
    broken,
    faults: tally.faults,
  };
}

const help = `One simulated day of one line at ${parcelsPerHour} parcels an hour, with faults.

  node test/swarm/day.ts [--seed N] [--hours N]

Exit codes: 0 all in order, 1 a wrong green or something not conserved, 2 bad arguments.`;

const commandLine = createCommandLine({
  name: "day",
  usage: help,
  options: { seed: seedOption, hours: numberOption(0.01, 1_000) },
});

function main(): number {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const { seed = 1, hours = 24 } = read.values;
  const result = simulateDay({ seed, hours });
  console.log(JSON.stringify(result, null, 2));
  const wrong = [...result.wrongCommands, ...result.wrongGreens, ...result.broken];
  return wrong.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main();
