/**
 * Goal: the world is cheap enough that a simulated day stays a matter of seconds. Method: a line
 * alone runs at 4,000 parcels an hour in virtual time; the bound is far above what it needs, so
 * that only a lost data structure can break it.
 */
import { expect, test } from "vitest";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { defaultScenario } from "../../simulators/scenarios/options.ts";
import { createParcelStream } from "../../simulators/scenarios/parcel-stream.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { createLineWorld } from "../../simulators/world/line-world.ts";
import { deafOracle, noFaults } from "../../simulators/world/ports.ts";

test("three hours at 4,000 parcels an hour take well under 2 s, and all parcels end", () => {
  const clock = createVirtualClock();
  const stream = createParcelStream({
    seed: 1,
    lineIndex: 0,
    scenario: { ...defaultScenario, parcelsPerHour: 4_000 },
    beltSpeedMmPerS: defaultLayout.beltSpeedMmPerS,
  });
  let inducted = 0;
  let ended = 0;
  let edges = 0;
  const world = createLineWorld(
    {
      clock,
      entropy: createSeededEntropy(1, "people"),
      layout: defaultLayout,
      source: { next: () => stream.next().physical },
      faults: noFaults,
      oracle: { ...deafOracle, onInducted: () => inducted++, onParcelEnded: () => ended++ },
      foreignParcel: () => stream.foreign(),
    },
    () => ({
      sorter: { eyeChanged: () => edges++, chuteChanged() {}, beltChanged() {} },
      scanner: { read() {} },
      scale: { settled() {} },
      xray: { itemEntered() {}, itemCleared() {}, itemScanned() {} },
    }),
  );
  world.machinery.runBelt(true);
  world.machinery.permitInduction(true);
  const startedAt = performance.now();
  clock.runFor(3 * 3_600_000);
  const elapsedMs = performance.now() - startedAt;
  expect(inducted).toBeGreaterThan(11_500);
  expect(inducted).toBeLessThan(12_500);
  expect(inducted - ended).toBe(world.onBelt().length);
  expect(edges).toBeGreaterThan(8 * inducted);
  expect(elapsedMs).toBeLessThan(2_000);
});
