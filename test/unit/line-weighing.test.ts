import { describe, expect, it } from "vitest";
import { alarmsOf, induct, reasonsOf, startedBench, type Bench } from "../kit/line-bench.ts";
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
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(1_000 + mm);
    bench.tell({ kind: "weight", weightG: 777 });
    expect(bench.pass(passId).weightG).toBe(isOurs ? 777 : null);
    expect(alarmsOf(bench).includes("strayWeight")).toBe(!isOurs);
  });

  it("of two parcels the nearer is meant", () => {
    const bench = startedBench();
    const first = induct(bench, 1_000);
    const second = induct(bench, 1_700);
    bench.runTo(1_000 + 3_200);
    bench.tell({ kind: "weight", weightG: 777 });
    expect([bench.pass(first).weightG, bench.pass(second).weightG]).toEqual([777, null]);
  });

  it("a second weight is told, does not replace the first, and leaves the parcel in doubt", () => {
    const bench = startedBench();
    const passId = induct(bench, 1_000);
    bench.runTo(4_200);
    bench.tell({ kind: "weight", weightG: 777 });
    expect(reasonsOf(bench, passId)).not.toContain("weightUnsure");
    bench.tell({ kind: "weight", weightG: 1_000 });
    expect(bench.pass(passId).weightG).toBe(777);
    expect(alarmsOf(bench)).toContain("strayWeight");
    expect(reasonsOf(bench, passId)).toContain("weightUnsure");
  });

  it("a second weight also leaves whoever was weighed just before in doubt", () => {
    const { bench, rides } = train([{}, {}, {}]);
    runRides(bench, rides, 1_000 + 1_600 + 3_300);
    bench.tell({ kind: "weight", weightG: 1_000 });
    for (const ride of rides) expect(reasonsOf(bench, ride.passId())).toContain("weightUnsure");
  });
});

/** Parcels 800 mm apart from front to front. */
function train(each: readonly RideOptions[]): { bench: Bench; rides: Ride[] } {
  const bench = startedBench();
  const rides = each.map((options, index) =>
    startRide(bench, { number: index + 1, front: 1_000 + index * 800, ...options }),
  );
  return { bench, rides };
}
const exitsOf = ({ bench, rides }: ReturnType<typeof train>): (string | undefined)[] =>
  rides.map((ride) => bench.factsOf("left").find(({ passId }) => passId === ride.passId())?.exit);

describe("weights and parcels in step", () => {
  it.each([600, 700, 800])(
    "weights that all come %i ms late release nobody on a neighbour's",
    (lateMs) => {
      const late = { lateBy: { weight: lateMs } };
      const line = train([late, late, { ...late, weightG: 5_000 }, late, late]);
      runRides(line.bench, line.rides, 45_000);
      expect(exitsOf(line)).toEqual(line.rides.map(() => "inspection"));
      expect(line.bench.state.machine.conditions).toEqual([]);
    },
  );

  it("one that never comes makes doubtful who has been weighed since, and holds the line", () => {
    const line = train([{ without: ["weight"] }, {}, {}]);
    runRides(line.bench, line.rides, 6_000);
    expect(line.bench.state.machine.conditions).toEqual(["scaleOutOfStep"]);
    runRides(line.bench, line.rides, 45_000);
    expect(exitsOf(line)).toEqual(["inspection", "inspection", "inspection"]);
    const next = startRide(line.bench, { number: 4 });
    next.to(36_000);
    expect(line.bench.factsOf("left").at(-1)).toMatchObject({ exit: "green" });
  });

  it("a scale that is silent holds nobody up: its parcels are doubted one by one", () => {
    const line = train([{ without: ["weight"] }, { without: ["weight"] }]);
    line.bench.tell({ kind: "health", deviceId: "scale-1", state: "down", reason: null });
    runRides(line.bench, line.rides, 45_000);
    expect(alarmsOf(line.bench)).not.toContain("scaleOutOfStep");
    expect(exitsOf(line)).toEqual(["inspection", "inspection"]);
  });
});
