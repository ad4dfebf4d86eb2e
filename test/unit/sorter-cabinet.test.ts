/**
 * Goal: on the simulated belt a commanded parcel, and it alone, leaves where the agent's driver was
 * told. Method: the real world, controller, codecs and driver in virtual time; the only thing
 * replaced is the line's mind, which here diverts by a list.
 */
import { expect, test } from "vitest";
import { createSorterDriver } from "../../edge/devices/sorter/driver.ts";
import { sorterJsonCarriers } from "../../edge/devices/sorter/sortline-json.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Exit } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSorterCabinet } from "../../simulators/devices/sorter/cabinet.ts";
import { sorterConfig } from "../../simulators/devices/sorter/config.ts";
import { createSorterMqttWire } from "../../simulators/devices/sorter/mqtt-wire.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { defaultLayout, eyeIdsOf } from "../../simulators/world/layout.ts";
import { createLineWorld } from "../../simulators/world/line-world.ts";
import { deafOracle, noFaults } from "../../simulators/world/ports.ts";

const swingMs = 80;
const lengthMm = 400;

/** Runs one parcel an exit wanted, gaps of 600 mm; null is a parcel nobody commands. */
function sortThem(wanted: readonly (Exit | null)[]) {
  const clock = createVirtualClock();
  const broker = createMemoryBroker({ clock, latencyMs: () => 2 });
  const ends = new Map<string, Exit>();
  const told: SorterEvent[] = [];
  let fed = 0;
  const world = createLineWorld(
    {
      clock,
      entropy: createSeededEntropy(1, "people"),
      layout: { ...defaultLayout, rampMmPerS2: null },
      faults: noFaults,
      oracle: {
        ...deafOracle,
        onParcelEnded: (truthId, end) => {
          if (end.kind === "exit") ends.set(truthId, end.exit);
        },
      },
      source: {
        next() {
          if (fed === wanted.length) return null;
          fed += 1;
          const contents = { seed: 1, wrapping: "carton", widthMm: 200, items: ["book"] } as const;
          const truthId = `t${fed - 1}`;
          return { truthId, lengthMm, gapMm: 600, weightG: 900, labels: [], contents };
        },
      },
      foreignParcel: () => {
        throw new Error("no foreign parcels here");
      },
    },
    (machinery) => {
      const cabinet = createSorterCabinet({
        config: sorterConfig({ sorterId: "sorter", eyeIds: eyeIdsOf(defaultLayout) }),
        clock,
        entropy: createSeededEntropy(2, "sorter"),
        wire: createSorterMqttWire(broker.connect(), "L1/sorter"),
        machinery,
      });
      return {
        cabinet,
        sorter: cabinet.side,
        scanner: { read: () => {} },
        scale: { settled: () => {} },
        xray: { itemEntered: () => {}, itemCleared: () => {}, itemScanned: () => {} },
      };
    },
  );
  const wire = sorterJsonCarriers.messages({ bus: broker.connect(), base: "L1/sorter" }, clock);
  const times = { staleAfterMs: 1_500, downAfterMs: 5_000, countsPerMsMax: 10, counter: null };
  const driver = createSorterDriver({ deviceId: "sorter", wire, clock, ...times });
  let passes = 0;
  driver.start((event) => {
    if (event.kind === "gap" || event.kind === "healthChanged") return;
    told.push(event);
    if (event.kind === "session") driver.send({ kind: "induction", isPermitted: true });
    if (event.kind !== "eye" || event.eyeId !== "induction" || !event.isBlocked) return;
    const exit = wanted[passes];
    passes += 1;
    const diverter = defaultLayout.diverters.find((one) => one.exit === exit);
    if (diverter === undefined) return;
    // The wheels are turned when the front arrives, and turn back once the rear is on them.
    const fireAt = event.count + diverter.mouthMm - swingMs - 20;
    driver.send({
      kind: "divert",
      commandId: `c${passes}`,
      passId: `p${passes}`,
      exit: diverter.exit,
      fireAtCount: beltCount(fireAt),
      releaseAtCount: beltCount(fireAt + lengthMm),
      notAfterCount: beltCount(fireAt - 50),
    });
  });
  clock.runFor(10);
  world.devices.cabinet.powerOn();
  clock.runFor(60_000);
  return { ends: wanted.map((_exit, index) => ends.get(`t${index}`)), told, driver };
}

test("each parcel leaves by the exit commanded for it, and the uncommanded by the belt's end", () => {
  const { ends, told, driver } = sortThem(["red", null, "green", "red", "green", null]);
  expect(ends).toEqual(["red", "inspection", "green", "red", "green", "inspection"]);
  expect(told.filter(({ kind }) => kind === "fired")).toHaveLength(4);
  expect(driver.health().counters).toMatchObject({ discardedTotal: 0, reconnectsTotal: 0 });
  expect(driver.health().counters["gapsTotal"]).toBeUndefined();
});

test("PF-07: parcels for one exit right behind each other all reach it", () => {
  const { ends } = sortThem(["red", "red", "red", "green", "green"]);
  expect(ends).toEqual(["red", "red", "red", "green", "green"]);
});

test("the chute's eye sees what was diverted, with counts after the diverter's", () => {
  const { told } = sortThem(["red"]);
  const counts = told.flatMap((event) => {
    if (event.kind === "fired") return [event.count];
    const isWanted = event.kind === "eye" && event.isBlocked;
    return isWanted && ["induction", "red-chute"].includes(event.eyeId) ? [event.count] : [];
  });
  const [inducted = 0, fired = 0, seen = 0] = counts;
  expect(fired - inducted).toBe(28_000 - swingMs - 20);
  expect(seen - inducted).toBe(28_000 + 300);
});
