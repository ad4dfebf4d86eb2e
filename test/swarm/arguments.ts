import {
  createCommandLine,
  flagOption,
  seedOption,
  textOption,
  wholeOption,
  wordsOption,
  type Refusal,
} from "../../protocols/command-line.ts";
import { mutantNames, type Mutant } from "./mutants.ts";
import { faultNames } from "../../simulators/faults/plan.ts";
import { readerLags, swarmBindings } from "./bindings.ts";
import {
  bindingRuns,
  campaignRun,
  isFaultName,
  oneRun,
  quietEvery,
  type RunOptions,
} from "./options.ts";
import { sorterSpeeches } from "./sorter-speech.ts";

const parcelsDefault = 2_500;
/** Enough for a mutant to show itself. */
const mutantParcelsDefault = 400;
const seedsDefault = 20;
const bindingParcels = 300;
const threadsDefault = 2;

const help = `The swarm: whole lines in virtual time, with faults, judged by an oracle that knows the truth.

  npm run swarm -- [--seeds N [--from N] | --seed N [--quiet | --faults A,B] [--json]]
                   [--binding NAME] [--lag NAME] [--no-scale] [--sorter NAME]
                   [--parcels N] [--shuffled] [--mutant NAME] [--threads N]

  --seeds     so many runs; every ${quietEvery}th one has no faults (default ${seedsDefault})
  --from      the first of these seeds (default 1)
  --seed      this one run alone, and what befell it
  --parcels   parcels a run (default ${parcelsDefault}; with --mutant ${mutantParcelsDefault})
  --quiet     with --seed: without faults
  --faults    with --seed: these faults alone, often; a name too many shows all names
  --bindings  instead: quiet seeds with each way of binding a read, healthy and one trigger
              behind in each way, with and without a scale (law 16), 300 parcels each;
              --seeds N: the first N of its three seeds
  --binding   with --seed: what binds its reads, whatever its binding test would say:
              ${swarmBindings.join(", ")}
  --lag       with --seed: its scanner falls one trigger behind for a while:
              ${readerLags.join(", ")}
  --no-scale  with --seed: no scale is fitted
  --sorter    what the sorter speaks, through the broker or on a line of its own (default json):
              ${sorterSpeeches.join(", ")}
  --shuffled  each run twice, with other names for the true parcels: the traces must be the same
  --mutant    put a fault into agent or centre, and stop when it is caught; the first seed of
              --bindings follows the others:
              ${mutantNames.join(", ")}
  --threads   runs at a time (default ${threadsDefault})
  --json      with --seed: all about the run instead, one JSON object on a line

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
  readonly isJson: boolean;
  /** As they were named; null for those that belong to the seed. */
  readonly faults: string | null;
  readonly mutant: Mutant | null;
  readonly threads: number;
}

const commandLine = createCommandLine({
  name: "swarm",
  usage: help,
  options: {
    seeds: wholeOption(1, 100_000),
    from: wholeOption(1, 0x3fff_ffff),
    seed: seedOption,
    parcels: wholeOption(1, 1_000_000),
    bindings: flagOption,
    quiet: flagOption,
    binding: wordsOption(swarmBindings),
    lag: wordsOption(readerLags),
    "no-scale": flagOption,
    sorter: wordsOption(sorterSpeeches),
    faults: textOption("names of faults, with commas between,"),
    shuffled: flagOption,
    mutant: wordsOption(mutantNames),
    threads: wholeOption(1, 64),
    json: flagOption,
  },
});

type ReadArguments = SwarmArguments | { readonly kind: "help"; readonly text: string } | Refusal;

export function readArguments(args: readonly string[]): ReadArguments {
  const read = commandLine.read(args);
  if (read.kind !== "read") return read;
  const { seed, seeds = seedsDefault, from = 1, quiet, faults, shuffled, json } = read.values;
  const { bindings, "no-scale": hasNoScale } = read.values;
  const [binding, lag] = [read.values.binding.at(-1), read.values.lag.at(-1)];
  if (bindings && (seed !== undefined || read.values.from !== undefined)) {
    return commandLine.refuse("--bindings: it brings its own seeds");
  }
  const mutant = read.values.mutant.at(-1) ?? null;
  const { parcels = mutant === null ? parcelsDefault : mutantParcelsDefault } = read.values;
  const names = faults?.split(",") ?? [];
  const unknown = names.filter((name) => !isFaultName(name));
  if (unknown.length > 0) {
    return commandLine.refuse(
      `--faults: ${unknown.join(", ")}; there are ${faultNames.join(", ")}`,
    );
  }
  if (seed === undefined) {
    const ofOneSeed = [
      quiet && "quiet",
      faults !== undefined && "faults",
      binding !== undefined && "binding",
      lag !== undefined && "lag",
      hasNoScale && "no-scale",
      json && "json",
    ];
    const alone = ofOneSeed.find((name) => name !== false);
    if (alone !== undefined) return commandLine.refuse(`--${alone}: it goes with --seed`);
  }
  const runs = bindings
    ? bindingRuns(read.values.parcels ?? bindingParcels, read.values.seeds)
    : seed === undefined
      ? [
          ...Array.from({ length: seeds }, (_, index) => campaignRun(from + index, parcels)),
          // A reader that lags is no fault of a seed; some mutants show themselves only there.
          ...(mutant === null ? [] : bindingRuns(bindingParcels, 1)),
        ]
      : [
          {
            ...oneRun(seed, parcels, quiet ? "quiet" : names.filter(isFaultName)),
            ...(binding === undefined ? {} : { binding }),
            ...(lag === undefined ? {} : { readerLag: lag }),
            ...(hasNoScale ? { hasScale: false } : {}),
          },
        ];
  const sorterSpeech = read.values.sorter.at(-1);
  const spoken =
    sorterSpeech === undefined ? runs : runs.map((run): RunOptions => ({ ...run, sorterSpeech }));
  // A mutant may show itself only where nothing else goes wrong: such a run goes first.
  if (mutant !== null) spoken.sort((one, other) => quietFirst(one) - quietFirst(other));
  return {
    kind: "run",
    runs: shuffled ? spoken.flatMap(withBothNames) : spoken,
    isSingle: seed !== undefined,
    isShuffled: shuffled,
    isJson: json,
    faults: faults ?? null,
    mutant,
    threads: read.values.threads ?? threadsDefault,
  };
}

const quietFirst = (run: RunOptions): number => (run.seed === quietEvery ? 0 : 1);

const withBothNames = (run: RunOptions): RunOptions[] => [run, { ...run, truthNames: "shuffled" }];
