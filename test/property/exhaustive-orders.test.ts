import { describe, expect, it } from "vitest";
import { beltCount } from "../../protocols/units.ts";
import {
  benchConfig,
  commitMm,
  createLineBench,
  fireMm,
  hashNo,
  recordOf,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type Ride } from "../kit/line-ride.ts";

/**
 * Goal: no order of events, however odd, makes a wrong green, and every order that proves enough
 * makes a right one. Method: all orders of what can happen to one, two and three parcels, told at
 * fixed places along the belt, beside a rule of thumb that knows places and nothing else.
 */
const config = {
  ...benchConfig,
  rules: { ...benchConfig.rules, imageVerdictBy: "algorithm" as const },
};

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}

function* choices<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size === 0) return void (yield []);
  for (const [index, item] of items.entries()) {
    for (const rest of choices(items.slice(index + 1), size - 1)) yield [item, ...rest];
  }
}

const positives = ["read", "claim", "image", "algorithm"] as const;
const negatives = ["control", "chuteFull", "officerOpen"] as const;
type Happening = (typeof positives)[number] | (typeof negatives)[number];

const without = [...positives, "officer"] as const;

function tell(bench: Bench, ride: Ride, happening: Happening, number = 1): void {
  const passId = ride.passId();
  const item = { passId, itemSequence: number, imageHash: ride.imageHash };
  const { waybill } = ride;
  switch (happening) {
    case "read":
      return void bench.read(waybill);
    case "claim":
      return void bench.tell({
        kind: "claimAnswer",
        answer: { kind: "claimAnswer", lineId: "L1", passId, waybill, granted: true, why: null },
      });
    case "image":
      return void bench.tell({ kind: "xrayImage", ...item, pictureHash: item.imageHash });
    case "algorithm":
      return void bench.tell({
        kind: "xrayVerdict",
        verdict: { ...item, verdict: "clear", boxes: [], algorithm: "bench" },
      });
    case "control":
      return bench.change(recordOf(waybill, { version: 2, reasons: [{ code: "manualControl" }] }));
    case "chuteFull":
      return void bench.chute("green", "full");
    case "officerOpen":
      return void bench.officer(passId, ride.imageHash, "open");
  }
}

/** Where the four pieces of evidence can come in time, then where anything can happen. */
const early = [1_700, 2_500, 6_500, 7_000] as const;
const late = [27_200, commitMm.green - 1, commitMm.green + 200, fireMm.green + 100] as const;

/** Places alone: the scanner is at 1,700, the picture is the parcel's at 6,500 and 7,000. */
function isGreen(places: ReadonlyMap<Happening, number>): boolean {
  const at = (happening: Happening): number => places.get(happening) ?? Infinity;
  const isKilled = negatives.some((negative) => at(negative) < fireMm.green);
  return (
    at("read") === 1_700 &&
    at("claim") > 1_700 &&
    at("claim") < commitMm.green &&
    (at("image") === 6_500 || at("image") === 7_000) &&
    at("algorithm") > at("image") &&
    at("algorithm") < commitMm.green &&
    !isKilled
  );
}

function exitOfOrder(order: readonly Happening[], places: readonly number[]): string | undefined {
  const bench = createLineBench({ config });
  bench.start(recordOf(waybillNo(1)));
  const ride = startRide(bench, { front: 1_000, lengthMm: 300, without });
  order.forEach((happening, index) => {
    ride.to(places[index]!);
    tell(bench, ride, happening);
  });
  ride.to(36_000);
  expect(bench.state.passes).toEqual([]);
  return bench.factsOf("left")[0]?.exit;
}

describe("every order of what can happen to one parcel", () => {
  it.each([0, 1, 2, 3])(
    "with %i of control, full chute and officer's open",
    (size) => {
      let orders = 0;
      let greens = 0;
      for (const against of choices(negatives, size)) {
        // Of several, the places before and after the command are much the same: a few sets do.
        const sets = [
          [[]],
          late.map((place) => [place]),
          [
            [late[0], late[3]],
            [late[1], late[2]],
            [late[2], late[3]],
          ],
          [[late[0], late[2], late[3]]],
        ][size]!;
        for (const places of sets) {
          const all = [...early, ...places].sort((one, other) => one - other);
          for (const order of permutations<Happening>([...positives, ...against])) {
            const expected = isGreen(new Map(order.map((what, index) => [what, all[index]!])));
            const exit = exitOfOrder(order, all);
            if (exit !== (expected ? "green" : "inspection")) {
              expect({ order, all, exit }).toEqual({ order, all, exit: expected });
            }
            orders += 1;
            if (expected) greens += 1;
          }
        }
      }
      expect(orders).toBe([24, 1_440, 6_480, 5_040][size]);
      // Two or three reasons cannot all come after the diverter has moved.
      expect(greens > 0).toBe(size < 2);
    },
    60_000,
  );
});

describe("every order in which the words of neighbours arrive", () => {
  interface Word {
    readonly number: number;
    readonly happening: Happening;
  }

  /** All parcels are in or behind the tunnel, their items known; then the words come. */
  function exitsOf(order: readonly Word[], total: number): (string | null)[] {
    const bench = createLineBench({ config });
    bench.start(...Array.from({ length: total }, (_, index) => recordOf(waybillNo(index + 1))));
    const rides = Array.from({ length: total }, (_, index) =>
      startRide(bench, {
        number: index + 1,
        front: 1_000 + index * 550,
        lengthMm: 200,
        without: ["claim", "image", "algorithm", "officer"],
      }),
    );
    const from = 1_000 + (total - 1) * 550 + 5_250;
    order.forEach(({ number, happening }, index) => {
      runRides(bench, rides, from + index * 20);
      tell(bench, rides[number - 1]!, happening, number);
    });
    runRides(bench, rides, 40_000);
    for (const decided of bench.factsOf("decided")) {
      const index = rides.findIndex((ride) => ride.passId() === decided.passId);
      expect(decided.waybill).toBe(waybillNo(index + 1));
      if (decided.exit === "green") expect(decided.imageHash).toBe(hashNo(index + 1));
    }
    return rides.map(
      (ride) => bench.factsOf("left").find(({ passId }) => passId === ride.passId())?.exit ?? null,
    );
  }

  const indexOf = (order: readonly Word[], number: number, happening: Happening): number =>
    order.findIndex((word) => word.number === number && word.happening === happening);

  it("two parcels: claims, pictures and verdicts", () => {
    const words = [1, 2].flatMap((number) =>
      (["claim", "image", "algorithm"] as const).map((happening) => ({ number, happening })),
    );
    for (const order of permutations<Word>(words)) {
      const expected = [1, 2].map((number) =>
        indexOf(order, number, "image") < indexOf(order, number, "algorithm")
          ? "green"
          : "inspection",
      );
      expect(exitsOf(order, 2)).toEqual(expected);
    }
  });

  it("three parcels: pictures and verdicts, and the middle one is controlled", () => {
    const words = [1, 2, 3].flatMap((number) =>
      (["image", "algorithm"] as const).map((happening) => ({ number, happening })),
    );
    for (const order of permutations<Word>(words)) {
      const told = [1, 2, 3].map((number) => ({ number, happening: "claim" as const }));
      const exits = exitsOf([...told, ...order, { number: 2, happening: "control" }], 3);
      expect(exits).toEqual(
        [1, 2, 3].map((number) =>
          number !== 2 && indexOf(order, number, "image") < indexOf(order, number, "algorithm")
            ? "green"
            : "inspection",
        ),
      );
    }
  });
});

describe("every way in which two pictures, two items or two labels can be mixed up", () => {
  const mixes = [0, 1].flatMap((item) =>
    [0, 1].flatMap((image) => [0, 1].map((verdict) => ({ item, image, verdict }))),
  );

  it.each(mixes)("items %j", ({ item, image, verdict }) => {
    const bench = createLineBench({ config });
    bench.start(recordOf(waybillNo(1)), recordOf(waybillNo(2)));
    const rides = [0, 1].map((index) =>
      startRide(bench, {
        number: index + 1,
        front: 1_000 + index * 700,
        lengthMm: 300,
        without: ["item", "image", "algorithm", "officer"],
      }),
    );
    runRides(bench, rides, 1_700 + 5_350);
    for (const index of [0, 1]) {
      const passId = (mixed: number): string => rides[index ^ mixed]!.passId();
      const number = { itemSequence: index + 1 };
      bench.tell({
        kind: "xrayItem",
        item: {
          ...number,
          passId: passId(item),
          entryCount: beltCount(6_000 + index * 700),
          lengthMm: 300,
        },
      });
      const imageHash = hashNo(index + 1);
      const hashes = { imageHash, pictureHash: imageHash };
      bench.tell({ kind: "xrayImage", ...number, passId: passId(image), ...hashes });
      bench.tell({
        kind: "xrayVerdict",
        verdict: {
          ...number,
          passId: passId(verdict),
          imageHash,
          verdict: "clear",
          boxes: [],
          algorithm: "bench",
        },
      });
    }
    runRides(bench, rides, 40_000);
    const isMixed = item + image + verdict > 0;
    expect(bench.factsOf("left").map(({ exit }) => exit)).toEqual(
      isMixed ? ["inspection", "inspection"] : ["green", "green"],
    );
  });
});
