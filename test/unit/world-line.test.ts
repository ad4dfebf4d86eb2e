/**
 * Goal: the simulated belt obeys its own geometry to the count, so that a fault found with it is a
 * fault of the line and not of the world. Method: single bodies ride in virtual time past a
 * recording cabinet; each rule is tested just before and just after its boundary.
 */
import { describe, expect, test } from "vitest";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { defaultLayout, type WorldLayout } from "../../simulators/world/layout.ts";
import { createLineWorld } from "../../simulators/world/line-world.ts";
import {
  deafOracle,
  noFaults,
  type BodyEnd,
  type LineMachinery,
  type PhysicalParcel,
  type WorldFaults,
  type WorldFaultSite,
} from "../../simulators/world/ports.ts";

const parcel = (given: Partial<PhysicalParcel> = {}): PhysicalParcel => ({
  truthId: "t1",
  lengthMm: 400,
  gapMm: 500,
  weightG: 1_234,
  labels: ["RB123456785CN"],
  contents: { seed: 1, wrapping: "carton", widthMm: 200, items: ["book"] },
  ...given,
});

interface Edge {
  readonly eyeId: string;
  readonly isBlocked: boolean;
  readonly count: number;
}

/** A virtual clock on which, as in a busy process, time can pass without any timer firing. */
function createHeldClock() {
  const clock = createVirtualClock();
  let heldMs = 0;
  const later = (at: number): MonotonicMs => monotonicMs(at + heldMs);
  return {
    monotonic: () => later(clock.monotonic()),
    wall: () => clock.wall(),
    schedule: (dueAt: MonotonicMs, fire: () => void) =>
      clock.schedule(monotonicMs(dueAt - heldMs), fire),
    runFor: (ms: number) => clock.runFor(ms),
    holdUp: (ms: number) => (heldMs += ms),
  };
}

function ride(
  parcels: readonly PhysicalParcel[],
  given: { layout?: Partial<WorldLayout>; fires?: WorldFaultSite; strength?: number } = {},
) {
  const clock = createHeldClock();
  const waiting = [...parcels];
  const edges: Edge[] = [];
  const reads: string[][] = [];
  const weights: number[] = [];
  const items: { entryCount: number; lengthMm: number }[] = [];
  const scans: number[] = [];
  const ends = new Map<string, BodyEnd>();
  const chuteStates: string[] = [];
  const faults: WorldFaults = {
    fires: (site) => site === given.fires,
    strength: () => given.strength ?? 0.5,
  };
  const layout = { ...defaultLayout, rampMmPerS2: null, ...given.layout };
  const world = createLineWorld(
    {
      clock,
      entropy: createSeededEntropy(1, "people"),
      layout,
      source: { next: () => waiting.shift() ?? null },
      faults: given.fires === undefined ? noFaults : faults,
      oracle: { ...deafOracle, onParcelEnded: (truthId, end) => ends.set(truthId, end) },
      foreignParcel: () => parcel({ truthId: "foreign", lengthMm: 250, labels: [] }),
    },
    () => ({
      sorter: {
        eyeChanged: (eyeId, isBlocked, count) => edges.push({ eyeId, isBlocked, count }),
        chuteChanged: (exit, state, fillPct) => chuteStates.push(`${exit} ${state} ${fillPct}`),
        beltChanged: () => {},
      },
      scanner: { read: (labels) => reads.push([...labels]) },
      scale: { settled: (weightG) => weights.push(weightG) },
      xray: {
        itemEntered: () => {},
        itemCleared: (entryCount, lengthMm) => items.push({ entryCount, lengthMm }),
        itemScanned: (contents) => scans.push(contents.length),
      },
    }),
  );
  const machinery: LineMachinery = world.machinery;
  machinery.runBelt(true);
  machinery.permitInduction(true);
  const at = (eyeId: string) => edges.filter((edge) => edge.eyeId === eyeId);
  return { clock, world, machinery, edges, at, reads, weights, items, scans, ends, chuteStates };
}

describe("a body on the belt", () => {
  test("blocks each eye from its front to its rear, to the count", () => {
    const { clock, at } = ride([parcel()]);
    clock.runFor(60_000);
    expect(at("induction").map(({ count }) => count)).toEqual([0, 400]);
    expect(at("xray-entry").map(({ count }) => count)).toEqual([5_000, 5_400]);
    expect(at("pre-green").map(({ count }) => count)).toEqual([30_000, 30_400]);
    expect(at("end").map(({ count }) => count)).toEqual([34_000, 34_400]);
  });

  test("ends in inspection when nothing is commanded (law 4)", () => {
    const { clock, ends } = ride([parcel()]);
    clock.runFor(34_399);
    expect(ends.get("t1")).toBeUndefined();
    clock.runFor(2);
    expect(ends.get("t1")).toEqual({ kind: "exit", exit: "inspection", why: "endOfBelt" });
  });

  test("is read once, weighed once and scanned once", () => {
    const { clock, reads, weights, items, scans } = ride([parcel()]);
    clock.runFor(60_000);
    expect(reads).toEqual([["RB123456785CN"]]);
    expect(weights).toEqual([1_235]);
    expect(items).toEqual([{ entryCount: 5_000, lengthMm: 400 }]);
    expect(scans).toEqual([1]);
  });

  test("without a readable label is a no-read, not silence", () => {
    const { clock, reads } = ride([parcel({ labels: [] })]);
    clock.runFor(10_000);
    expect(reads).toEqual([[]]);
  });

  test("keeps its place on a stopped belt, and deadlines are counts (law 7)", () => {
    const { clock, machinery, at } = ride([parcel()]);
    clock.runFor(4_000);
    machinery.runBelt(false);
    clock.runFor(3_600_000);
    expect(machinery.count()).toBe(4_000);
    machinery.runBelt(true);
    clock.runFor(2_000);
    expect(at("xray-entry").map(({ count }) => count)).toEqual([5_000, 5_400]);
  });
});

describe("parcels that are close", () => {
  const pair = (gapMm: number) => [parcel(), parcel({ truthId: "t2", gapMm, labels: ["X2"] })];

  test("1 mm apart are two for an eye; touching they are one", () => {
    const apart = ride(pair(1));
    apart.clock.runFor(3_000);
    expect(apart.at("induction").map(({ count }) => count)).toEqual([0, 400, 401, 801]);
    const touching = ride(pair(0));
    touching.clock.runFor(3_000);
    expect(touching.at("induction").map(({ count }) => count)).toEqual([0, 800]);
  });

  test("touching are one item to the X-ray, with both in its picture", () => {
    const { clock, items, scans } = ride(pair(0));
    clock.runFor(10_000);
    expect(items).toEqual([{ entryCount: 5_000, lengthMm: 800 }]);
    expect(scans).toEqual([2]);
  });

  test("small ones share the scanner's beam: both labels in one read (PF-02)", () => {
    const small = (truthId: string, gapMm: number, label: string) =>
      parcel({ truthId, lengthMm: 150, gapMm, labels: [label] });
    const near = ride([small("t1", 500, "A"), small("t2", -20, "B")]);
    near.clock.runFor(10_000);
    expect(near.reads).toEqual([
      ["A", "B"],
      ["A", "B"],
    ]);
    const far = ride([small("t1", 500, "A"), small("t2", 40, "B")]);
    far.clock.runFor(10_000);
    expect(far.reads).toEqual([["A"], ["B"]]);
  });

  test("share the scale's platform only below its length", () => {
    const weightsAt = (gapMm: number) => {
      const { clock, weights } = ride(pair(gapMm));
      clock.runFor(10_000);
      return weights;
    };
    expect(weightsAt(300)).toEqual([1_235, 1_235]);
    expect(weightsAt(50)[0]).toBeGreaterThan(1_235);
  });
});

describe("a diverter", () => {
  const swingAt = (outCount: number, restCount: number, given: Parameters<typeof ride>[1] = {}) => {
    const ridden = ride([parcel()], given);
    ridden.machinery.whenCount(outCount, () => ridden.machinery.swing("red", true));
    ridden.machinery.whenCount(restCount, () => ridden.machinery.swing("red", false));
    ridden.clock.runFor(60_000);
    return ridden;
  };
  const red: BodyEnd = { kind: "exit", exit: "red", why: "diverted" };
  const inspection: BodyEnd = { kind: "exit", exit: "inspection", why: "endOfBelt" };

  test("takes the body whose front meets it, which passes the chute's eye 300 mm on", () => {
    const { ends, at } = swingAt(27_900, 28_500);
    expect(ends.get("t1")).toEqual(red);
    expect(at("red-chute").map(({ count }) => count)).toEqual([28_300, 28_700]);
    expect(at("pre-green")).toEqual([]);
  });

  test("swinging before the body's middle takes it, after the middle does not", () => {
    // 80 ms of swing are 80 mm; the middle of 400 mm reaches the mouth at 28,200.
    expect(swingAt(28_119, 28_600).ends.get("t1")).toEqual(red);
    expect(swingAt(28_121, 28_600).ends.get("t1")).toEqual(inspection);
  });

  test("resting before the body is gripped lets it go on, held back a little", () => {
    // The front arrives at 28,000 and is gripped after 80 mm; resting takes 80 mm as well.
    expect(swingAt(27_800, 28_001).ends.get("t1")).toEqual(red);
    const early = swingAt(27_800, 27_999);
    expect(early.ends.get("t1")).toEqual(inspection);
    expect(early.at("pre-green")[0]?.count).toBe(30_030);
  });

  test("that is dead takes nothing (PF-01)", () => {
    expect(swingAt(27_900, 28_500, { fires: "diverterDead" }).ends.get("t1")).toEqual(inspection);
  });

  test("that is late misses a body that it would have taken (PF-01)", () => {
    expect(
      swingAt(27_900, 28_400, { fires: "diverterLate", strength: 0.1 }).ends.get("t1"),
    ).toEqual(red);
    expect(
      swingAt(27_900, 28_900, { fires: "diverterLate", strength: 0.6 }).ends.get("t1"),
    ).toEqual(inspection);
  });
});

describe("a world in a busy process", () => {
  test("catches up in the true order: a diverter due before a body takes it all the same", () => {
    const { clock, machinery, ends, at } = ride([parcel()]);
    const held = { ...machinery };
    held.whenCount(27_900, () => held.swing("red", true));
    held.whenCount(28_600, () => held.swing("red", false));
    clock.runFor(27_800);
    // Nothing runs for 300 ms: the body has long met the wheels when the process wakes.
    clock.holdUp(300);
    clock.runFor(40_000);
    expect(ends.get("t1")).toEqual({ kind: "exit", exit: "red", why: "diverted" });
    expect(at("red-chute").map(({ count }) => count)).toEqual([28_300, 28_700]);
  });

  test("does what is overdue when it is asked, not in the past", () => {
    const { clock, machinery } = ride([parcel()]);
    clock.runFor(10_000);
    machinery.runBelt(false);
    clock.runFor(10_000);
    let firedAt = -1;
    machinery.whenCount(5_000, () => (firedAt = clock.monotonic()));
    machinery.swing("red", true);
    clock.runFor(1);
    expect(firedAt).toBe(20_000);
  });
});

describe("a chute", () => {
  const chutes = { capacity: 2, callAtPct: 1_000, emptiedAfterS: 10 };
  const tiny = { ...defaultLayout.chutes, inspection: chutes };
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => parcel({ truthId: `t${index}` }));

  test("is ready with one of two parcels and full with two", () => {
    const { clock, chuteStates } = ride(many(2), { layout: { chutes: tiny } });
    clock.runFor(60_000);
    expect(chuteStates).toEqual(["inspection ready 50", "inspection full 100"]);
  });

  test("overfilled beyond its last room holds the body in front of the eye", () => {
    const fits = ride(many(5), { layout: { chutes: tiny } });
    fits.clock.runFor(60_000);
    expect(fits.at("end").at(-1)?.isBlocked).toBe(false);
    const jams = ride(many(6), { layout: { chutes: tiny } });
    jams.clock.runFor(60_000);
    expect(jams.at("end").at(-1)?.isBlocked).toBe(true);
    expect(jams.ends.size).toBe(6);
  });

  test("is emptied by people once it has been called for", () => {
    const called = { ...defaultLayout.chutes, inspection: { ...chutes, callAtPct: 50 } };
    const { clock, chuteStates } = ride(many(1), { layout: { chutes: called } });
    clock.runFor(120_000);
    expect(chuteStates).toEqual(["inspection ready 50", "inspection ready 0"]);
  });

  test("that is blocked takes no diverted body, which then stays on the belt (PF-17)", () => {
    const { clock, world, machinery, ends } = ride([parcel()]);
    world.hands.blockChute("red", true);
    machinery.whenCount(27_900, () => machinery.swing("red", true));
    clock.runFor(60_000);
    expect(ends.get("t1")).toEqual({ kind: "exit", exit: "inspection", why: "endOfBelt" });
  });
});

describe("people and bad luck", () => {
  test("a parcel taken off by hand frees the eye it covered and never ends elsewhere (PF-26)", () => {
    const { clock, world, at, ends } = ride([parcel()]);
    clock.runFor(27_100);
    expect(world.hands.removeNear(5_000)).toBe(true);
    clock.runFor(60_000);
    expect(at("pre-red").map(({ count }) => count)).toEqual([27_000, 27_100]);
    expect(ends.get("t1")).toEqual({ kind: "removedByHand" });
    expect(world.hands.removeNear(5_000)).toBe(false);
  });

  test("nobody reaches into the X-ray's tunnel: before it yes, in it no, behind it yes", () => {
    const liftAfter = (ms: number): boolean => {
      const { clock, world } = ride([parcel()]);
      clock.runFor(ms);
      return world.hands.removeNear(6_000);
    };
    expect(liftAfter(4_999)).toBe(true);
    expect(liftAfter(5_000)).toBe(false);
    expect(liftAfter(7_400)).toBe(false);
    expect(liftAfter(7_401)).toBe(true);
  });

  test("a foreign parcel is put on only where there is room (PF-26)", () => {
    const { clock, world, at, ends } = ride([parcel()]);
    clock.runFor(10_000);
    const foreign = parcel({ truthId: "foreign", lengthMm: 250 });
    expect(world.hands.putOn(foreign, 9_590)).toBe(false);
    expect(world.hands.putOn(foreign, 9_570)).toBe(true);
    clock.runFor(60_000);
    expect(at("induction")).toHaveLength(2);
    expect(at("pre-red").map(({ count }) => count)).toEqual([27_000, 27_400, 27_430, 27_680]);
    expect(ends.get("foreign")).toEqual({ kind: "exit", exit: "inspection", why: "endOfBelt" });
  });

  test("of three parcels the two of like length change places, and come out in the other order", () => {
    const { clock, world, at, ends } = ride([
      parcel(),
      parcel({ truthId: "t2", lengthMm: 250 }),
      parcel({ truthId: "t3", lengthMm: 405 }),
    ]);
    clock.runFor(10_000);
    expect(world.hands.swapAlike(8_000, 25_000)).toBeNull();
    const swapped = world.hands.swapAlike(7_500, 25_000);
    expect(swapped?.map(({ truthId }) => truthId)).toEqual(["t1", "t3"]);
    clock.runFor(60_000);
    expect([...ends.keys()]).toEqual(["t3", "t2", "t1"]);
    expect(at("pre-red").map(({ count }) => count)).toEqual([
      27_000, 27_405, 27_900, 28_150, 28_650, 29_050,
    ]);
  });

  test("whoever lies before an eye or in the tunnel stays where he is", () => {
    const both = [parcel(), parcel({ truthId: "t2" })];
    const swapAfter = (ms: number) => {
      const { clock, world } = ride(both);
      clock.runFor(ms);
      return world.hands.swapAlike(0, 34_000);
    };
    expect(swapAfter(7_399)).toBeNull();
    expect(swapAfter(8_300)).toBeNull();
    expect(swapAfter(8_301)).not.toBeNull();
    expect(swapAfter(27_001)).toBeNull();
  });

  test("the emergency stop halts at once where braking takes its way (PF-12)", () => {
    const braking = ride([parcel()], { layout: { rampMmPerS2: 2_000 } });
    braking.clock.runFor(10_000);
    const before = braking.machinery.count();
    braking.machinery.runBelt(false);
    braking.clock.runFor(5_000);
    expect(braking.machinery.count() - before).toBe(250);
    braking.machinery.runBelt(true);
    braking.clock.runFor(5_000);
    const running = braking.machinery.count();
    braking.world.setEmergencyStop(true);
    braking.clock.runFor(5_000);
    expect(braking.machinery.count()).toBe(running);
    expect(braking.machinery.belt()).toEqual({
      speedMmPerS: 0,
      isRunning: false,
      emergencyStop: true,
    });
  });

  test("a slipping encoder latches the next eye short, and counts on from there (PF-18)", () => {
    const { clock, world, at } = ride([parcel()]);
    clock.runFor(10_000);
    world.hands.slipEncoder(0.5);
    clock.runFor(1_000);
    world.hands.slipEncoder(1);
    clock.runFor(60_000);
    expect(at("pre-red")[0]?.count).toBe(26_500);
    expect(at("end")[0]?.count).toBe(33_500);
  });

  test("a flickering eye shows more edges and ends in the truth (PF-03)", () => {
    const { clock, at } = ride([parcel()], { fires: "eyeBounce", strength: 0.3 });
    clock.runFor(3_000);
    expect(at("induction").map(({ isBlocked }) => isBlocked)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  test("induction stops when the permission is withdrawn and goes on where it may", () => {
    const { clock, machinery, at } = ride([parcel(), parcel({ truthId: "t2" })]);
    clock.runFor(600);
    machinery.permitInduction(false);
    clock.runFor(10_000);
    expect(at("induction")).toHaveLength(2);
    machinery.permitInduction(true);
    clock.runFor(1);
    expect(at("induction").at(-1)).toEqual({
      eyeId: "induction",
      isBlocked: true,
      count: 10_600,
    });
  });
});
