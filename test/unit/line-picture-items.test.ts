import { describe, expect, it } from "vitest";
import type { LineConfig } from "../../edge/line/config.ts";
import { benchConfig, createLineBench, recordOf, waybillNo } from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: a machine that knows no counts and tells of an item by its picture alone gives an image to
 * nobody but the pass that it was taken of (laws 9 and 16). Method: trains of boxes of one length
 * whose pictures are all clear, through a machine that is in order, late, one behind, or wrong in the
 * numbers that it gives back.
 */
const lengthMm = 400;
const fromMm = 5_000;
const total = 6;

const configTo = (toMm: number, pictureFromMm: number): LineConfig => ({
  ...benchConfig,
  layout: {
    ...benchConfig.layout,
    xray: {
      deviceId: "xray-1",
      fromMm,
      toMm,
      binding: { kind: "extent" },
      entryByEye: { announceMm: 150, itemIsTold: "withPicture", pictureFromMm },
    },
  },
});

/** Of which parcel a picture is, and whose number it bears, by their places in the train. */
interface Shown {
  readonly of: number;
  readonly as: number;
}

interface Train {
  /** What comes at the time of each parcel's picture; null: nothing. */
  readonly shownAt: (index: number) => Shown | null;
  readonly pitchMm?: number;
  /** Belt from a parcel's rear at the entry until its picture is told. */
  readonly behindMm?: number;
  readonly toMm?: number;
  /** Where the beam stands. Left out: where this machine's pictures come. */
  readonly pictureFromMm?: number;
  readonly isPurged?: boolean;
}

function run({ shownAt, pitchMm = 3_000, behindMm = 1_000, toMm = 7_000, ...more }: Train) {
  const { pictureFromMm = Math.max(0, behindMm), isPurged = true } = more;
  const bench = createLineBench({ config: configTo(toMm, pictureFromMm) });
  bench.start(...Array.from({ length: total }, (_, index) => recordOf(waybillNo(index + 1))));
  if (isPurged) {
    bench.stand(1_000);
    bench.sorter({ kind: "localReset", count: bench.state.belt.count });
    bench.runTo(bench.count() + 100);
  }
  const from = bench.count() + 2_000;
  const rides = Array.from({ length: total }, (_, index) =>
    startRide(bench, {
      number: index + 1,
      front: from + index * pitchMm,
      without: ["item", "image", "algorithm", "officer"],
    }),
  );
  for (let index = 0; index < total; index += 1) {
    runRides(bench, rides, from + index * pitchMm + fromMm + lengthMm + behindMm);
    const shown = shownAt(index);
    if (shown === null || rides[shown.as] === undefined) continue;
    const key = { passId: passIdOf(rides[shown.as]!), itemSequence: shown.as + 1, lengthMm };
    const { imageHash } = rides[shown.of]!;
    bench.tell({ kind: "xrayItem", item: key });
    bench.tell({ kind: "xrayImage", ...key, imageHash, pictureHash: imageHash });
    const { lengthMm: _length, ...named } = key;
    const verdict = { ...named, imageHash, verdict: "clear" as const, boxes: [] };
    bench.tell({ kind: "xrayVerdict", verdict: { ...verdict, algorithm: "bench" } });
    bench.officer(key.passId, imageHash, "release");
  }
  runRides(bench, rides, from + total * pitchMm + 36_000);
  const decided = rides.map((ride) => {
    const last = bench.factsOf("decided").findLast(({ passId }) => passId === ride.passId());
    return { exit: last?.exit, isOnItsOwn: last?.imageHash === ride.imageHash };
  });
  return {
    greens: decided.filter(({ exit }) => exit === "green").length,
    greensOnAnothers: decided.filter(({ exit, isOnItsOwn }) => exit === "green" && !isOnItsOwn),
  };
}

/** Of one that has not come yet the number is already given out, and its pass is not. */
function passIdOf(ride: ReturnType<typeof startRide>): string {
  try {
    return ride.passId();
  } catch {
    return "L1-e0-99";
  }
}

const healthy = (index: number): Shown => ({ of: index, as: index });

/** What a machine may do wrong, from the third parcel of the train. */
const wrongs: Readonly<Record<string, Train["shownAt"]>> = {
  "one picture behind from the start": (index) =>
    index === 0 ? null : { of: index - 1, as: index },
  "one picture behind after a missing one": (index) =>
    index < 2 ? healthy(index) : index === 2 ? null : { of: index - 1, as: index },
  "one picture behind after one twice": (index) =>
    index < 3 ? healthy(index) : { of: index - 1, as: index },
  "the number of the next one": (index) => ({ of: index, as: index + 1 }),
  "the number of the next one, from the third": (index) =>
    index < 2 ? healthy(index) : { of: index, as: index + 1 },
  "the number of the one before": (index) =>
    index < 3 ? healthy(index) : { of: index, as: index - 1 },
  "one picture ahead after a missing one": (index) =>
    index < 2 ? healthy(index) : index === 2 ? null : { of: index, as: index - 1 },
  "one picture ahead from the start": (index) =>
    index === 0 ? null : { of: index, as: index - 1 },
  "two numbers exchanged": (index) =>
    index === 2 ? { of: 2, as: 3 } : index === 3 ? { of: 3, as: 2 } : healthy(index),
};

describe("law 9: a machine whose items come with their pictures", () => {
  it.each([
    [1_000, 1_000, 7_000],
    [3_000, 0, 7_000],
    [1_000, 12_000, 20_000],
    [12_000, 12_000, 20_000],
  ])(
    "releases what is its own, a parcel in %i mm, %i mm behind, to %i mm",
    (pitchMm, behindMm, toMm) => {
      const { greens, greensOnAnothers } = run({ shownAt: healthy, pitchMm, behindMm, toMm });
      expect([greens, greensOnAnothers]).toEqual([total, []]);
    },
  );

  it("law 16: binds a picture as long as the next one's cannot come, and not longer", () => {
    // The next one's rear is 800 mm behind; it may be 60 mm further on, and its count 150 ms old.
    const at = (pictureFromMm: number) =>
      run({ shownAt: healthy, pitchMm: 800, behindMm: 1_200, pictureFromMm }).greens;
    expect(at(611)).toBe(total);
    expect(at(610)).toBe(0);
  });

  it("owes until a person has emptied it of its pictures", () => {
    expect(run({ shownAt: healthy, isPurged: false }).greens).toBe(0);
  });

  it("binds what comes before its parcel has left the tunnel, and nothing later", () => {
    // Its rear has left at 7,000 mm, and what was told 150 ms later may still be of before.
    expect(run({ shownAt: healthy, behindMm: 2_149 }).greens).toBe(total);
    expect(run({ shownAt: healthy, behindMm: 2_150 }).greens).toBe(0);
  });

  it("binds nothing before pictures can come", () => {
    // Its rear may be 60 mm further on than was tracked, and its count 150 ms old.
    const at = (behindMm: number) =>
      run({ shownAt: healthy, behindMm, pictureFromMm: 1_000 }).greens;
    expect([at(790), at(789)]).toEqual([total, 0]);
  });

  it("binds nothing before its parcel is in", () => {
    expect(run({ shownAt: healthy, behindMm: -60 }).greens).toBe(total);
    expect(run({ shownAt: healthy, behindMm: -61 }).greens).toBe(0);
  });
});

describe("law 16: nobody is released on another's picture", () => {
  const all = Object.keys(wrongs).flatMap((wrong) =>
    [1_000, 1_500, 3_000, 12_000].flatMap((pitchMm) => [
      { wrong, pitchMm, behindMm: 1_000, toMm: 7_000 },
      { wrong, pitchMm, behindMm: 12_000, toMm: 20_000 },
    ]),
  );

  it.each(all)("$wrong, a parcel in $pitchMm mm, $behindMm mm behind", ({ wrong, ...train }) => {
    const { greens, greensOnAnothers } = run({ ...train, shownAt: wrongs[wrong]! });
    expect(greensOnAnothers).toEqual([]);
    expect(greens).toBeLessThan(total);
  });
});
