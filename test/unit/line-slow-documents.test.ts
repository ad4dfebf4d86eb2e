import { expect, it } from "vitest";
import { createLineBench, recordOf, waybillNo } from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * PF-08: the document source takes its time. Parcels whose records and claims come late, or not at
 * all, ride among parcels whose documents are there; the line's own pace must not change.
 */
it("PF-08: slow documents cost their own parcels the green exit, and nobody else anything", () => {
  const bench = createLineBench();
  const numbers = [1, 2, 3, 4, 5, 6];
  const prompt = numbers.filter((number) => number % 2 === 0);
  bench.start(...prompt.map((number) => recordOf(waybillNo(number))));
  bench.commands.length = 0;
  const rides = numbers.map((number) =>
    startRide(bench, {
      number,
      front: 1_000 + number * 900,
      without: prompt.includes(number) ? [] : ["claim"],
    }),
  );
  runRides(bench, rides, 45_000);
  const exitOf = (number: number): string | undefined =>
    bench.factsOf("left").find(({ passId }) => passId === rides[number - 1]?.passId())?.exit;
  expect(numbers.map(exitOf)).toEqual([
    "inspection",
    "green",
    "inspection",
    "green",
    "inspection",
    "green",
  ]);
  // Nothing was held, and the belt was never asked to wait.
  expect(bench.commands.filter(({ kind }) => kind === "belt")).toEqual([]);
  expect(
    bench.commands.filter((command) => command.kind === "induction" && !command.isPermitted),
  ).toEqual([]);
});
