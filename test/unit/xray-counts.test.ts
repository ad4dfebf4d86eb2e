import { describe, expect, test } from "vitest";
import type { CounterWidth } from "../../edge/devices/counter.ts";
import { beltCount } from "../../protocols/units.ts";
import { createXrayByHand } from "../kit/xray-by-hand.ts";

/**
 * Goal: a sorter's counter that wraps takes no image from its parcel. Method: the X-ray's driver,
 * and a machine that reads the sorter's counter as that shows it.
 */
function machineBeside(counter: CounterWidth | null) {
  const { driver, announced, told, say } = createXrayByHand(counter);
  let itemSequence = 0;
  return {
    driver,
    announced,
    announce: (from: number, to: number) =>
      driver.announce({
        passId: "p",
        entryFromCount: beltCount(from),
        entryToCount: beltCount(to),
        lengthMm: 300,
      }),
    /** One item with its image, entered at this count of the sorter's counter. */
    item(onWire: number) {
      itemSequence += 1;
      const key = { passId: "p", itemSequence, entryCount: beltCount(onWire), lengthMm: 300 };
      say({ kind: "item", ...key });
      const hashes = { imageHash: "i", pictureHash: "p" };
      say({ kind: "image", ...key, ...hashes, bytes: new Uint8Array() });
    },
    entryCounts: () =>
      told.flatMap((event) => ("entryCount" in event ? [Number(event.entryCount)] : [])),
  };
}

const widths = [
  ["UDINT", { bits: 32, isSigned: false }, 0],
  ["DINT", { bits: 32, isSigned: true }, -(2 ** 31)],
  ["WORD", { bits: 16, isSigned: false }, 0],
  ["INT", { bits: 16, isSigned: true }, -(2 ** 15)],
] as const;

describe.each(widths)("beside a sorter whose counter is a %s", (_name, counter, least) => {
  const wrapCount = least + 2 ** counter.bits;

  test("a pass is announced in the counts that the counter shows, also over its wrap", () => {
    const machine = machineBeside(counter);
    machine.announce(wrapCount - 60, wrapCount + 60);
    machine.announce(wrapCount + 940, wrapCount + 1_060);
    expect(machine.announced).toMatchObject([
      { entryFromCount: wrapCount - 60, entryToCount: least + 60 },
      { entryFromCount: least + 940, entryToCount: least + 1_060 },
    ]);
  });

  test("item and image are told in counts that never wrap", () => {
    const machine = machineBeside(counter);
    machine.announce(wrapCount - 60, wrapCount + 60);
    machine.item(wrapCount - 10);
    machine.item(least + 10);
    machine.announce(
      3 * 2 ** counter.bits + wrapCount + 940,
      3 * 2 ** counter.bits + wrapCount + 1_060,
    );
    machine.item(least + 1_000);
    const laterCount = 3 * 2 ** counter.bits + wrapCount + 1_000;
    const counts = [wrapCount - 10, wrapCount + 10, laterCount];
    expect(machine.entryCounts()).toEqual(counts.flatMap((count) => [count, count]));
  });

  test("a count that the counter cannot show is refused and named", () => {
    const machine = machineBeside(counter);
    machine.item(wrapCount);
    expect(machine.entryCounts()).toEqual([]);
    expect(machine.driver.health().counters["discardedTotal"]).toBe(2);
  });
});

test("beside a counter that never wraps, counts are handed on as they are", () => {
  const machine = machineBeside(null);
  machine.item(2 ** 40);
  expect(machine.entryCounts()).toEqual([2 ** 40, 2 ** 40]);
});
