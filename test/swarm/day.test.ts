/**
 * Goal: the simulated day that the bench prints is a day of the real core, judged, and the same for
 * the same seed. Method: an hour of it with its faults, and an hour of a storm.
 */
import { expect, it } from "vitest";
import { simulateDay } from "./day.ts";

const timeout = 120_000;

it(
  "laws 1 to 10: an hour with faults has no wrong green, and nothing is lost from sight",
  { timeout },
  () => {
    const hour = simulateDay({ seed: 1, hours: 1 });
    expect(hour).toMatchObject({ wrongCommands: [], wrongGreens: [], broken: [] });
    expect(hour.parcels).toBeGreaterThan(3_500);
    expect(hour.exits["green"]).toBeGreaterThan(0.6 * hour.parcels);
    expect(hour.exits["red"]).toBeGreaterThan(0.05 * hour.parcels);
    expect(Object.keys(hour.faults).length).toBeGreaterThan(5);
  },
);

it("law 11: the same seed gives the same hour, another gives another", { timeout }, () => {
  const { seconds: _first, ...one } = simulateDay({ seed: 2, hours: 0.3 });
  const { seconds: _again, ...again } = simulateDay({ seed: 2, hours: 0.3 });
  expect(again).toEqual(one);
  expect(simulateDay({ seed: 3, hours: 0.3 }).exits).not.toEqual(one.exits);
});

it(
  "what really goes wrong in a storm of hands and diverters is told, never silent",
  { timeout },
  () => {
    const storm = simulateDay({
      seed: 4,
      hours: 1,
      faultPlan: {
        parcelRemovedByHand: 0.02,
        foreignParcel: 0.02,
        parcelSlips: 0.03,
        diverterDead: 0.03,
        diverterLate: 0.05,
        eyeBounce: 0.01,
        encoderSlips: 0.3,
      },
    });
    expect(storm).toMatchObject({ wrongCommands: [], wrongGreens: [], broken: [] });
    expect(storm.greenCommands).toBeGreaterThan(100);
  },
);
