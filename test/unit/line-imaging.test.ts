import { describe, expect, it } from "vitest";
import type { ImageBinding } from "../../edge/line/config.ts";
import { beltCount } from "../../protocols/units.ts";
import type { XrayItem } from "../../protocols/xray/xray.ts";
import {
  benchConfig,
  createLineBench,
  hashNo,
  reasonsOf,
  recordOf,
  startedBench,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type Ride, type RideOptions } from "../kit/line-ride.ts";

/**
 * Goal: an image belongs to a pass or to nobody (law 9), and a verdict to its image.
 * Method: one thing of announcement, item, image or verdict is wrong, late, missing or twice.
 */
const decided = (bench: Bench, ride: Ride): { exit: string; codes: string[] } => {
  const fact = bench.factsOf("decided").findLast(({ passId }) => passId === ride.passId());
  return { exit: fact?.exit ?? "none", codes: fact?.reasons.map(({ code }) => code) ?? [] };
};
/** One parcel rides through; what was decided of it. */
const outcome = (options: RideOptions): ReturnType<typeof decided> => {
  const bench = startedBench();
  const ride = startRide(bench, options);
  ride.to(36_000);
  return decided(bench, ride);
};

describe("the announcement", () => {
  it("names the pass, its window of counts and its length, one second before the tunnel", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(3_999);
    const announced = () => bench.commands.filter(({ kind }) => kind === "announce");
    expect(announced()).toEqual([]);
    ride.to(4_000);
    expect(announced()).toEqual([
      {
        kind: "announce",
        announcement: {
          passId: ride.passId(),
          entryFromCount: 5_940,
          entryToCount: 6_060,
          lengthMm: 400,
        },
      },
    ]);
  });
});

describe("one image message", () => {
  it.each(["xrayImage", "xrayImageLost"] as const)(
    "that is said again is one, and another one is doubt: %s",
    (kind) => {
      const bench = startedBench();
      const ride = startRide(bench, { front: 1_000, without: ["image", "algorithm", "officer"] });
      ride.to(6_500);
      const { itemSequence } = bench.pass(ride.passId()).item!;
      const say = (hash: string): void =>
        void bench.tell({
          kind,
          passId: ride.passId(),
          itemSequence,
          imageHash: hash,
          pictureHash: hash,
        });
      say(ride.imageHash);
      say(ride.imageHash);
      expect(reasonsOf(bench, ride.passId())).toEqual([]);
      expect(bench.state.tunnel.isConfused).toBe(false);
      ride.to(9_000);
      say(ride.imageHash);
      expect(reasonsOf(bench, ride.passId())).toEqual([]);
      say(hashNo(77));
      expect(reasonsOf(bench, ride.passId())).toEqual(["imageUnbound"]);
    },
  );
});

describe("law 3: an act discharges what was known when it was done", () => {
  const late = { algorithm: "suspect", lateBy: { algorithm: 12_000 } } as const;

  it("an officer's release does not stand against an algorithm that objects later", () => {
    expect(outcome(late)).toEqual({ exit: "inspection", codes: ["suspectImage"] });
  });

  it("a person who looks again and releases then is heard", () => {
    const bench = startedBench();
    const ride = startRide(bench, late);
    ride.to(20_000);
    bench.officer(ride.passId(), ride.imageHash, "release");
    ride.to(36_000);
    expect(decided(bench, ride).exit).toBe("green");
  });

  it("an officer's word against the parcel stands, whatever the algorithm says later", () => {
    const { exit, codes } = outcome({ ...late, officer: "open" });
    expect([exit, codes]).toEqual(["inspection", ["officerOpen"]]);
  });
});

describe("law 9: the item", () => {
  /** Tells an item for one parcel and says whether it was bound. */
  const bind = (
    change: (item: XrayItem) => XrayItem,
  ): { isBound: boolean; isConfused: boolean } => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000, without: ["item", "image", "algorithm"] });
    ride.to(5_450);
    const item = {
      passId: ride.passId(),
      itemSequence: 1,
      entryCount: beltCount(6_000),
      lengthMm: 400,
    };
    bench.tell({ kind: "xrayItem", item: change(item) });
    const pass = bench.pass(ride.passId());
    return { isBound: pass.item !== null, isConfused: bench.state.tunnel.isConfused };
  };
  const bound = { isBound: true, isConfused: false };
  const unbound = { isBound: false, isConfused: true };

  it.each([
    [5_939, unbound],
    [5_940, bound],
    [6_060, bound],
    [6_061, unbound],
  ] as const)("entered at %i", (entryCount, expected) => {
    expect(bind((item) => ({ ...item, entryCount: beltCount(entryCount) }))).toEqual(expected);
  });

  it.each([
    [359, unbound],
    [360, bound],
    [440, bound],
    [441, unbound],
  ] as const)("%i mm long", (lengthMm, expected) => {
    expect(bind((item) => ({ ...item, lengthMm }))).toEqual(expected);
  });

  it.each([null, "L1-e0-7"])("of pass %s", (passId) => {
    expect(bind((item) => ({ ...item, passId }))).toEqual(unbound);
  });

  it("of any number, when none was heard before", () => {
    expect(bind((item) => ({ ...item, itemSequence: 4_711 }))).toEqual(bound);
  });

  it("twice makes the tunnel unknown", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000, without: ["image", "algorithm"] });
    ride.to(5_450);
    const item = { passId: ride.passId(), entryCount: beltCount(6_000), lengthMm: 400 };
    bench.tell({ kind: "xrayItem", item: { ...item, itemSequence: 2 } });
    expect(reasonsOf(bench, ride.passId())).toEqual(["imageUnbound"]);
  });

  it("a number left out makes the tunnel unknown", () => {
    const bench = startedBench();
    const first = startRide(bench, { number: 1, front: 1_000 });
    const second = startRide(bench, { number: 2, front: 2_000, without: ["item"] });
    runRides(bench, [first, second], 7_450);
    bench.tell({
      kind: "xrayItem",
      item: {
        passId: second.passId(),
        itemSequence: 3,
        entryCount: beltCount(7_000),
        lengthMm: 400,
      },
    });
    expect(bench.state.tunnel.isConfused).toBe(true);
    expect(reasonsOf(bench, second.passId())).toEqual(["imageUnbound"]);
  });

  it("that was missed doubts whoever followed it into the tunnel", () => {
    const bench = startedBench();
    const first = startRide(bench, { number: 1, front: 1_000, without: ["item", "image"] });
    const second = startRide(bench, { number: 2, front: 2_000 });
    runRides(bench, [first, second], 37_000);
    expect(decided(bench, first).exit).toBe("inspection");
    expect(decided(bench, second)).toEqual({ exit: "inspection", codes: ["imageUnbound"] });
  });
});

describe("law 9: the tunnel is unknown until it is empty", () => {
  const confuse = (bench: Bench): void => {
    bench.tell({
      kind: "xrayItem",
      item: { passId: null, itemSequence: 70, entryCount: beltCount(bench.count()), lengthMm: 90 },
    });
  };

  it("withdraws the permission to induct, and gives it back one empty tunnel later", () => {
    const bench = startedBench();
    bench.runTo(1_000);
    confuse(bench);
    expect(bench.state.machine.conditions).toContain("tunnelUnknown");
    bench.runTo(2_999);
    expect(bench.state.machine.isInductionPermitted).toBe(false);
    bench.runTo(3_000);
    expect(bench.state.machine.isInductionPermitted).toBe(true);
  });

  it.each([
    [4_939, false],
    [4_940, true],
    [7_460, true],
    [7_461, false],
  ] as const)("a parcel with its front at %i mm is doubted: %s", (mm, isDoubted) => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(mm);
    confuse(bench);
    expect(reasonsOf(bench, ride.passId()).includes("imageUnbound")).toBe(isDoubted);
  });

  it("what enters before it is calm is doubted too, what enters after is not", () => {
    const bench = startedBench();
    const [early, late] = [1_000, 9_000].map((front, index) =>
      startRide(bench, { number: index + 1, front }),
    );
    runRides(bench, [early!, late!], 1_000 + 4_000);
    confuse(bench);
    runRides(bench, [early!, late!], 45_000);
    expect(decided(bench, early!).codes).toEqual(["imageUnbound"]);
    expect(decided(bench, late!).exit).toBe("green");
  });

  it("PF-14: an X-ray that goes silent leaves its tunnel unknown", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(5_800);
    bench.tell({ kind: "health", deviceId: "xray-1", state: "stale", reason: { code: "silent" } });
    expect(reasonsOf(bench, ride.passId())).toEqual(["imageUnbound"]);
    expect(bench.state.machine.conditions).toContain("tunnelUnknown");
  });
});

describe("PF-04, PF-05: the image", () => {
  it("that never comes", () => {
    const { exit, codes: why } = outcome({ without: ["image", "algorithm", "officer"] });
    expect(exit).toBe("inspection");
    expect(why).toContain("imageMissing");
  });

  it("that never comes doubts whoever is in the tunnel behind: it may show that one", () => {
    const bench = startedBench();
    const [first, second, third] = [1_000, 2_000, 30_000].map((front, index) =>
      startRide(bench, {
        number: index + 1,
        front,
        without: index === 0 ? ["image", "algorithm"] : [],
      }),
    );
    runRides(bench, [first!, second!, third!], 66_000);
    expect(decided(bench, first!).codes).toContain("imageMissing");
    expect(decided(bench, second!).codes).toEqual(["imageUnbound"]);
    expect(decided(bench, third!).exit).toBe("green");
  });

  /** The first of three has an image that our disk did not take. */
  const withLost = (itemSequence: number) => {
    const bench = startedBench();
    const rides = [1_000, 2_000, 30_000].map((front, index) =>
      startRide(bench, {
        number: index + 1,
        front,
        without: index === 0 ? ["image", "algorithm"] : [],
      }),
    );
    const [first] = rides;
    runRides(bench, rides, 6_420);
    const lost = { passId: first!.passId(), itemSequence, imageHash: first!.imageHash };
    bench.tell({ kind: "xrayImageLost", ...lost, pictureHash: first!.imageHash });
    const verdict = { algorithm: "a", boxes: [], verdict: "clear" as const };
    bench.tell({ kind: "xrayVerdict", verdict: { ...lost, ...verdict } });
    runRides(bench, rides, 66_000);
    return { bench, rides };
  };

  it("case disk-full: that we could not keep costs its own parcel, and doubts nobody's tunnel", () => {
    const { bench, rides } = withLost(1);
    expect(decided(bench, rides[0]!)).toMatchObject({ exit: "inspection" });
    expect(decided(bench, rides[0]!).codes).toEqual(["imageMissing"]);
    expect(bench.factsOf("condition").map(({ code }) => code)).not.toContain("tunnelUnknown");
    expect(decided(bench, rides[1]!).exit).toBe("green");
    expect(bench.factsOf("imaged")).toHaveLength(2);
  });

  it("case disk-full: that we could not keep still has to be its pass's own", () => {
    const { bench, rides } = withLost(7);
    expect(decided(bench, rides[0]!).codes).toContain("imageUnbound");
    expect(bench.factsOf("condition").map(({ code }) => code)).toContain("tunnelUnknown");
    expect(decided(bench, rides[1]!).exit).toBe("inspection");
  });

  it.each([
    [1_149, "green"],
    [1_150, "inspection"],
  ] as const)("that comes %i mm after the beam: %s", (lateMm, exit) => {
    // The rear leaves the tunnel 1,000 mm behind the beam; a word may be 150 ms late.
    expect(outcome({ lateBy: { image: lateMm, algorithm: lateMm } }).exit).toBe(exit);
  });

  it.each([
    ["of another number", { itemSequence: 2 }],
    ["of another pass", { isOther: true }],
  ] as const)("%s is nobody's", (_what, change) => {
    const bench = startedBench();
    const [first, second] = [1_000, 2_000].map((front, index) =>
      startRide(bench, { number: index + 1, front, without: ["image", "algorithm"] }),
    );
    runRides(bench, [first!, second!], 8_450);
    bench.tell({
      kind: "xrayImage",
      passId: ("isOther" in change ? second : first)!.passId(),
      itemSequence: "itemSequence" in change ? change.itemSequence : 1,
      imageHash: hashNo(1),
      pictureHash: hashNo(1),
    });
    expect(bench.factsOf("imaged")).toEqual([]);
    expect(bench.factsOf("reasonRaised").map(({ reason }) => reason.code)).toEqual([
      "imageUnbound",
    ]);
  });

  it("of a pass that has ended, or of none, changes nothing", () => {
    const bench = startedBench();
    for (const passId of [null, "L1-e0-9"]) {
      const hashes = { imageHash: hashNo(1), pictureHash: hashNo(1) };
      bench.tell({ kind: "xrayImage", passId, itemSequence: 1, ...hashes });
    }
    expect(bench.facts.filter(({ kind }) => kind === "imaged" || kind === "reasonRaised")).toEqual(
      [],
    );
  });

  it("that comes twice, different, is doubtful", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(6_450);
    const image = { kind: "xrayImage", passId: ride.passId(), itemSequence: 1 } as const;
    bench.tell({ ...image, imageHash: hashNo(2), pictureHash: hashNo(2) });
    expect(reasonsOf(bench, ride.passId())).toEqual(["imageUnbound"]);
    expect(bench.pass(ride.passId()).imageHash).toBe(ride.imageHash);
  });

  /** The second parcel's image message is its own, and shows what the first one's showed. */
  const hung = (secondFront: number, firstTo: number) => {
    const bench = startedBench();
    const first = startRide(bench, { number: 1, front: 1_000 });
    const second = startRide(bench, {
      number: 2,
      front: secondFront,
      without: ["image", "algorithm"],
    });
    runRides(bench, [first, second], firstTo);
    bench.tell({
      kind: "xrayImage",
      passId: second.passId(),
      itemSequence: 2,
      imageHash: second.imageHash,
      pictureHash: first.imageHash,
    });
    return { bench, first, second };
  };

  it("DEV1-2: the same picture for two passes is nobody's: a detector that hangs shows only one", () => {
    const { bench, first, second } = hung(2_500, 2_500 + 6_420);
    expect(reasonsOf(bench, first.passId())).toEqual(["imageUnbound"]);
    expect(reasonsOf(bench, second.passId())).toEqual(["imageUnbound"]);
    expect(bench.state.tunnel.isConfused).toBe(true);
  });

  it("also when the first of the two has left by green before", () => {
    const { bench, first, second } = hung(40_000, 40_000 + 6_420);
    expect(bench.factsOf("left")[0]).toMatchObject({ passId: first.passId(), exit: "green" });
    expect(reasonsOf(bench, second.passId())).toEqual(["imageUnbound"]);
  });
});

describe("PF-06: the algorithm's verdict", () => {
  const verdictOn = (change: object): string[] => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000, without: ["algorithm"] });
    ride.to(6_500);
    const verdict = {
      passId: ride.passId(),
      itemSequence: 1,
      imageHash: ride.imageHash,
      verdict: "clear" as const,
      boxes: [],
      algorithm: "bench",
      ...change,
    };
    bench.tell({ kind: "xrayVerdict", verdict });
    expect(bench.pass(ride.passId()).algorithm).toBeNull();
    return reasonsOf(bench, ride.passId());
  };

  it("on another image, or another item, is doubtful", () => {
    expect(verdictOn({ imageHash: hashNo(7) })).toEqual(["imageUnbound"]);
    expect(verdictOn({ itemSequence: 2 })).toEqual(["imageUnbound"]);
  });

  it("of no pass is nobody's", () => {
    expect(verdictOn({ passId: null })).toEqual([]);
  });

  it("that contradicts the one before is doubtful, an equal one is no news", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(6_550);
    const verdict = {
      passId: ride.passId(),
      itemSequence: 1,
      imageHash: ride.imageHash,
      boxes: [],
      algorithm: "bench",
    };
    bench.tell({ kind: "xrayVerdict", verdict: { ...verdict, verdict: "clear" } });
    expect(reasonsOf(bench, ride.passId())).toEqual([]);
    bench.tell({ kind: "xrayVerdict", verdict: { ...verdict, verdict: "suspect" } });
    expect(reasonsOf(bench, ride.passId())).toEqual(["imageUnbound"]);
  });

  it.each([
    ["suspect", "inspection"],
    ["unknown", "inspection"],
  ] as const)("%s without an officer: %s", (algorithm, exit) => {
    expect(outcome({ algorithm, without: ["officer"] }).exit).toBe(exit);
  });
});

describe("law 2: a suspect verdict counts against the image that it names", () => {
  /** Two parcels behind each other, the first with its image; what was raised against each then. */
  const raisedBy = (given: {
    readonly passOf?: (rides: readonly Ride[]) => string | null;
    readonly imageHash?: string;
    readonly verdict?: "suspect" | "unknown";
    readonly without?: RideOptions["without"];
    readonly atMm?: number;
  }) => {
    const { without = ["algorithm", "officer"], atMm = 7_450 } = given;
    const bench = startedBench();
    const rides = [1_000, 2_000].map((at, index) =>
      startRide(bench, { number: index + 1, front: at, without }),
    );
    runRides(bench, rides, atMm);
    const { passOf = () => null, imageHash = rides[0]!.imageHash, verdict = "suspect" } = given;
    const on = { passId: passOf(rides), itemSequence: 1, imageHash };
    bench.tell({ kind: "xrayVerdict", verdict: { ...on, verdict, boxes: [], algorithm: "bench" } });
    return rides.map((ride) => reasonsOf(bench, ride.passId()));
  };
  const doubt = ["imageUnbound"];

  it("where it names no pass", () => {
    expect(raisedBy({})).toEqual([doubt, []]);
    expect(raisedBy({ verdict: "unknown" })).toEqual([[], []]);
  });

  it("where it names another pass, which is doubtful as well", () => {
    expect(raisedBy({ passOf: ([, second]) => second!.passId() })).toEqual([doubt, doubt]);
    expect(raisedBy({ passOf: ([first]) => first!.passId() })).toEqual([[], []]);
  });

  it("and where it names neither a pass nor an image, against all that lack a verdict", () => {
    const nobodys = { imageHash: hashNo(9) };
    expect(raisedBy(nobodys)).toEqual([doubt, doubt]);
    // Both have left the tunnel.
    expect(raisedBy({ ...nobodys, atMm: 12_000 })).toEqual([doubt, doubt]);
    expect(raisedBy({ ...nobodys, atMm: 12_000, without: ["officer"] })).toEqual([[], []]);
    // The second has not been announced.
    expect(raisedBy({ ...nobodys, atMm: 5_500 })).toEqual([doubt, []]);
    expect(raisedBy({ ...nobodys, verdict: "unknown" })).toEqual([[], []]);
    expect(raisedBy({ ...nobodys, passOf: () => "L1-e0-9" })).toEqual([[], []]);
  });
});

describe("of a parcel whose papers ask for no machine", () => {
  const { xray } = benchConfig.layout;
  const standing = { standing: "releasable", machineInspectionRequired: false } as const;
  const without = ["item", "image", "algorithm", "officer"] as const;
  const exitWith = (
    {
      binding = "track",
      say = () => {},
    }: {
      readonly binding?: ImageBinding["kind"];
      readonly say?: (bench: Bench, ride: Ride) => void;
    },
    more: RideOptions = {},
  ) => {
    const layout = { ...benchConfig.layout, xray: { ...xray!, binding: { kind: binding } } };
    const bench = createLineBench({ config: { ...benchConfig, layout } });
    bench.start(recordOf(waybillNo(1), standing));
    const ride = startRide(bench, { front: 1_000, ...more });
    ride.to(5_100);
    say(bench, ride);
    ride.to(36_000);
    return decided(bench, ride);
  };
  const opened = { exit: "inspection", codes: ["imageUnbound"] };

  it("law 2: a suspect verdict counts, though its item never comes", () => {
    const say = (bench: Bench, ride: Ride): void => {
      const on = { passId: ride.passId(), itemSequence: 1, imageHash: ride.imageHash };
      const verdict = { ...on, verdict: "suspect" as const, boxes: [], algorithm: "bench" };
      bench.tell({ kind: "xrayVerdict", verdict });
    };
    expect(exitWith({ say }, { without })).toEqual(opened);
  });

  it("law 16: an image that has nothing to bind it opens it", () => {
    expect(exitWith({}).exit).toBe("green");
    expect(exitWith({ binding: "none" })).toEqual(opened);
  });
});
