import { parseArgs } from "node:util";
import { isMutant, mutants, type Mutant } from "./mutants.ts";
import { faultNames } from "../../simulators/faults/plan.ts";
import {
  campaignRun,
  drawRun,
  isFaultName,
  quietEvery,
  quietRun,
  stormRun,
  type RunOptions,
} from "./options.ts";

const parcelsDefault = 2_500;
/** Enough for a mutant to show itself. */
const mutantParcelsDefault = 400;
const seedsDefault = 20;
const threadsDefault = 2;

const help = `The swarm: whole lines in virtual time, with faults, judged by an oracle that knows the truth.

  npm run swarm -- [--seeds N [--from N] | --seed N] [--parcels N] [--quiet | --faults A,B]
                   [--shuffled] [--mutant NAME] [--threads N]

  --seeds     so many runs; every ${quietEvery}th one has no faults (default ${seedsDefault})
  --from      the first of these seeds (default 1)
  --seed      this one run alone, and everything about it
  --parcels   parcels a run (default ${parcelsDefault}; with --mutant ${mutantParcelsDefault})
  --quiet     with --seed: without faults
  --faults    with --seed: these faults alone, often; a name too many shows all names
  --shuffled  each run twice, with other names for the true parcels: the traces must be the same
  --mutant    put a fault into the agent, and stop when it is caught:
              ${Object.keys(mutants).join(", ")}
  --threads   runs at a time (default ${threadsDefault})

A run fails when a parcel is commanded to green without evidence; when one is in green otherwise,
unless machines did it, an alarm told so and the belt was asked to stop; when parcels or records
are not conserved; when the line does not recover after all faults are healed; or, without faults,
when less than 99.9 % of releasable parcels go green or of licence parcels red.
Exit codes: 0 all in order, 1 a run failed, 2 bad arguments. With --mutant, 0 means it was caught.`;

export interface SwarmArguments {
  readonly kind: "run";
  readonly runs: readonly RunOptions[];
  readonly isSingle: boolean;
  readonly isShuffled: boolean;
  /** As they were named; null for those that belong to the seed. */
  readonly faults: string | null;
  readonly mutant: Mutant | null;
  readonly threads: number;
}

type ReadArguments =
  | SwarmArguments
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "refused"; readonly why: string };

export function readArguments(args: readonly string[]): ReadArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string", default: String(seedsDefault) },
        from: { type: "string", default: "1" },
        seed: { type: "string" },
        parcels: { type: "string" },
        quiet: { type: "boolean", default: false },
        faults: { type: "string" },
        shuffled: { type: "boolean", default: false },
        mutant: { type: "string" },
        threads: { type: "string", default: String(threadsDefault) },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { kind: "help", text: help };
    const { mutant } = values;
    if (mutant !== undefined && !isMutant(mutant)) throw new Error(`--mutant: no ${mutant}`);
    const usualParcels = mutant === undefined ? parcelsDefault : mutantParcelsDefault;
    const parcels = integer("parcels", values.parcels ?? String(usualParcels), 1_000_000);
    const runs =
      values.seed === undefined
        ? seedsOf(values).map((seed) => campaignRun(seed, parcels))
        : [oneRun(integer("seed", values.seed, 0x7fff_ffff), parcels, values)];
    // A mutant may show itself only where nothing else goes wrong: such a run goes first.
    if (mutant !== undefined) runs.sort((one, other) => quietFirst(one) - quietFirst(other));
    return {
      kind: "run",
      runs: values.shuffled ? runs.flatMap(withBothNames) : runs,
      isSingle: values.seed !== undefined,
      isShuffled: values.shuffled,
      faults: values.faults ?? null,
      mutant: mutant ?? null,
      threads: integer("threads", values.threads, 64),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "refused", why: `swarm: ${why}\n\n${help}` };
  }
}

function oneRun(
  seed: number,
  parcels: number,
  { quiet, faults }: { readonly quiet: boolean; readonly faults?: string | undefined },
): RunOptions {
  if (quiet) return quietRun(seed, parcels);
  if (faults === undefined) return drawRun(seed, parcels);
  const names = faults.split(",");
  if (names.every(isFaultName)) return stormRun(seed, parcels, names);
  const unknown = names.filter((name) => !isFaultName(name));
  throw new Error(`--faults: ${unknown.join(", ")}; there are ${faultNames.join(", ")}`);
}

function seedsOf({ seeds, from }: { readonly seeds: string; readonly from: string }): number[] {
  const first = integer("from", from, 0x3fff_ffff);
  return Array.from({ length: integer("seeds", seeds, 100_000) }, (_, index) => first + index);
}

const quietFirst = (run: RunOptions): number => (run.seed === quietEvery ? 0 : 1);

const withBothNames = (run: RunOptions): RunOptions[] => [run, { ...run, truthNames: "shuffled" }];

function integer(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name}: ${text} is not a whole number from 1 to ${max}`);
}
