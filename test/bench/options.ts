import {
  createCommandLine,
  flagOption,
  seedOption,
  textOption,
  wholeOption,
  wordsOption,
  type Refusal,
} from "../../protocols/command-line.ts";

export const shapeNames = ["start", "mqtt", "lines", "site", "day"] as const;
export type ShapeName = (typeof shapeNames)[number];

const usage = `Bench: the shipped agents under load, over real sockets, with the floor beside them.

  npm run bench [-- --quick] [--shape NAME ...] [--seconds N] [--seed N]
                [--write-readme] [--json FILE] [--profile DIR]

  --quick         short times, small shapes: whether it still works, not how fast it is (about 40 s)
  --shape         only this one; may be given several times:
                    start  an agent's way to its ready line, and its memory with OPC UA
                    mqtt   scan to divert over MQTT at 50, 200 and 1,000 parcels/s, and the floor
                    lines  default lines at 1,200 and 4,000 parcels/h, one agent each
                    site   40 lines at 60,000 parcels/h in all on two agents
                    day    24 simulated hours in virtual time
  --seconds       measured seconds of each shape   (default mqtt 6 to 8, lines 150, site 40)
  --seed          one integer that reproduces the parcels of a run                       (default 1)
  --write-readme  puts the table into README.md and README.zh-CN.md, between their markers
  --json          writes everything that was measured into FILE
  --profile       writes a CPU profile of each agent into DIR; what is then measured is slower
  --help          this text

Figures are in milliseconds; progress goes to stderr. MQTT runs over mosquitto where that is
installed, else over the lab's own broker. Agents' machine and load generators share the cores.
Exit codes: 0 done and every check held, 1 a check failed (a parcel left by a wrong exit, replay or
verify found something, a line missed a commit point), 2 bad arguments.`;

export interface BenchOptions {
  readonly shapes: ReadonlySet<ShapeName>;
  readonly isQuick: boolean;
  /** Null: each shape's own. */
  readonly measureS: number | null;
  readonly seed: number;
  readonly writesReadme: boolean;
  readonly jsonFile: string | null;
  readonly profileDir: string | null;
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
  },
});

export function parseBenchOptions(argv: readonly string[]): ParsedBenchOptions {
  const read = commandLine.read(argv);
  if (read.kind !== "read") return read;
  const { values } = read;
  return {
    kind: "options",
    options: {
      shapes: shapesOf(values.shape, values.quick),
      isQuick: values.quick,
      measureS: values.seconds ?? null,
      seed: values.seed ?? 1,
      writesReadme: values["write-readme"],
      jsonFile: values.json ?? null,
      profileDir: values.profile ?? null,
    },
  };
}

/** Filling belts takes longer than a quick run lasts, so it leaves out what needs them. */
function shapesOf(names: readonly ShapeName[], isQuick: boolean): ReadonlySet<ShapeName> {
  if (names.length > 0) return new Set(names);
  return new Set(isQuick ? ["start", "mqtt"] : shapeNames);
}
