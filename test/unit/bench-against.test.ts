import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCheckout } from "../bench/against/checkout.ts";
import { compare, judge, medianOf, type Figure, type Pair } from "../bench/against/comparison.ts";
import { figuresOf, zBenchOutput } from "../bench/against/figures.ts";
import { turnOf } from "../bench/against/run.ts";
import { failedChecksIn, runSide, type SideOutcome } from "../bench/against/side.ts";
import { comparisonText } from "../bench/against/table.ts";
import { parseBenchOptions } from "../bench/options.ts";

/**
 * Goal: two builds are compared fairly, and what noise does not allow to say is not said. Method:
 * hand-made figures whose outcome is known, and folders with one thing wrong at a time.
 */
const figure = (value: number, given: Partial<Figure> = {}): Figure => ({
  name: "start",
  unit: "ms",
  value,
  isControl: false,
  isOverloaded: false,
  ...given,
});
const pairOf = (own: number, other: number, given: Partial<Figure> = {}): Pair => ({
  own: [figure(own, given)],
  other: [figure(other, given)],
});

describe("the median", () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])("of %j is %d", (values, median) => expect(medianOf(values)).toBe(median));
  it("of nothing is no number", () => expect(medianOf([])).toBeNaN());
});

describe("a ratio is judged", () => {
  it.each<[string, number, number[], object]>([
    ["slower only beyond the limit", 1.06, [1.01, 1.06, 1.1], { kind: "slower" }],
    ["within the limit at the limit", 1.05, [1.01, 1.05, 1.1], { kind: "withinLimit" }],
    ["faster when every pair says so", 0.9, [0.8, 0.9, 0.99], { kind: "faster" }],
    [
      "as noise when one pair is alike",
      1.2,
      [1, 1.2, 1.3],
      { kind: "withinNoise", isOverLimit: true },
    ],
    ["as noise around 1", 1.01, [0.9, 1.01, 1.2], { kind: "withinNoise", isOverLimit: false }],
    ["by no fewer than three pairs", 2, [2, 2], { kind: "tooFewPairs" }],
  ])("%s", (_name, ratio, pairs, judgement) => expect(judge(ratio, pairs)).toEqual(judgement));
});

describe("a comparison", () => {
  it("takes medians of both sides and the ratio of each pair, each way round", () => {
    const { comparisons, incomparable } = compare([pairOf(10, 20), pairOf(30, 30), pairOf(20, 10)]);
    expect(incomparable).toEqual([]);
    expect(comparisons).toMatchObject([
      { own: 20, other: 20, ownToOther: 1, otherToOwn: 1, pairs: [0.5, 1, 2] },
    ]);
    const [twice] = compare([pairOf(20, 10), pairOf(20, 10), pairOf(20, 10)]).comparisons;
    expect(twice).toMatchObject({ ownToOther: 2, otherToOwn: 0.5, pairMin: 2, pairMax: 2 });
    expect(twice?.judgement).toEqual({ kind: "slower" });
  });

  it("calls nothing by nothing alike, and does not judge a control", () => {
    const [none] = compare([pairOf(0, 0), pairOf(0, 0), pairOf(0, 0)]).comparisons;
    expect(none).toMatchObject({ ownToOther: 1, judgement: { kind: "withinNoise" } });
    const control = pairOf(30, 10, { isControl: true });
    const [floor] = compare([control, control, control]).comparisons;
    expect(floor?.judgement).toEqual({ kind: "control" });
  });

  it("does not judge a queue, but a build that alone has one", () => {
    const judged = (own: boolean, other: boolean): unknown => {
      const pair = {
        own: [figure(20, { isOverloaded: own })],
        other: [figure(10, { isOverloaded: other })],
      };
      const alone = pairOf(20, 10);
      expect(compare([alone, pair, alone]).comparisons[0]?.judgement.kind).toBe("slower");
      return compare([alone, pair, pair]).comparisons[0]?.judgement.kind;
    };
    expect(judged(true, true)).toBe("overloaded");
    expect(judged(true, false)).toBe("slower");
    expect(judged(false, true)).toBe("slower");
  });

  it("says nothing of a figure that one run lacks, but names it", () => {
    const { comparisons, incomparable } = compare([pairOf(1, 1), { own: [figure(1)], other: [] }]);
    expect({ comparisons, incomparable }).toEqual({ comparisons: [], incomparable: ["start"] });
  });

  it("lets both builds be first in turns", () => {
    expect([0, 1, 2].map(turnOf)).toEqual([
      ["other", "own"],
      ["own", "other"],
      ["other", "own"],
    ]);
  });

  it("is a table with a verdict on each line, and says what is slower", () => {
    const pairs = [1.2, 1.3, 1.1].map((ratio) => ({
      own: [figure(1_000 * ratio), figure(ratio, { name: "day" })],
      other: [figure(1_000), figure(1.2, { name: "day" })],
    }));
    const text = comparisonText(compare(pairs), { own: "a", other: "b", pairsTotal: 3 });
    expect(text).toContain(
      "| start | ms | 1,200 | 1,000 | 1.200 | 1.100 to 1.300 | 0.833 | SLOWER in every pair, beyond 1.05 |",
    );
    expect(text).toMatch(/\| day .* 0\.917 to 1\.083 \| 1\.000 \| within noise \|/);
    expect(text).toMatch(/\n\nSlower than 1\.05 beyond noise: start\.$/);
  });

  it("claims nothing after two pairs, and leaves open what noise hides", () => {
    const textOf = (pairs: Pair[]): string =>
      comparisonText(compare(pairs), { own: "a", other: "b", pairsTotal: pairs.length });
    expect(textOf([pairOf(9, 1), pairOf(9, 1)])).toMatch(/Fewer than 3 pairs do not tell/);
    expect(textOf([pairOf(9, 10), pairOf(20, 10), pairOf(20, 10)])).toMatch(
      /Nothing is slower .* Open, because of noise: start\.$/,
    );
  });
});

const latency = { p50: 2, p99: 4 };
const mqttRun = {
  peer: "agent",
  parcelsPerS: 200,
  parcelsTotal: 100,
  lastEvidenceToCommandMs: latency,
  scanToCommandMs: { p50: 5, p99: 9 },
  cpuShare: 0.5,
  residentMiB: 200,
  journalFile: "/a/journal.db",
};
const agent = {
  lines: [{ parcelsPerHour: 3_600 }],
  cpuShare: 0.1,
  residentMiB: 250,
  journalFile: "/b/journal.db",
};
const nothing = { start: null, mqtt: [], lines: null, site: null, day: null };
const valuesOf = (output: object, journals: readonly [string, number][] = []): unknown =>
  Object.fromEntries(
    figuresOf(zBenchOutput.parse({ ...nothing, ...output }), new Map(journals)).map(
      ({ name, value }) => [name, value],
    ),
  );

describe("the figures of a bench", () => {
  it("of start and day are what it wrote, whatever else it wrote", () => {
    const day = { seconds: 14, parcels: 90_000 };
    const start = { startMs: 1_500, startMsMax: 2_000, residentMiB: 230 };
    expect(valuesOf({ day, start, other: 1 })).toEqual({
      "agent start, to its ready line": 1_500,
      "agent start, memory": 230,
      "simulated day": 14,
    });
  });

  it("of the MQTT path are by rate, medians of repeats, with the floor as control", () => {
    const slow = { ...mqttRun, lastEvidenceToCommandMs: { p50: 4, p99: 4 } };
    const floor = { ...mqttRun, peer: "floor", journalFile: null };
    expect(valuesOf({ mqtt: [mqttRun, slow, floor] }, [["/a/journal.db", 50_000]])).toEqual({
      "MQTT 200/s, last evidence to command p50": 3,
      "MQTT 200/s, last evidence to command p99": 4,
      "MQTT 200/s, scan to command p50": 5,
      "MQTT 200/s, scan to command p99": 9,
      "MQTT 200/s, CPU a parcel": 2.5,
      "MQTT 200/s, memory": 200,
      "MQTT 200/s, journal a parcel": 500,
      "MQTT 200/s, floor p50": 2,
    });
  });

  it("of an agent without a moment left are its queue's, but for the journal's", () => {
    const busy = { ...mqttRun, cpuShare: 0.96 };
    const figures = figuresOf(
      zBenchOutput.parse({ ...nothing, mqtt: [mqttRun, busy] }),
      new Map([["/a/journal.db", 50_000]]),
    );
    const overloaded = figures.filter((each) => each.isOverloaded).map(({ name }) => name);
    expect(figures.map(({ name }) => name)).toEqual([
      ...overloaded,
      "MQTT 200/s, journal a parcel",
    ]);
    const calm = figuresOf(zBenchOutput.parse({ ...nothing, mqtt: [mqttRun] }), new Map());
    expect(calm.some((each) => each.isOverloaded)).toBe(false);
  });

  it("of lines add their agents up, and leave out what was not measured", () => {
    const all = { lastEvidenceToCommandMs: { p50: null, p99: null }, parcelsEnded: 10 };
    const site = { result: { all }, agents: [agent, agent] };
    expect(valuesOf({ site }, [["/b/journal.db", 1_000]])).toEqual({
      "40 lines, CPU a parcel": 100,
      "40 lines, memory of the agents": 500,
      "40 lines, journal a parcel": 200,
    });
    expect(valuesOf({ lines: site })).not.toHaveProperty("default lines, journal a parcel");
  });
});

it("what failed is found in a report's checks, not among its aims", () => {
  const report = "Checked:\n\n- yes: a\n- NO: 1 of 2 wrong\n\nAimed at:\n\n- NO: fast\n";
  expect(failedChecksIn(report)).toEqual(["1 of 2 wrong"]);
  expect(failedChecksIn("Aimed at:\n- NO: fast")).toEqual(["a check failed"]);
});

describe("a checkout", () => {
  let dir = "";
  const write = async (path: string, content: unknown): Promise<void> => {
    await mkdir(join(dir, path, ".."), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(join(dir, path), text, { mode: 0o755 });
  };
  /** All that is looked at, in the order of looking. */
  const steps: readonly (readonly [string, unknown])[] = [
    ["package.json", { name: "sortline", version: "0.1.0" }],
    ["node_modules/.keep", ""],
    [
      "package-lock.json",
      {
        packages: { "": { dependencies: { big: "1" } }, "node_modules/big": { version: "1.1.0" } },
      },
    ],
    ["node_modules/big/package.json", { version: "1.1.0" }],
    ["test/bench/main.ts", ""],
    [
      "node_modules/.bin/node",
      '#!/bin/sh\n[ "$1" = --version ] && echo v24.21.0 || echo --json --shape\n',
    ],
  ];
  const lay = async (count: number): Promise<void> => {
    for (const [path, content] of steps.slice(0, count)) await write(path, content);
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "sortline-checkout-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it("with all its parts is taken", async () => {
    await lay(steps.length);
    expect(readCheckout(dir)).toMatchObject({
      kind: "checkout",
      checkout: { root: dir, title: "version 0.1.0, Node v24.21.0" },
    });
  });

  it.each([
    [0, "it is no checkout of Sortline"],
    [1, "it has no node_modules; run npm ci there"],
    [2, "it has no readable package-lock.json; run npm ci there"],
    [3, "its node_modules has no big; run npm ci there"],
    [4, "it has no test/bench/main.ts"],
    [5, "its node_modules/.bin/node does not run"],
  ])("with %d of its parts is refused: %s", async (count, why) => {
    await lay(count);
    expect(readCheckout(dir)).toEqual({ kind: "refused", why: `${dir}: ${why}` });
  });

  it.each([
    ["package.json", { name: "sortlime", version: "1" }, "it is no checkout of Sortline"],
    [
      "node_modules/big/package.json",
      { version: "1.0.0" },
      "its node_modules has big 1.0.0, its lock file 1.1.0; run npm ci there",
    ],
    [
      "node_modules/.bin/node",
      "#!/bin/sh\necho v20.20.2\n",
      "its node_modules/.bin/node is v20.20.2, and 24 is wanted",
    ],
    [
      "node_modules/.bin/node",
      "#!/bin/sh\necho v24.21.0\n",
      "its bench does not measure by --shape and --json",
    ],
  ])("with another %s is refused (%j)", async (path, content, why) => {
    await lay(steps.length);
    await write(path, content);
    expect(readCheckout(dir)).toEqual({ kind: "refused", why: `${dir}: ${why}` });
  });

  it("that is not there, or no folder, is refused", async () => {
    const nowhere = join(dir, "nowhere");
    const why = `${nowhere}: there is no such file or folder`;
    expect(readCheckout(nowhere)).toEqual({ kind: "refused", why });
    await write("file", "");
    expect(readCheckout(join(dir, "file"))).toMatchObject({ kind: "refused" });
  });
});

describe("one run of a build's own bench", () => {
  let root = "";
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "sortline-side-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  /** The script stands in for Node with the bench: its last word is the file to write. */
  const runBy = async (script: string): Promise<SideOutcome> => {
    const runtime = join(root, "node");
    const head = "#!/bin/sh\nfor last; do :; done\n";
    await writeFile(runtime, `${head}${script}\n`, { mode: 0o755 });
    const checkout = { root, runtime, title: "a build" };
    return runSide({ checkout, args: ["--shape", "day"], folder: join(root, "run") });
  };

  it("gives its figures, its journals' sizes and the checks that failed", async () => {
    const journalFile = join(root, "run/a/journal.db");
    const output = JSON.stringify({ ...nothing, mqtt: [{ ...mqttRun, journalFile }] });
    const outcome = await runBy(
      `mkdir "$TMPDIR/a"; printf %1000s > "$TMPDIR/a/journal.db"; echo '${output}' > "$last"
       echo "- NO: $2 $3"; exit 1`,
    );
    expect(outcome).toMatchObject({ kind: "measured", failedChecks: ["--shape day"] });
    const bytes = { name: "MQTT 200/s, journal a parcel", value: 10 };
    expect(outcome.kind === "measured" && outcome.figures).toContainEqual(
      expect.objectContaining(bytes),
    );
  });

  it("that writes nothing, or something else, has failed with its own words", async () => {
    expect(await runBy("echo no broker >&2; exit 3")).toEqual({
      kind: "failed",
      why: "ended with 3: no broker",
    });
    expect(await runBy('echo "{}" > "$last"')).toMatchObject({
      kind: "failed",
      why: expect.stringMatching(/^what its bench wrote cannot be read: start: /),
    });
  });
});

describe("the options", () => {
  it("compare in five pairs unless told otherwise", () => {
    expect(parseBenchOptions(["--against", "x"])).toMatchObject({
      options: { againstDir: "x", pairsTotal: 5 },
    });
    expect(parseBenchOptions(["--against", "x", "--pairs", "9"])).toMatchObject({
      options: { pairsTotal: 9 },
    });
  });

  it.each([
    [["--pairs", "3"], "--pairs: it goes with --against"],
    [["--against", "x", "--pairs", "0"], "--pairs: 0 is not a whole number from 1 to 100"],
    [["--against"], "--against: a folder is wanted"],
    [["--against", "x", "--write-readme"], "--write-readme: it does not go with --against"],
    [["--against", "x", "--profile", "y"], "--profile: it does not go with --against"],
  ])("%j are refused", (argv, sentence) => {
    const parsed = parseBenchOptions(argv);
    expect(parsed.kind === "refused" ? parsed.text.split("\n")[0] : parsed).toBe(
      `bench: ${sentence}`,
    );
  });
});
