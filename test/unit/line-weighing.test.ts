import { describe, expect, it } from "vitest";
import {
  alarmsOf,
  benchConfig,
  createLineBench,
  induct,
  reasonsOf,
  recordOf,
  startedBench,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type Ride, type RideOptions } from "../kit/line-ride.ts";

/**
 * Goal: a weight is evidence of its own parcel or of none (laws 1 and 8). Method: weights at the
 * first and last count at which they can be a parcel's, late by a pitch, missing and too many.
 */

describe("weights", () => {
  it.each([
    [3_000 + 200 - 459, true],
    [3_000 + 200 - 460, false],
    [3_000 + 200 + 459, true],
    [3_000 + 200 + 460, false],
  ] as const)("a weight when the front is at %i mm is this parcel's: %s", (mm, isOurs) => {
    // Where it stands is what is asked here, not what the scale says of it.
    const scale = { ...benchConfig.layout.scale!, binding: { kind: "none" } } as const;
    const config = { ...benchConfig, layout: { ...benchConfig.layout, scale } };
    const bench = createLineBench({ config });
    bench.start();
    const passId = induct(bench, 1_000);
    bench.runTo(1_000 + mm);
    bench.weigh(777);
    expect(bench.pass(passId).weightG).toBe(isOurs ? 777 : null);
    expect(alarmsOf(bench).includes("strayWeight")).toBe(!isOurs);
  });

  it("of two parcels the nearer is meant", () => {
    const bench = startedBench();
    const first = induct(bench, 1_000);
    const second = induct(bench, 1_700);
    bench.runTo(1_000 + 3_200);
    bench.weigh(777);
    expect([bench.pass(first).weightG, bench.pass(second).weightG]).toEqual([777, null]);
  });

  it("a second weight is told, does not replace the first, and leaves the parcel in doubt", () => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(4_200);
    bench.weigh(777);
    expect(reasonsOf(bench, passId)).not.toContain("weightUnsure");
    bench.weigh(1_000);
    expect(bench.pass(passId).weightG).toBe(777);
    expect(alarmsOf(bench)).toContain("strayWeight");
    expect(reasonsOf(bench, passId)).toContain("weightUnsure");
  });

  it("the same weight with the same token is one, however often and late it is said", () => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(4_200);
    bench.weigh(777);
    bench.weigh(777);
    bench.runTo(5_500);
    bench.weigh(777);
    expect(reasonsOf(bench, passId)).not.toContain("weightUnsure");
    expect(alarmsOf(bench)).not.toContain("strayWeight");
    bench.weigh(778);
    expect(reasonsOf(bench, passId)).toContain("weightUnsure");
  });

  it("the same weight of a scale that proves nothing may be the neighbour's", () => {
    const scale = { ...benchConfig.layout.scale!, binding: { kind: "none" } } as const;
    const bench = createLineBench({
      config: { ...benchConfig, layout: { ...benchConfig.layout, scale } },
    });
    bench.start();
    const passId = induct(bench, 1_000);
    bench.runTo(4_200);
    for (let said = 0; said < 2; said += 1) bench.weigh(777);
    expect(reasonsOf(bench, passId)).toContain("weightUnsure");
  });

  it("a weight that brings another parcel's token leaves both in doubt (law 16)", () => {
    const { bench, rides } = train([{ without: ["weight"] }, { without: ["weight"] }]);
    const [first, second] = rides.map((ride) => ride);
    runRides(bench, rides, 1_800 + 3_200);
    const token = bench.pass(first!.passId()).scaleToken!;
    bench.weigh(1_000, token);
    for (const ride of [first!, second!]) {
      expect(reasonsOf(bench, ride.passId())).toContain("weightUnsure");
      expect(bench.pass(ride.passId()).weightG).toBeNull();
    }
  });

  it("one that never comes is its own parcel's trouble alone", () => {
    const line = train([{}, { without: ["weight"] }, {}]);
    runRides(line.bench, line.rides, 45_000);
    expect(exitsOf(line)).toEqual(["green", "inspection", "green"]);
  });
});

describe("a scale that measures too, of which the layout says how far its length may be off", () => {
  const scale = { ...benchConfig.layout.scale!, lengthToleranceMm: 25 } as const;
  const config = { ...benchConfig, layout: { ...benchConfig.layout, scale } };
  const edges = (length: number) => ({ length, width: 300, height: 120 });
  /** One parcel of 400 mm, with a weight that its token proves and a length that was measured. */
  const measured = (lengthMm: number | undefined) => {
    const line = train([{ without: ["weight"] }], createLineBench({ config }));
    const [ride] = line.rides;
    ride!.to(3_200);
    const track = line.bench.tokenOf("scale-1")!;
    line.bench.tell({
      kind: "weight",
      weightG: 1_000,
      proof: { track, ...(lengthMm === undefined ? {} : { lengthMm }) },
      ...(lengthMm === undefined ? {} : { dimensionsMm: edges(lengthMm) }),
    });
    return { ...line, passId: ride!.passId() };
  };

  it.each([375, 400, 425])("%i mm of 400 is this parcel, and is told of it", (lengthMm) => {
    const { bench, rides, passId } = measured(lengthMm);
    expect(bench.factsOf("weighed")).toEqual([
      { kind: "weighed", passId, weightG: 1_000, dimensionsMm: edges(lengthMm) },
    ]);
    runRides(bench, rides, 45_000);
    expect(exitsOf({ bench, rides })).toEqual(["green"]);
  });

  it.each([374, 426, 100])(
    "%i mm of 400 takes its weight with it, whatever proves that: both lengths are told",
    (lengthMm) => {
      const { bench, rides, passId } = measured(lengthMm);
      expect(bench.factsOf("weighed")).toEqual([]);
      expect(bench.pass(passId)).toMatchObject({ weightG: null, isWeightProven: false });
      const lengths = { lengthMm, seenMm: 400 };
      expect(bench.factsOf("notice")).toContainEqual({
        kind: "notice",
        code: "weighedLengthDiffers",
        passId,
        params: { weightG: 1_000, ...lengths },
      });
      expect(bench.factsOf("reasonRaised").map(({ reason }) => reason)).toContainEqual({
        code: "weightUnsure",
        params: lengths,
      });
      runRides(bench, rides, 45_000);
      expect(exitsOf({ bench, rides })).toEqual(["inspection"]);
    },
  );

  it("a weight without a length cannot be compared, and counts for nobody", () => {
    const { bench, rides, passId } = measured(undefined);
    expect(bench.pass(passId).weightG).toBeNull();
    expect(alarmsOf(bench)).toContain("strayWeight");
    expect(reasonsOf(bench, passId)).toContain("weightUnsure");
    runRides(bench, rides, 45_000);
    expect(exitsOf({ bench, rides })).toEqual(["inspection"]);
  });

  it("a second weight of the right length does not mend it", () => {
    const { bench, rides } = measured(100);
    const track = bench.tokenOf("scale-1")!;
    bench.tell({ kind: "weight", weightG: 1_000, proof: { track, lengthMm: 400 } });
    runRides(bench, rides, 45_000);
    expect(exitsOf({ bench, rides })).toEqual(["inspection"]);
  });

  it("where the layout says nothing, what was measured is told and not compared", () => {
    const { bench, rides } = train([{ without: ["weight"] }]);
    rides[0]!.to(3_200);
    const track = bench.tokenOf("scale-1")!;
    const dimensionsMm = edges(100);
    bench.tell({ kind: "weight", weightG: 1_000, proof: { track, lengthMm: 100 }, dimensionsMm });
    expect(bench.factsOf("weighed")).toMatchObject([{ dimensionsMm }]);
    runRides(bench, rides, 45_000);
    expect(exitsOf({ bench, rides })).toEqual(["green"]);
  });

  it("one that is one parcel behind is found where its parcels differ in length", () => {
    const lengthsMm = [300, 400, 320];
    const { bench, rides } = train(
      lengthsMm.map((lengthMm) => ({ lengthMm, without: ["weight"] as const })),
      createLineBench({ config }),
    );
    for (const [index, lengthMm] of lengthsMm.entries()) {
      runRides(bench, rides, 4_000 + index * 800 + lengthMm / 2);
      const track = bench.pass(rides[index]!.passId()).scaleToken!;
      const before = lengthsMm[index - 1];
      if (before === undefined) continue;
      bench.tell({ kind: "weight", weightG: 1_000, proof: { track, lengthMm: before } });
    }
    runRides(bench, rides, 45_000);
    expect(exitsOf({ bench, rides })).toEqual(["inspection", "inspection", "inspection"]);
    expect(alarmsOf(bench).filter((code) => code === "weighedLengthDiffers")).toHaveLength(2);
  });
});

describe("a scale that says nothing of whose its weights are", () => {
  it("speaks against a parcel, and never for it", () => {
    const scale = { ...benchConfig.layout.scale!, binding: { kind: "none" } } as const;
    const config = { ...benchConfig, layout: { ...benchConfig.layout, scale } };
    const line = train([{}, { weightG: 5_000 }], createLineBench({ config }));
    runRides(line.bench, line.rides, 45_000);
    expect(exitsOf(line)).toEqual(["inspection", "inspection"]);
    const reasons = line.bench.factsOf("decided").map(({ reasons: each }) => each[0]?.code);
    expect(reasons).toEqual(["weightUnsure", "weightImplausible"]);
  });

  it.each([
    [440, "weightUnsure"],
    [441, "weightMissing"],
  ] as const)(
    "but for the length it has seen, %i mm of 400, does no more: %s",
    (lengthMm, code) => {
      const scale = { ...benchConfig.layout.scale!, binding: { kind: "extent" } } as const;
      const config = { ...benchConfig, layout: { ...benchConfig.layout, scale } };
      const line = train([{ without: ["weight"] }], createLineBench({ config }));
      line.rides[0]!.to(3_200);
      line.bench.tell({ kind: "weight", weightG: 1_000, proof: { lengthMm } });
      runRides(line.bench, line.rides, 45_000);
      expect(exitsOf(line)).toEqual(["inspection"]);
      const [decided] = line.bench.factsOf("decided");
      expect(decided?.reasons.map((reason) => reason.code)).toContain(code);
    },
  );
});

describe("weights that all come late", () => {
  it.each([600, 700, 800])("by %i ms release nobody on a neighbour's", (lateMs) => {
    const late = { lateBy: { weight: lateMs } };
    const line = train([late, late, { ...late, weightG: 5_000 }, late, late]);
    runRides(line.bench, line.rides, 45_000);
    expect(exitsOf(line)).toEqual(line.rides.map(() => "inspection"));
  });
});

/** Parcels 800 mm apart from front to front. */
function train(
  each: readonly RideOptions[],
  bench = createLineBench(),
): { bench: Bench; rides: Ride[] } {
  bench.start(...each.map((_, index) => recordOf(waybillNo(index + 1))));
  const rides = each.map((options, index) =>
    startRide(bench, { number: index + 1, front: 1_000 + index * 800, ...options }),
  );
  return { bench, rides };
}

const exitsOf = ({ bench, rides }: ReturnType<typeof train>): (string | undefined)[] =>
  rides.map((ride) => bench.factsOf("left").find(({ passId }) => passId === ride.passId())?.exit);
