import { describe, expect, it } from "vitest";
import { exits, packmlStateNumbers, packmlStates } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  alarmFactsOf,
  alarmsOf,
  benchConfig,
  createLineBench,
  standingOf,
  startedBench,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: doubt has room and trouble stops the belt (law 10, ZJG-02, ZJG-41); what is in
 * green without a decision stops it until a person has been there. Method: each condition alone,
 * and what is asked of the sorter because of it.
 */
const beltAsked = (bench: Bench): boolean[] =>
  bench.commands.flatMap((command) => (command.kind === "belt" ? [command.run] : []));
const inductionAsked = (bench: Bench): boolean[] =>
  bench.commands.flatMap((command) => (command.kind === "induction" ? [command.isPermitted] : []));
/** At an eye by the belt, with 900 mm for the longest parcel and 1 mm a count. */
const blockFor = (bench: Bench, counts: number): void => {
  bench.eye("pre-red", true);
  bench.runTo(bench.count() + counts);
};

it("PR4.3-1: each state has its number of OPC 30050", () => {
  const inTheirOrder = [
    "Clearing",
    "Stopped",
    "Starting",
    "Idle",
    "Suspended",
    "Execute",
    "Stopping",
    "Aborting",
    "Aborted",
    "Holding",
    "Held",
    "Unholding",
    "Suspending",
    "Unsuspending",
    "Resetting",
  ];
  const numbered = inTheirOrder.map((state, at) => [state, at + 1]);
  expect(packmlStateNumbers).toEqual(Object.fromEntries(numbered));
  expect([...packmlStates].sort()).toEqual([...inTheirOrder].sort());
});

describe("the permission to induct", () => {
  const conditions: readonly (readonly [string, string, (bench: Bench) => unknown])[] = [
    ["emergencyStop", "Aborted", (bench) => bench.belt(true, true)],
    ...["sorter-1", "scanner-1", "xray-1"].map(
      (deviceId) =>
        [
          `deviceDown:${deviceId}`,
          "Held",
          (bench: Bench) =>
            bench.tell({ kind: "health", deviceId, state: "stale", reason: { code: "silent" } }),
        ] as const,
    ),
    [
      "xrayNotReady:beamOff",
      "Suspended",
      (bench) => bench.tell({ kind: "xrayReady", isReady: false, reason: { code: "beamOff" } }),
    ],
    ["guardOpen:guard-1", "Held", (bench) => bench.guard(true)],
    ["jam:pre-red", "Held", (bench) => blockFor(bench, 5_900)],
    [
      "tunnelUnknown",
      "Held",
      (bench) =>
        bench.tell({
          kind: "xrayItem",
          item: { passId: null, itemSequence: 1, entryCount: beltCount(1), lengthMm: 300 },
        }),
    ],
    ...exits.map(
      (exit) =>
        [
          `chuteNotReady:${exit}`,
          "Suspended",
          (bench: Bench) => bench.chute(exit, "full"),
        ] as const,
    ),
    ["unexpectedInGreen", "Held", (bench) => bench.eye("green-chute", true)],
  ];

  it("is there when everything is well", () => {
    const bench = startedBench();
    expect(bench.state.machine).toMatchObject({
      packml: "Execute",
      isInductionPermitted: true,
      conditions: [],
    });
    expect(inductionAsked(bench).at(-1)).toBe(true);
  });

  it.each(conditions)(
    "PR4.3-2, PR8.2-6: %s withdraws it, state %s",
    (condition, packml, happen) => {
      const bench = startedBench();
      bench.runTo(5_000);
      happen(bench);
      expect(bench.state.machine.conditions).toContain(condition);
      expect(bench.state.machine.packml).toBe(packml);
      expect(inductionAsked(bench).at(-1)).toBe(false);
      expect(bench.factsOf("lineState").at(-1)).toMatchObject({ inductionPermitted: false });
    },
  );

  it.each([
    [99, true],
    [100, false],
  ] as const)("with %i parcels on the belt it is there: %s", (parcels, isPermitted) => {
    const tracking = { ...benchConfig.tracking, passesOnBeltMax: 100 };
    const layout = {
      ...benchConfig.layout,
      scanner: { ...benchConfig.layout.scanner, atMm: 33_000 },
    };
    const bench = createLineBench({ config: { ...benchConfig, tracking, layout } });
    bench.start();
    for (let parcel = 0; parcel < parcels; parcel += 1) {
      bench.eye("induction", true);
      bench.eye("induction", false);
      bench.runTo(bench.count() + 1);
    }
    expect(bench.state.machine.isInductionPermitted).toBe(isPermitted);
  });

  it("a scale that is silent does not withdraw it: parcels without weight are doubted one by one", () => {
    const bench = startedBench();
    bench.tell({ kind: "health", deviceId: "scale-1", state: "down", reason: { code: "silent" } });
    expect(bench.state.machine.isInductionPermitted).toBe(true);
  });

  it.each([
    [5_899, []],
    [5_900, ["jam"]],
  ] as const)("PR8.2-4: an eye blocked for %i mm of belt raises %j", (counts, alarms) => {
    const bench = startedBench();
    blockFor(bench, counts);
    bench.runTo(bench.count());
    expect(alarmsOf(bench).filter((code) => code === "jam")).toEqual(alarms);
  });

  it("a jam is told once, and over as soon as the eye is clear", () => {
    const bench = startedBench();
    blockFor(bench, 20_000);
    expect(alarmsOf(bench).filter((code) => code === "jam")).toHaveLength(1);
    bench.eye("pre-red", false);
    expect(bench.state.machine.conditions).not.toContain("jam:pre-red");
  });

  it("PF-16: an eye whose clearing was lost does not hold the line for ever", () => {
    const bench = startedBench();
    blockFor(bench, 20_000);
    bench.tell({ kind: "sorterGap", missed: 1 });
    expect(bench.state.machine.conditions).not.toContain("jam:pre-red");
  });

  it("PF-16: lost messages may have told of a full chute: each is unknown until it is told again", () => {
    const bench = startedBench();
    bench.tell({ kind: "sorterGap", missed: 1 });
    expect(bench.state.machine.isInductionPermitted).toBe(false);
    for (const exit of exits) {
      expect(bench.state.machine.conditions).toContain(`chuteNotReady:${exit}`);
      bench.chute(exit, "ready");
    }
    expect(bench.state.machine.isInductionPermitted).toBe(true);
  });

  it("the reset key ends the doubt in a chute that the sorter never tells of again", () => {
    const bench = startedBench();
    bench.tell({ kind: "sorterGap", missed: 1 });
    bench.tell({ kind: "sorterGap", missed: 1 });
    bench.stand(60_000);
    expect(standingOf(bench)).toContain("chuteNotReady");
    bench.reset();
    expect(bench.state.machine.conditions).toEqual([]);
    expect(standingOf(bench)).not.toContain("chuteNotReady");
    expect(beltAsked(bench)).toEqual([true]);
  });

  it.each([
    ["was told full", (bench: Bench) => bench.chute("green", "full")],
    ["was told to be unknown", (bench: Bench) => bench.chute("green", "unknown")],
    [
      "was told ready in an earlier session",
      (bench: Bench) =>
        bench.tell({
          kind: "sorter",
          event: { kind: "session", epoch: "s-2", seq: 0, count: beltCount(0) },
        }),
    ],
  ])("but not in one that %s", (_how, happen) => {
    const bench = startedBench();
    happen(bench);
    const epoch = bench.state.belt.epoch!;
    bench.tell({ kind: "sorterGap", missed: 1 });
    bench.tell({
      kind: "sorter",
      event: { kind: "localReset", epoch, seq: 9, count: beltCount(bench.count()) },
    });
    expect(bench.state.machine.conditions).toContain("chuteNotReady:green");
  });

  it("law 7: a parcel that stands before an eye with the belt is no jam", () => {
    const bench = startedBench();
    bench.eye("pre-red", true);
    bench.stand(3_600_000);
    expect(bench.state.machine.conditions).not.toContain("jam:pre-red");
  });

  it("is not given before the sorter has spoken", () => {
    const bench = createLineBench();
    bench.tell({ kind: "health", deviceId: "sorter-1", state: "receiving", reason: null });
    expect(bench.commands).toEqual([]);
    expect(bench.state.machine.packml).toBe("Stopped");
  });

  it.each([true, false])(
    "is said again every 5 s: a lost %s is not for ever (PF-16)",
    (isPermitted) => {
      const bench = startedBench();
      if (!isPermitted)
        bench.tell({ kind: "xrayReady", isReady: false, reason: { code: "beamOff" } });
      bench.commands.length = 0;
      bench.stand(4_000);
      expect(inductionAsked(bench)).toEqual([]);
      bench.stand(1_000);
      expect(inductionAsked(bench)).toEqual([isPermitted]);
      bench.stand(10_000);
      expect(inductionAsked(bench)).toEqual([isPermitted, isPermitted, isPermitted]);
    },
  );

  it("a sorter that was away is told again how things stand", () => {
    const bench = startedBench();
    bench.tell({
      kind: "health",
      deviceId: "sorter-1",
      state: "stale",
      reason: { code: "silent" },
    });
    bench.commands.length = 0;
    bench.tell({ kind: "health", deviceId: "sorter-1", state: "receiving", reason: null });
    expect(inductionAsked(bench).at(-1)).toBe(true);
    expect(beltAsked(bench)).toEqual([]);
  });

  it("law 10: an agent that was started anew never starts a belt; the reset key does", () => {
    const bench = startedBench();
    bench.commands.length = 0;
    bench.newSession();
    bench.stand(1_000);
    expect(beltAsked(bench)).toEqual([]);
    bench.reset();
    expect(beltAsked(bench)).toEqual([true]);
  });

  it("a chute of an earlier session proves nothing in the next", () => {
    const bench = startedBench();
    bench.tell({
      kind: "sorter",
      event: { kind: "session", epoch: "s-2", seq: 0, count: beltCount(0) },
    });
    expect(bench.state.machine.conditions).toContain("chuteNotReady:green");
  });
});

describe("law 10: inspection is full", () => {
  const doubtful = (bench: Bench) => startRide(bench, { front: 1_000, without: ["read", "claim"] });

  it("the belt is asked to stop one second before a parcel would arrive, not a count earlier", () => {
    const bench = startedBench();
    const ride = doubtful(bench);
    ride.to(20_000);
    bench.chute("inspection", "full");
    ride.to(32_999);
    expect(beltAsked(bench).at(-1)).not.toBe(false);
    ride.to(33_000);
    expect(beltAsked(bench).at(-1)).toBe(false);
  });

  it.each(["full", "blocked", "unknown"] as const)("%s is enough", (state) => {
    const bench = startedBench();
    const ride = doubtful(bench);
    ride.to(33_500);
    bench.chute("inspection", state);
    expect(beltAsked(bench).at(-1)).toBe(false);
  });

  it("with nothing about to arrive the belt runs on", () => {
    const bench = startedBench();
    bench.chute("inspection", "full");
    bench.runTo(60_000);
    expect(beltAsked(bench)).not.toContain(false);
  });

  it("it runs again once there is room", () => {
    const bench = startedBench();
    const ride = doubtful(bench);
    ride.to(33_500);
    bench.chute("inspection", "full");
    bench.chute("inspection", "ready");
    expect(beltAsked(bench).at(-1)).toBe(true);
    ride.to(36_000);
    expect(bench.factsOf("left").at(-1)?.exit).toBe("inspection");
  });

  it("PF-16: a belt that goes on running is asked again", () => {
    const bench = startedBench();
    const ride = doubtful(bench);
    ride.to(33_500);
    bench.chute("inspection", "full");
    bench.commands.length = 0;
    bench.belt(true);
    expect(beltAsked(bench)).toEqual([false]);
    bench.belt(false);
    expect(beltAsked(bench)).toEqual([false]);
  });

  it("nothing is released because of it", () => {
    const bench = startedBench();
    const ride = doubtful(bench);
    bench.chute("inspection", "full");
    ride.to(33_500);
    expect(bench.diverts()).toEqual([]);
  });
});

describe("law 10: only a belt that ran when it was asked to stop is started again", () => {
  /** A parcel is about to reach the belt's end; a gap makes every chute unknown. */
  const aboutToArrive = (config = benchConfig): Bench => {
    const bench = createLineBench({ config });
    bench.start();
    const ride = startRide(bench, { front: bench.count() + 1_000, without: ["read", "claim"] });
    ride.to(33_500);
    bench.commands.length = 0;
    return bench;
  };
  const gap = (bench: Bench): void => void bench.tell({ kind: "sorterGap", missed: 1 });
  const tellChutes = (bench: Bench): void => exits.forEach((exit) => bench.chute(exit, "ready"));

  it("one that runs on after a gap is", () => {
    const bench = aboutToArrive();
    gap(bench);
    bench.belt(true);
    bench.belt(false);
    tellChutes(bench);
    expect(beltAsked(bench)).toEqual([false, false, true]);
  });

  it("also if the chutes are told of again before the belt is", () => {
    const bench = aboutToArrive();
    gap(bench);
    tellChutes(bench);
    expect(beltAsked(bench)).toEqual([false]);
    bench.belt(true);
    expect(beltAsked(bench)).toEqual([false, true]);
  });

  it("one that somebody had stopped is not, but by the reset key", () => {
    const bench = aboutToArrive();
    bench.stand(5_000);
    gap(bench);
    tellChutes(bench);
    bench.stand(5_000);
    expect(beltAsked(bench)).toEqual([false]);
    bench.reset();
    expect(beltAsked(bench)).toEqual([false, true]);
  });

  it("nor one whose stopping is what was lost", () => {
    const bench = aboutToArrive();
    gap(bench);
    bench.belt(false);
    tellChutes(bench);
    expect(beltAsked(bench)).toEqual([false]);
  });

  const emergencyStop = (bench: Bench, isOn: boolean): void => void bench.belt(false, isOn);

  it.each([
    ["an emergency stop", emergencyStop],
    ["an open guard", (bench: Bench, isOpen: boolean) => void bench.guard(isOpen)],
  ])("nor one that %s has held since, not even by the reset key while it lasts", (_what, hold) => {
    const bench = aboutToArrive();
    bench.chute("inspection", "full");
    hold(bench, true);
    bench.chute("inspection", "ready");
    bench.reset();
    bench.belt(false);
    hold(bench, false);
    expect(beltAsked(bench)).toEqual([false]);
    bench.reset();
    expect(beltAsked(bench)).toEqual([false, true]);
  });

  const zones = [{ zoneId: "infeed", fromMm: 0, toMm: 4_000, guardIds: ["guard-1"], eyeIds: [] }];
  const guarded = { ...benchConfig, layout: { ...benchConfig.layout, zones } };

  it.each([
    ["is told closed", (bench: Bench) => void bench.guard(false)],
    ["is settled by the reset key", (bench: Bench) => void bench.reset()],
  ])("while a guard may stand open it waits until that %s", (_how, settle) => {
    const bench = aboutToArrive(guarded);
    bench.guard(false);
    gap(bench);
    bench.belt(true);
    bench.belt(false);
    tellChutes(bench);
    expect(beltAsked(bench)).toEqual([false, false]);
    settle(bench);
    expect(beltAsked(bench)).toEqual([false, false, true]);
  });

  it("and not if somebody has started it meanwhile and stopped it again", () => {
    const bench = aboutToArrive(guarded);
    bench.guard(false);
    gap(bench);
    bench.belt(true);
    bench.belt(false);
    tellChutes(bench);
    bench.belt(true);
    bench.belt(false);
    bench.guard(false);
    expect(beltAsked(bench)).toEqual([false, false]);
  });

  it("one that we start is ours until it has been seen running", () => {
    const bench = aboutToArrive();
    for (let times = 0; times < 3; times += 1) {
      bench.chute("inspection", "full");
      bench.belt(false);
      bench.chute("inspection", "ready");
    }
    expect(beltAsked(bench)).toEqual([false, true, false, true, false, true]);
    // On its way to standing it may run once more before it hears of the stop.
    bench.chute("inspection", "full");
    bench.belt(true);
    bench.belt(false);
    bench.chute("inspection", "ready");
    expect(beltAsked(bench).slice(6)).toEqual([false, false, true]);
  });

  it("not one that hands may have held while messages were lost", () => {
    const bench = aboutToArrive();
    bench.chute("inspection", "full");
    bench.belt(false);
    gap(bench);
    bench.belt(false);
    tellChutes(bench);
    expect(beltAsked(bench)).toEqual([false]);
    expect(standingOf(bench)).toContain("beltStands");
    bench.reset();
    expect(beltAsked(bench)).toEqual([false, true]);
  });

  it("nor one that somebody has moved for a moment while it was stopped", () => {
    const bench = aboutToArrive();
    bench.belt(false);
    bench.chute("inspection", "full");
    bench.belt(true);
    bench.belt(false);
    bench.chute("inspection", "ready");
    expect(beltAsked(bench)).toEqual([false, false]);
  });

  it("a new session is neither asked to stop nor to run because of what was asked before it", () => {
    const bench = aboutToArrive();
    bench.chute("inspection", "full");
    bench.commands.length = 0;
    bench.newSession();
    expect(beltAsked(bench)).toEqual([]);
  });
});

describe("ZJG-27: what is in green without a decision", () => {
  const strayInGreen = (bench: Bench) => {
    const ride = startRide(bench, { front: 1_000, without: ["read", "claim", "end"] });
    ride.to(31_300);
    bench.eye("green-chute", true);
    return ride;
  };

  it("is told with its pass, and stops the belt", () => {
    const bench = startedBench();
    const ride = strayInGreen(bench);
    expect(alarmFactsOf(bench).at(-1)).toMatchObject({
      code: "unexpectedInGreen",
      passId: ride.passId(),
    });
    expect(beltAsked(bench).at(-1)).toBe(false);
    expect(bench.factsOf("left")).toMatchObject([{ exit: "green", expected: "inspection" }]);
  });

  it("stays until a person has pressed the reset key at the line", () => {
    const bench = startedBench();
    strayInGreen(bench);
    bench.eye("green-chute", false);
    bench.stand(60_000);
    expect(beltAsked(bench).at(-1)).toBe(false);
    expect(bench.state.machine.conditions).toContain("unexpectedInGreen");
    bench.reset();
    expect(beltAsked(bench).at(-1)).toBe(true);
    expect(bench.state.machine.conditions).not.toContain("unexpectedInGreen");
  });

  it("a reset while inspection is full leaves the belt standing", () => {
    const bench = startedBench();
    strayInGreen(bench);
    bench.chute("inspection", "full");
    const ride = startRide(bench, { front: 40_000, without: ["read", "claim"] });
    ride.to(33_500);
    bench.reset();
    expect(bench.state.machine.isStopRequested).toBe(true);
    expect(beltAsked(bench).at(-1)).toBe(false);
  });

  it("what no window expected there is told too, and all that it may have been is doubted", () => {
    const bench = startedBench();
    const [near, far] = [1_000, 2_200].map((front, index) =>
      startRide(bench, { number: index + 1, front, without: ["chute", "end"] }),
    );
    runRides(bench, [near!, far!], 1_000 + 31_200);
    bench.eye("green-chute", true);
    expect(alarmFactsOf(bench).at(-1)).toMatchObject({
      code: "unexpectedInGreen",
      passId: null,
    });
    expect(bench.pass(near!.passId()).tracking).toBe("unknown");
    expect(bench.pass(far!.passId()).tracking).toBe("unknown");
  });

  it.each([
    [340, []],
    [341, ["unexpectedInGreen"]],
    [80, []],
  ] as const)(
    "a parcel of 300 mm covers the chute's eye for %i mm: %j, somebody is close behind it",
    (coveredMm, codes) => {
      const bench = startedBench();
      const ride = startRide(bench, { front: 1_000, lengthMm: 300, without: ["chute"] });
      ride.to(31_300);
      bench.eye("green-chute", true);
      ride.to(31_300 + coveredMm);
      bench.eye("green-chute", false);
      expect(bench.factsOf("left")).toMatchObject([{ exit: "green", expected: "green" }]);
      expect(standingOf(bench).filter((code) => code === "unexpectedInGreen")).toEqual(codes);
      expect(bench.state.machine.isStopRequested).toBe(codes.length > 0);
    },
  );

  it("a parcel in red that was not sent there is a missort and stops nothing", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(28_300);
    bench.eye("red-chute", true);
    expect(alarmFactsOf(bench).at(-1)).toMatchObject({ code: "missort" });
    expect(bench.factsOf("left")).toMatchObject([{ exit: "red", expected: "inspection" }]);
    expect(beltAsked(bench)).not.toContain(false);
  });
});

describe("PF-18: encoder and drive", () => {
  const doubted = (bench: Bench, passId: string): boolean =>
    bench
      .factsOf("reasonRaised")
      .some((fact) => fact.passId === passId && fact.reason.code === "beltFault");

  it.each([
    [1_500, false],
    [1_501, true],
  ] as const)(
    "PR8.2-10: an encoder that stands still for %i ms under a running belt: %s",
    (ms, isFault) => {
      const bench = startedBench();
      const ride = startRide(bench, { front: 1_000 });
      ride.to(500);
      bench.belt(true);
      bench.wait(ms);
      bench.belt(true);
      expect(doubted(bench, ride.passId())).toBe(isFault);
    },
  );

  it("a belt that stands is no fault", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(500);
    bench.stand(10_000);
    bench.belt(true);
    expect(doubted(bench, ride.passId())).toBe(false);
  });

  it("PR8.2-10: counts that go back are a fault", () => {
    const bench = startedBench();
    const ride = startRide(bench, { front: 1_000 });
    ride.to(500);
    bench.belt(true);
    bench.sorter({
      kind: "belt",
      count: beltCount(bench.count() - 1),
      speedMmPerS: 1_000,
      isRunning: true,
      emergencyStop: false,
    });
    expect(doubted(bench, ride.passId())).toBe(true);
  });
});

describe("waking", () => {
  it.each([0.1, 0.3, 0.7, 1, 1.6, 3, 7])(
    "every wake leaves nothing due at its count, at %f mm a count",
    (mmPerCount) => {
      const bench = createLineBench({
        config: { ...benchConfig, belt: { speedMmPerS: 1_000, mmPerCount } },
      });
      bench.start();
      const counts = (mm: number): number => Math.round(mm / mmPerCount);
      bench.runTo(counts(1_000));
      bench.eye("induction", true);
      bench.runTo(counts(1_400));
      bench.eye("induction", false);
      bench.read(waybillNo(9));
      bench.runTo(counts(6_000));
      bench.eye("xray-entry", true);
      bench.runTo(counts(28_000));
      bench.eye("pre-red", true);
      bench.runTo(counts(31_000));
      bench.eye("pre-green", true);
      bench.chute("inspection", "full");
      // `runTo` throws when the core asks again for a count that it has been woken at.
      bench.runTo(counts(60_000));
      expect(bench.state.passes).toEqual([]);
    },
  );
});
