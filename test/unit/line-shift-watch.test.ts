import { describe, expect, it } from "vitest";
import { alarmsOf } from "../kit/line-bench.ts";
import { configWith, runTrain, type TrainOptions } from "../kit/line-reader.ts";

/**
 * Goal: labels that have slipped by one are noticed by their weights, whatever the reader says of
 * itself (law 16). Method: a reader that sends back the newest token with the label before, which
 * no binding can tell, and parcels of such weights as tell each from its neighbours.
 */
const echo = configWith({ kind: "echo", sendMm: 150 });
const unlike = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000];

const watch = (
  weightsG: readonly number[],
  trueWeightsG: readonly number[],
  options: Partial<TrainOptions> = {},
) => {
  const parcels = weightsG.length;
  const train = runTrain({ config: echo, parcels, weightsG, trueWeightsG, ...options });
  const { bench } = train;
  return {
    exits: train.exits(),
    isStopped: bench.commands.some((command) => command.kind === "belt" && !command.run),
    recalled: bench.factsOf("recallWanted").map(({ waybill }) => waybill),
    told: alarmsOf(bench).filter((code) => code === "readsShifted"),
  };
};

describe("weights that fit a neighbour's papers and not their own", () => {
  it("twice running stop the belt and put everything on it in doubt", () => {
    // From the third on each parcel weighs what the papers of the one before declare.
    const { exits, isStopped, told } = watch(
      unlike,
      [1_000, 2_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000],
    );
    expect(isStopped).toBe(true);
    expect(told).toEqual(["readsShifted"]);
    expect(exits.slice(2)).not.toContain("green");
  });

  it("list for recall who left by green since a weight last told its parcel from the others", () => {
    // The first three weigh alike, so that nothing tells them apart.
    const { recalled } = watch(
      [1_000, 1_000, 1_000, 2_000, 3_000, 4_000, 5_000],
      [1_000, 1_000, 1_000, 1_000, 2_000, 3_000, 4_000],
    );
    expect(recalled).toEqual(["W000001", "W000002", "W000003"].slice(0, recalled.length));
    expect(recalled.length).toBeGreaterThan(0);
  });

  it.each([1_300, 1_500, 1_650, 1_750, 1_800, 2_000])(
    "and whoever was on its way to green then, at a pitch of %i mm",
    (pitchMm) => {
      const { bench } = runTrain({
        config: echo,
        parcels: 6,
        weightsG: [1_000, 1_000, 1_000, 1_000, 2_000, 3_000],
        trueWeightsG: [1_000, 1_000, 1_000, 1_000, 1_000, 2_000],
        pitchMm,
      });
      const green = bench.factsOf("left").filter(({ exit }) => exit === "green");
      const recalled = bench.factsOf("recallWanted").map(({ passId }) => passId);
      expect(recalled).toEqual(green.map(({ passId }) => passId));
      const { greensToRecall } = bench.state.shift;
      const told = bench.factsOf("condition").findLast(({ code }) => code === "readsShifted");
      expect([greensToRecall, told?.params]).toEqual([green.length, { greens: green.length }]);
    },
  );

  it("once is chance", () => {
    const { isStopped } = watch(unlike, [1_000, 2_000, 2_000, 4_000, 5_000, 6_000, 7_000, 8_000]);
    expect(isStopped).toBe(false);
  });

  it("is not said of a parcel that fits nobody's", () => {
    const { isStopped } = watch(unlike, [1_000, 250, 300, 4_000, 5_000, 6_000, 7_000, 8_000]);
    expect(isStopped).toBe(false);
  });
});

describe("parcels so far apart that each is decided before the next is read", () => {
  const quiet = { pitchMm: 40_000 };
  // Each parcel bears the papers of the one before it.
  const behindG = [1_000, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000];

  it("twice running stop the belt as well, each once the papers of the one behind are known", () => {
    // A parcel weighs what the papers say that the one behind it bears.
    const { isStopped, told } = watch(unlike, [...unlike.slice(1), 9_000], quiet);
    expect(isStopped).toBe(true);
    expect(told).toEqual(["readsShifted"]);
  });

  it("are told from a label that went ahead, too", () => {
    expect(watch(unlike, behindG, quiet).isStopped).toBe(true);
  });

  it("once is chance, and a weight that fits nobody's is not of the labels", () => {
    const once = watch(unlike, [2_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000], quiet);
    expect(once.isStopped).toBe(false);
    const light = watch(unlike, [500, 700, 1_200, 1_300, 1_400, 1_500, 1_600, 1_700], quiet);
    expect(light.isStopped).toBe(false);
  });

  it("keep a green for recall while the one behind might bear its papers", () => {
    // The third fits its own papers, and the fourth's as well: it tells nobody apart.
    const { recalled } = watch(
      [1_000, 1_000, 2_000, 2_000, 5_000, 3_000, 4_000, 6_000],
      [1_000, 1_000, 2_000, 5_000, 3_000, 4_000, 6_000, 9_000],
      quiet,
    );
    expect(recalled).toContain("W000003");
  });
});

describe("a reader one behind that nothing binds, on a quiet belt", () => {
  it("is told by the weights, though it holds the papers of each back until the next", () => {
    const { isStopped } = watch(unlike, unlike, {
      config: configWith({ kind: "none" }),
      lag: "noReadFirst",
      pitchMm: 40_000,
    });
    expect(isStopped).toBe(true);
  });
});
