/**
 * Goal: clearance comes with the claim and follows it (laws 1 and 12): no green against what a line
 * has been told, none later than one lease after a hold was acknowledged, never two under one
 * waybill, and a lost word costs no green; who has not confirmed a hold is named to people as long as
 * he may release. Method: random schedules of a site of two lines in virtual time, whose programs are
 * killed and come back, fixed ones and fresh ones; and the same with faults put in, which must be
 * caught.
 */
import { expect, it } from "vitest";
import { runCampaign } from "../swarm/campaign.ts";
import { claimMutants, isClaimMutant, type ClaimMutant } from "./mutants.ts";
import { claimsWorker, type ScheduleResult } from "./result.ts";

const timeout = 120_000;

const seedsFrom = (from: number, schedules: number): readonly number[] =>
  Array.from({ length: schedules }, (_, index) => from + index);

async function run(seeds: readonly number[], mutant: ClaimMutant | null = null) {
  const results: ScheduleResult[] = [];
  await runCampaign(seeds, {
    worker: claimsWorker,
    // A fault is caught by one of the first, and a thread takes as long to begin as several schedules.
    threads: mutant === null ? 2 : 1,
    mutant,
    onAnswer: (result: ScheduleResult) => {
      results.push(result);
      return mutant !== null && result.wrong.length > 0 ? "enough" : "goOn";
    },
  });
  return results;
}

const sum = (
  results: readonly ScheduleResult[],
  name: Exclude<keyof ScheduleResult, "seed" | "wrong">,
): number => results.reduce((total, result) => total + result[name], 0);

it("laws 1 and 12: random schedules of holds, late papers and bad links", { timeout }, async () => {
  const fresh = Math.floor(Math.random() * 0x3fff_ffff);
  console.log(`fresh: npm run claims -- --from ${fresh} --schedules 30`);
  const results = await run([...seedsFrom(1, 60), ...seedsFrom(fresh, 30)]);
  expect(results.flatMap(({ seed, wrong }) => wrong.map((each) => `${seed}: ${each}`))).toEqual([]);
  // They are no schedules in which nothing happens.
  expect(sum(results, "greens")).toBeGreaterThan(sum(results, "parcels") / 3);
  expect(sum(results, "holds")).toBeGreaterThan(100);
  expect(sum(results, "restarts")).toBeGreaterThan(30);
  expect(sum(results, "expired")).toBeGreaterThan(100);
  expect(sum(results, "confirmed")).toBeGreaterThan(10);
  expect(sum(results, "unconfirmed")).toBeGreaterThan(0);
});

/** Where the schedules begin that catch a fault: any others would, in more time. Default: 1. */
const firstSeeds: Partial<Record<ClaimMutant, number>> = {
  "claim-asked-once": 4,
  "stale-answer-taken": 9,
  "set-forgets-a-pass": 3,
  "any-set-will-do": 3,
  "told-is-confirmed": 6,
  "ended-wait-releases": 3,
  "ended-wait-untold": 4,
  "released-may-come-again": 4,
  "acknowledged-too-soon": 41,
  "relief-before-commit": 1_213,
  "change-overtaken-by-answer": 37,
  "granted-twice": 27,
  "silent-is-harmless": 14,
  "restart-forgets-the-set": 12,
  "killed-line-keeps-claims": 10,
  "named-before-the-alarm": 86,
  "one-line-is-answered": 16,
  "one-line-is-told": 475,
};

/** The schedules that have shown a fault. */
const catching = new Set<number>();

it.each(Object.keys(claimMutants).filter(isClaimMutant))(
  "the fault %s is caught",
  { timeout },
  async (mutant) => {
    const results = await run(seedsFrom(firstSeeds[mutant] ?? 1, 400), mutant);
    const caught = results.find(({ wrong }) => wrong.length > 0);
    expect(caught).toBeDefined();
    if (caught !== undefined) catching.add(caught.seed);
  },
);

it("and each of those schedules is right without its fault", { timeout }, async () => {
  const results = await run([...catching]);
  expect(results).toHaveLength(catching.size);
  expect(results.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
});
