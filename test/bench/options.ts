import {
  createCommandLine,
  flagOption,
  seedOption,
  textOption,
  wholeOption,
  wordsOption,
  type Refusal,
} from "../../protocols/command-line.ts";

export const shapeNames = [
  "start",
  "mqtt",
  "lines",
  "site",
  "day",
  "devices",
  "parsers",
  "store",
] as const;
export type ShapeName = (typeof shapeNames)[number];

const usage = `Bench: the shipped agents under load, over real sockets, with the floor beside them.

  npm run bench [-- --quick] [--shape NAME ...] [--seconds N] [--seed N]
                [--write-readme] [--json FILE] [--profile DIR]
  npm run bench -- --against DIR [--pairs N] [--quick] [--shape NAME ...] [--seconds N] [--seed N]
                [--json FILE]

  --quick         short times, small shapes: whether it still works, not how fast it is (about 40 s)
  --shape         only this one; may be given several times:
                    start  an agent's way to its ready line, and its memory with OPC UA
                    mqtt   scan to divert over MQTT at 50, 200 and 1,000 parcels/s, and the floor
                    lines  default lines at 1,200 and 4,000 parcels/h, one agent each
                    site   40 lines at 60,000 parcels/h in all on two agents
                    day    24 simulated hours in virtual time
                    devices  a message of each machine over each wire beside that wire alone, and
                           eight lines whose controllers share one server of plain variables
                    parsers  bytes a second that each parser takes, of its machine's messages and of
                           noise, beside the wires that bring them
                    store  a whole centre and its document store at 10,000 and at 1,000,000
                           manifests; 2,000 and 20,000 with --quick
  --seconds       measured seconds of each shape   (default mqtt 6 to 8, lines 150, site 40,
                  devices 8 a cell, parsers 1 a stream)
  --seed          one integer that reproduces the parcels of a run                       (default 1)
  --write-readme  puts what was measured into README.md and README.zh-CN.md: the centre's with
                  many manifests have a place of their own there, all others are one table
  --json          writes everything that was measured into FILE
  --profile       writes a CPU profile of each agent into DIR; what is then measured is slower
  --against       compares with the build in DIR, another checkout with its node_modules: each runs
                  its own bench with its own configuration, in turns, and each figure's ratio is
                  printed with its least and greatest over the pairs. A pair takes about 1 minute
                  for start, 8 for mqtt, 8 for lines, 4 for site, 1 for day; devices, parsers and store are not compared.
                  DIR may be a copy of this build, which shows what scatters without a cause: of equal builds, one
                  figure in 16 has all of 5 pairs on the same side of 1
  --pairs         runs of each build; fewer than 3 tell nothing                          (default 5)
  --help          this text

Figures are in milliseconds; progress goes to stderr. MQTT runs over mosquitto where that is
installed, else over the lab's own broker. Agents' machine and load generators share the cores.
Exit codes: 0 done and every check held, 1 a check failed (a parcel left by a wrong exit, replay or
verify found something, a line missed a commit point), or this build is slower than the other by
more than 1.05 in every pair, or one of both did not finish; 2 bad arguments.`;

export interface BenchOptions {
  readonly shapes: ReadonlySet<ShapeName>;
  readonly isQuick: boolean;
  /** Null: each shape's own. */
  readonly measureS: number | null;
  readonly seed: number;
  readonly writesReadme: boolean;
  readonly jsonFile: string | null;
  readonly profileDir: string | null;
  /** Another checkout to compare with; null: this one alone is measured. */
  readonly againstDir: string | null;
  readonly pairsTotal: number;
}

export type ParsedBenchOptions =
  | { readonly kind: "options"; readonly options: BenchOptions }
  | { readonly kind: "help"; readonly text: string }
  | Refusal;

const commandLine = createCommandLine({
  name: "bench",
  usage,
  options: {
    quick: flagOption,
    shape: wordsOption(shapeNames),
    seconds: wholeOption(1, 3_600),
    seed: seedOption,
    "write-readme": flagOption,
    json: textOption("a file"),
    profile: textOption("a folder"),
    against: textOption("a folder"),
    pairs: wholeOption(1, 100),
  },
});

export function parseBenchOptions(argv: readonly string[]): ParsedBenchOptions {
  const read = commandLine.read(argv);
  if (read.kind !== "read") return read;
  const { values } = read;
  if (values.against === undefined) {
    if (values.pairs !== undefined) return commandLine.refuse("--pairs: it goes with --against");
  } else {
    if (values["write-readme"]) return refuseBesideAgainst("--write-readme");
    if (values.profile !== undefined) return refuseBesideAgainst("--profile");
    const alone = values.shape.find((name) => isAlone(name));
    if (alone !== undefined) return refuseBesideAgainst(`--shape ${alone}`);
  }
  return {
    kind: "options",
    options: {
      shapes: shapesOf(values),
      isQuick: values.quick,
      measureS: values.seconds ?? null,
      seed: values.seed ?? 1,
      writesReadme: values["write-readme"],
      jsonFile: values.json ?? null,
      profileDir: values.profile ?? null,
      againstDir: values.against ?? null,
      pairsTotal: values.pairs ?? 5,
    },
  };
}

const refuseBesideAgainst = (option: string): Refusal =>
  commandLine.refuse(`${option}: it does not go with --against`);

/** For a folder that cannot be compared with; the sentence names it. */
export const refuseAgainst = (why: string): Refusal => commandLine.refuse(`--against: ${why}`);

/** Filling belts takes longer than a quick run lasts, so it leaves out what needs them. */
function shapesOf({
  shape,
  quick,
  against,
}: {
  readonly shape: readonly ShapeName[];
  readonly quick: boolean;
  readonly against?: string | undefined;
}): ReadonlySet<ShapeName> {
  if (shape.length > 0) return new Set(shape);
  if (quick) return new Set(["start", "mqtt"]);
  return new Set(shapeNames.filter((name) => against === undefined || !isAlone(name)));
}

/** The store compares two sizes of its own, and devices and parsers are compared with their wires. */
const isAlone = (name: ShapeName): boolean =>
  name === "store" || name === "devices" || name === "parsers";
