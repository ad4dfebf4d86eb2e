import { describe, expect, it } from "vitest";
import type { LineConfig } from "../../edge/line/config.ts";
import { beltCount } from "../../protocols/units.ts";
import type { XrayItem } from "../../protocols/xray/xray.ts";
import {
  benchConfig,
  createLineBench,
  recordOf,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { startRide } from "../kit/line-ride.ts";

/**
 * Goal: an X-ray machine that knows no belt counts gives an image to nobody but the pass that the
 * sorter's eye has seen enter (laws 9 and 16). Method: items without a count, told early, late, of
 * another length, of another pass, or with the eye silent.
 */
const config: LineConfig = {
  ...benchConfig,
  layout: {
    ...benchConfig.layout,
    xray: {
      ...benchConfig.layout.xray!,
      binding: { kind: "extent" },
      entryByEye: { announceMm: 150 },
    },
  },
};

function startedBench(as = config): Bench {
  const bench = createLineBench({ config: as });
  bench.start(recordOf(waybillNo(1)), recordOf(waybillNo(2)));
  // A person has emptied the machine of its pictures.
  bench.stand(1_000);
  bench.sorter({ kind: "localReset", count: bench.state.belt.count });
  bench.runTo(bench.count() + 100);
  return bench;
}

const front = 3_000;
/** Where its rear passes the entry: 400 mm long. */
const rearAtEntry = 5_400;

const bind = ({
  atMm = rearAtEntry,
  change = (item: XrayItem) => item,
  lengthMm = 400,
  eyeLateBy = 0,
  as = config,
}: {
  readonly atMm?: number;
  readonly change?: (item: XrayItem) => XrayItem;
  readonly lengthMm?: number;
  readonly eyeLateBy?: number;
  readonly as?: LineConfig;
} = {}) => {
  const bench = startedBench(as);
  const without = ["item", "image", "algorithm"] as const;
  const lateBy = { "xray-entry": eyeLateBy };
  const ride = startRide(bench, { front, lengthMm, without, lateBy });
  ride.to(atMm);
  bench.tell({
    kind: "xrayItem",
    item: change({ passId: ride.passId(), itemSequence: 1, lengthMm }),
  });
  return {
    isBound: bench.pass(ride.passId()).item !== null,
    isConfused: bench.state.tunnel.isConfused,
  };
};
const bound = { isBound: true, isConfused: false };
const unbound = { isBound: false, isConfused: true };

describe("law 9: an item without a count", () => {
  it("is announced only when the one before has entered", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front });
    const announced = () => bench.commands.filter(({ kind }) => kind === "announce");
    ride.to(4_849);
    expect(announced()).toHaveLength(0);
    ride.to(4_850);
    expect(announced()).toHaveLength(1);
  });

  it.each([
    ["60 mm before its rear is in", -60, bound],
    ["a count earlier", -61, unbound],
    ["60 mm and 150 ms behind", 210, bound],
    ["a count later", 211, unbound],
    ["a parcel later", 1_000, unbound],
  ] as const)("told %s", (_name, offMm, expected) => {
    expect(bind({ atMm: rearAtEntry + offMm })).toEqual(expected);
  });

  it.each([
    ["another length", { lengthMm: 441 }],
    ["no pass", { passId: null }],
    ["a pass that is none", { passId: "L1-e0-7" }],
  ])("of %s", (_name, changed) => {
    expect(bind({ change: (item) => ({ ...item, ...changed }) })).toEqual(unbound);
  });

  it("law 16: of a pass that the sorter's eye has not seen enter", () => {
    const short = { lengthMm: 100, atMm: 5_100 };
    expect(bind(short)).toEqual(bound);
    expect(bind({ ...short, eyeLateBy: 140 })).toEqual(unbound);
  });

  it("on a line whose machine should tell counts", () => {
    const { entryByEye: _eye, ...xray } = config.layout.xray!;
    expect(bind({ as: { ...config, layout: { ...config.layout, xray } } })).toEqual(unbound);
  });

  it("of one that tells a count all the same: the count has to fit", () => {
    const withCount = (entryCount: number) =>
      bind({ change: (item) => ({ ...item, entryCount: beltCount(entryCount) }) });
    expect(withCount(front + 5_060)).toEqual(bound);
    expect(withCount(front + 5_061)).toEqual(unbound);
  });
});

describe("law 9: an item that is told with its picture", () => {
  const { xray } = config.layout;
  const entryByEye = { announceMm: 150, itemIsTold: "withPicture" } as const;
  const as = { ...config, layout: { ...config.layout, xray: { ...xray!, entryByEye } } };

  it.each([
    ["60 mm before its rear is in", 5_340, bound],
    ["a count earlier", 5_339, unbound],
    ["a count before it has left the tunnel for 150 ms", 7_549, bound],
    ["just then", 7_550, unbound],
  ] as const)("told %s", (_name, atMm, expected) => {
    expect(bind({ atMm, as })).toEqual(expected);
  });

  it("law 16: of a pass that the sorter's eye has not seen enter", () => {
    const short = { lengthMm: 100, atMm: 5_100, as };
    expect(bind(short)).toEqual(bound);
    expect(bind({ ...short, eyeLateBy: 140 })).toEqual(unbound);
  });

  it.each([
    ["without its picture is missed by it", false],
    ["with its picture is not", true],
  ])(
    "law 9: one that is lost just behind the tunnel, its rear still within, %s",
    (_name, isShown) => {
      const toEye = { ...as.layout.xray, toMm: 26_900 };
      const bench = startedBench({ ...as, layout: { ...as.layout, xray: toEye } });
      const without = ["item", "image", "algorithm", "officer", "pre-red"] as const;
      const ride = startRide(bench, { front, lengthMm: 800, without });
      ride.to(6_000);
      const key = { passId: ride.passId(), itemSequence: 1, lengthMm: 800 };
      const { imageHash } = ride;
      if (isShown) {
        bench.tell({ kind: "xrayItem", item: key });
        bench.tell({ kind: "xrayImage", ...key, imageHash, pictureHash: imageHash });
      }
      ride.to(27_209);
      expect([bench.factsOf("lost").length, bench.state.tunnel.isConfused]).toEqual([0, false]);
      ride.to(27_300);
      expect([bench.factsOf("lost").length, bench.state.tunnel.isConfused]).toEqual([1, !isShown]);
    },
  );
});

describe("law 9: one that is lost at the entry, whose eye may not have seen it", () => {
  const lostAtEntry = (itemIsTold: "withPicture" | "atEntry") => {
    const xray = { ...config.layout.xray!, entryByEye: { announceMm: 150, itemIsTold } };
    const bench = startedBench({ ...config, layout: { ...config.layout, xray } });
    const without = ["item", "image", "algorithm", "officer", "xray-entry"] as const;
    startRide(bench, { front, without }).to(6_000);
    expect(bench.factsOf("lost")).toHaveLength(1);
    return bench.state.tunnel.isConfused;
  };

  it("is missed by its picture", () => {
    expect(lostAtEntry("withPicture")).toBe(true);
    expect(lostAtEntry("atEntry")).toBe(false);
  });
});

describe("law 16: a machine that is one item behind", () => {
  it("binds no image: each item is told when the next one enters", () => {
    const bench = startedBench();
    const rides = [1, 2].map((number) =>
      startRide(bench, {
        number,
        front: front + (number - 1) * 1_000,
        without: ["item", "image", "algorithm", "officer"],
      }),
    );
    rides[0]!.to(5_900);
    rides[1]!.to(rearAtEntry);
    rides[0]!.to(6_400);
    bench.tell({
      kind: "xrayItem",
      item: { passId: rides[0]!.passId(), itemSequence: 1, lengthMm: 400 },
    });
    expect(bench.pass(rides[0]!.passId()).item).toBeNull();
    expect(bench.state.tunnel.isConfused).toBe(true);
  });
});

it("a parcel goes to green on an image that its machine gave without any count", () => {
  const bench = startedBench();
  const ride = startRide(bench, { front, without: ["item", "image", "algorithm"] });
  ride.to(rearAtEntry);
  const key = { passId: ride.passId(), itemSequence: 1, lengthMm: 400 };
  bench.tell({ kind: "xrayItem", item: key });
  ride.to(6_420);
  const { imageHash } = ride;
  bench.tell({ kind: "xrayImage", ...key, imageHash, pictureHash: imageHash });
  bench.tell({
    kind: "xrayVerdict",
    verdict: {
      passId: ride.passId(),
      itemSequence: 1,
      imageHash,
      verdict: "clear",
      boxes: [],
      algorithm: "bench",
    },
  });
  ride.to(36_000);
  const decided = bench.factsOf("decided").findLast(({ passId }) => passId === ride.passId());
  expect([decided?.exit, decided?.reasons]).toEqual(["green", []]);
});
