/**
 * Goal: the simulated sorter I/O does to the count and the millisecond what law 6 and the
 * dialect promise, so that a wrong exit is never the simulator's. Method: one controller in virtual
 * time with an encoder turned by hand; each rule is tested just before and just after its boundary.
 */
import { describe, expect, test } from "vitest";
import { beltCount } from "../../protocols/units.ts";
import { createSorterStand } from "./sorter-stand.ts";

describe("diverts (law 6)", () => {
  test("fires at its count and not one before, and rests at its release and not one before", () => {
    const stand = createSorterStand();
    stand.life();
    expect(stand.divert("c1")).toBe("accepted");
    stand.encoder.turnTo(99);
    expect(stand.moves()).toEqual([]);
    stand.encoder.turnTo(100);
    expect(stand.moves()).toEqual(["red out @100"]);
    expect(stand.of("fired")).toMatchObject([{ commandId: "c1", count: 100 }]);
    stand.encoder.turnTo(149);
    expect(stand.moves()).toHaveLength(1);
    stand.encoder.turnTo(150);
    expect(stand.moves()).toEqual(["red out @100", "red rest @150"]);
  });

  test("a command is taken at its notAfterCount and refused one count later", () => {
    const stand = createSorterStand();
    stand.life();
    stand.encoder.turnTo(90);
    expect(stand.divert("intime")).toBe("accepted");
    stand.encoder.turnTo(91);
    expect(stand.divert("late")).toBe("staleCount");
    expect(stand.of("refused")).toMatchObject([{ commandId: "late", why: "staleCount" }]);
  });

  test("a command that arrives at its fireAtCount fires at once, one count later never", () => {
    const stand = createSorterStand();
    stand.life();
    stand.encoder.turnTo(100);
    expect(stand.divert("now", { notAfterCount: beltCount(500) })).toBe("accepted");
    expect(stand.moves()).toEqual(["red out @100"]);
    stand.encoder.turnTo(101);
    expect(stand.divert("past", { notAfterCount: beltCount(500) })).toBe("staleCount");
  });

  test("a window that was passed in one jump still opens and closes", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("c1");
    stand.encoder.turnTo(1_000);
    expect(stand.moves()).toEqual(["red out @100", "red rest @150"]);
  });

  test("PF-07: two suspects in one cycle are one movement, and neither is cut short", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("first");
    stand.divert("second", { fireAtCount: beltCount(140), releaseAtCount: beltCount(190) });
    stand.encoder.turnTo(400);
    expect(stand.moves()).toEqual(["red out @100", "red rest @190"]);
    expect(stand.of("fired").map(({ commandId }) => commandId)).toEqual(["first", "second"]);
  });

  test("PF-07: a window inside another does not end it, and windows that touch do not blink", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("long", { releaseAtCount: beltCount(200) });
    stand.divert("inside", { fireAtCount: beltCount(120), releaseAtCount: beltCount(130) });
    stand.divert("touching", { fireAtCount: beltCount(200), releaseAtCount: beltCount(210) });
    stand.divert("apart", { fireAtCount: beltCount(211), releaseAtCount: beltCount(220) });
    stand.encoder.turnTo(400);
    expect(stand.moves()).toEqual([
      "red out @100",
      "red rest @210",
      "red out @211",
      "red rest @220",
    ]);
  });

  test("PF-07: a controller that cannot merge refuses the second instead", () => {
    const stand = createSorterStand({ overlap: "refuse" });
    stand.life();
    expect(stand.divert("first")).toBe("accepted");
    expect(stand.divert("meets", { fireAtCount: beltCount(149) })).toBe("overlap");
    const after = { fireAtCount: beltCount(150), releaseAtCount: beltCount(160) };
    expect(stand.divert("after", after)).toBe("accepted");
    stand.encoder.turnTo(100);
    expect(
      stand.divert("open", { fireAtCount: beltCount(149), notAfterCount: beltCount(149) }),
    ).toBe("overlap");
  });

  test("one pass cannot be told to leave twice", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("first", { passId: "p1" });
    expect(stand.divert("second", { passId: "p1", exit: "green" })).toBe("overlap");
    stand.abort("first");
    expect(stand.divert("third", { passId: "p1", exit: "green" })).toBe("accepted");
  });

  test("the queue has a bound", () => {
    const stand = createSorterStand({ pendingMax: 2 });
    stand.life();
    expect(stand.divert("c1")).toBe("accepted");
    expect(stand.divert("c2")).toBe("accepted");
    expect(stand.divert("c3")).toBe("queueFull");
    stand.abort("c1");
    expect(stand.divert("c4")).toBe("accepted");
  });

  test.each([
    ["an exit without a diverter", { exit: "inspection" }],
    ["an empty window", { releaseAtCount: beltCount(100) }],
    ["a window longer than allowed", { releaseAtCount: beltCount(5_101) }],
    [
      "a window further ahead than allowed",
      { fireAtCount: beltCount(100_001), releaseAtCount: beltCount(100_002) },
    ],
  ] as const)("%s is invalid", (_what, more) => {
    const stand = createSorterStand();
    stand.life();
    expect(stand.divert("c1", more)).toBe("invalid");
    stand.encoder.turnTo(200_000);
    expect(stand.moves()).toEqual([]);
  });

  test("an unreadable command is refused by its id where it has one, and only then", () => {
    const stand = createSorterStand();
    expect(stand.model.unreadableCommand("c1")).toBe("invalid");
    expect(stand.model.unreadableCommand(null)).toBe("invalid");
    expect(stand.of("refused")).toMatchObject([{ commandId: "c1", why: "invalid" }]);
  });
});

describe("repeats and aborts", () => {
  test("a repeated command is answered again and acted on once", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("c1");
    expect(stand.divert("c1")).toBe("accepted");
    stand.encoder.turnTo(120);
    expect(stand.divert("c1")).toBe("fired");
    stand.encoder.turnTo(400);
    expect(stand.divert("c1")).toBe("fired");
    expect(stand.moves()).toEqual(["red out @100", "red rest @150"]);
    expect(new Set(stand.of("fired").map(({ count }) => count))).toEqual(new Set([100]));
  });

  test("PF-13: a refusal stands even if the same command would be taken by now", () => {
    const stand = createSorterStand();
    expect(stand.divert("c1")).toBe("noLife");
    stand.life();
    expect(stand.divert("c1")).toBe("noLife");
    stand.encoder.turnTo(400);
    expect(stand.moves()).toEqual([]);
  });

  test("an abort one count before firing stops it; at the firing count it comes too late", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("c1");
    stand.encoder.turnTo(99);
    expect(stand.abort("c1")).toBe("cancelled");
    stand.encoder.turnTo(400);
    expect(stand.moves()).toEqual([]);

    const other = createSorterStand();
    other.life();
    other.divert("c1");
    other.encoder.turnTo(100);
    expect(other.abort("c1")).toBe("fired");
    other.encoder.turnTo(400);
    expect(other.moves()).toEqual(["red out @100", "red rest @150"]);
  });

  test("an abort that outruns its divert cancels it in advance", () => {
    const stand = createSorterStand();
    stand.life();
    expect(stand.abort("c1")).toBe("cancelled");
    expect(stand.divert("c1")).toBe("cancelled");
    stand.encoder.turnTo(400);
    expect(stand.moves()).toEqual([]);
  });

  test("cancelAll ends what is pending and lets an open window run to its end", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("open");
    stand.divert("pending", { fireAtCount: beltCount(300), releaseAtCount: beltCount(350) });
    stand.encoder.turnTo(110);
    stand.model.command({ kind: "cancelAll", epoch: stand.epoch() });
    stand.encoder.turnTo(400);
    expect(stand.of("cancelled")).toMatchObject([{ commandId: "pending", why: "aborted" }]);
    expect(stand.moves()).toEqual(["red out @100", "red rest @150"]);
  });

  test("outcomes are remembered up to a bound", () => {
    const stand = createSorterStand({ outcomesMax: 2 });
    for (const commandId of ["c1", "c2", "c3"]) stand.divert(commandId);
    stand.life();
    expect(stand.divert("c2")).toBe("noLife");
    expect(stand.divert("c1")).toBe("accepted");
  });
});

describe("life, emergency stop, sessions", () => {
  test("life lasts 1,500 ms, not one less; then pending ends and diverters rest", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("open");
    stand.divert("pending", { fireAtCount: beltCount(300), releaseAtCount: beltCount(350) });
    stand.encoder.turnTo(110);
    stand.clock.runFor(1_499);
    expect(stand.of("cancelled")).toEqual([]);
    stand.clock.runFor(1);
    expect(stand.of("cancelled")).toMatchObject([{ commandId: "pending", why: "noLife" }]);
    expect(stand.moves()).toEqual(["red out @100", "red rest @110"]);
    stand.encoder.turnTo(400);
    expect(stand.moves()).toHaveLength(2);
    expect(
      stand.divert("later", {
        fireAtCount: beltCount(500),
        releaseAtCount: beltCount(501),
        notAfterCount: beltCount(499),
      }),
    ).toBe("noLife");
  });

  test("life with another epoch is none", () => {
    const stand = createSorterStand();
    stand.model.command({ kind: "life", epoch: "other" });
    expect(stand.divert("c1")).toBe("noLife");
  });

  test("PF-12: an emergency stop in the middle of a divert rests it and cancels the rest", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("open");
    stand.divert("pending", { fireAtCount: beltCount(300), releaseAtCount: beltCount(350) });
    stand.encoder.turnTo(120);
    stand.model.emergencyStop(true);
    expect(stand.moves()).toEqual(["red out @100", "red rest @120"]);
    expect(stand.of("cancelled")).toMatchObject([{ commandId: "pending", why: "emergencyStop" }]);
    expect(stand.of("belt").at(-1)).toMatchObject({ emergencyStop: true });
    const during = {
      fireAtCount: beltCount(500),
      releaseAtCount: beltCount(550),
      notAfterCount: beltCount(490),
    };
    expect(stand.divert("during", during)).toBe("cancelled");
    stand.model.emergencyStop(false);
    stand.encoder.turnTo(600);
    expect(stand.moves()).toHaveLength(2);
  });

  test("PF-13: a command of the session before is refused, whatever its counts", () => {
    const stand = createSorterStand();
    const before = stand.epoch();
    stand.model.powerOff();
    stand.model.powerOn();
    expect(stand.epoch()).not.toBe(before);
    stand.life();
    expect(stand.divert("c1", { epoch: before })).toBe("staleEpoch");
    expect(stand.model.command({ kind: "induction", epoch: before, isPermitted: true })).toBe(
      "staleEpoch",
    );
  });

  test("a new session counts and numbers from 0 and has forgotten what was pending", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("open");
    stand.divert("pending", { fireAtCount: beltCount(300), releaseAtCount: beltCount(350) });
    stand.encoder.turnTo(120);
    stand.model.powerOff();
    expect(stand.moves()).toEqual(["red out @100", "red rest @120"]);
    const before = stand.events.length;
    stand.clock.runFor(10_000);
    expect(stand.events).toHaveLength(before);
    stand.model.powerOn();
    expect(stand.events[before]).toMatchObject({ kind: "session", seq: 0, count: 0 });
    stand.encoder.turnTo(1_000);
    expect(stand.model.count()).toBe(880);
    expect(stand.moves()).toHaveLength(2);
  });

  test("induction is permitted only when asked for, with life and without emergency stop", () => {
    const stand = createSorterStand();
    const induction = () => stand.outputs.filter((output) => output.startsWith("induction")).at(-1);
    stand.model.command({ kind: "induction", epoch: stand.epoch(), isPermitted: true });
    expect(induction()).toBeUndefined();
    stand.life();
    expect(induction()).toBe("induction yes");
    stand.model.emergencyStop(true);
    expect(induction()).toBe("induction no");
    stand.model.emergencyStop(false);
    expect(induction()).toBe("induction yes");
    stand.clock.runFor(1_500);
    expect(induction()).toBe("induction no");
    stand.life();
    expect(induction()).toBe("induction yes");
    stand.model.command({ kind: "induction", epoch: stand.epoch(), isPermitted: false });
    expect(induction()).toBe("induction no");
  });

  test("the belt is asked to stop and to go on", () => {
    const stand = createSorterStand();
    stand.model.command({ kind: "belt", epoch: stand.epoch(), run: false });
    stand.model.command({ kind: "belt", epoch: stand.epoch(), run: true });
    expect(stand.outputs).toEqual(["belt run", "belt halt", "belt run"]);
  });
});

describe("what it says", () => {
  test("events are numbered without a gap, and a running belt speaks every 100 ms", () => {
    const stand = createSorterStand();
    stand.model.beltMoves({ isRunning: true, speedMmPerS: 1_000 });
    const before = stand.of("belt").length;
    stand.live(1_000);
    expect(stand.of("belt").length - before).toBeGreaterThanOrEqual(10);
    expect(stand.events.map(({ seq }) => seq)).toEqual(stand.events.map((_event, index) => index));
  });

  test("a standing belt still speaks within 500 ms", () => {
    const stand = createSorterStand();
    const before = stand.of("belt").length;
    stand.clock.runFor(500);
    expect(stand.of("belt").length).toBeGreaterThan(before);
  });

  test("an agent that comes late is told the chutes at once", () => {
    const stand = createSorterStand();
    stand.model.chute("green", { state: "full", fillPct: 100 });
    const before = stand.events.length;
    stand.life();
    expect(stand.events.slice(before).filter(({ kind }) => kind === "chute")).toMatchObject([
      { exit: "green", state: "full", fillPct: 100 },
      { exit: "red", state: "ready" },
      { exit: "inspection", state: "ready" },
    ]);
  });

  test("the reset key at the line is told with its count", () => {
    const stand = createSorterStand();
    stand.encoder.turnTo(7);
    stand.model.localReset();
    expect(stand.of("localReset")).toMatchObject([{ count: 7 }]);
  });
});

describe("eyes (PF-03)", () => {
  test("an edge is told once it has held for 5 ms, with the count at which it came", () => {
    const stand = createSorterStand();
    stand.encoder.turnTo(10);
    stand.model.eye("eye1", true, 10);
    stand.encoder.turnTo(14);
    stand.clock.runFor(4);
    expect(stand.of("eye")).toEqual([]);
    stand.encoder.turnTo(15);
    stand.clock.runFor(1);
    expect(stand.of("eye")).toMatchObject([{ eyeId: "eye1", isBlocked: true, count: 10 }]);
  });

  test("a bounce shorter than that is nothing", () => {
    const stand = createSorterStand();
    stand.model.eye("eye1", true, 0);
    stand.clock.runFor(4);
    stand.model.eye("eye1", false, 4);
    stand.clock.runFor(100);
    expect(stand.of("eye")).toEqual([]);
  });

  test("an eye whose debouncing fails tells each edge three times", () => {
    const stand = createSorterStand();
    stand.model.setFaults({ bouncingEye: ["eye1"] });
    stand.model.eye("eye1", true, 3);
    stand.clock.runFor(5);
    expect(stand.of("eye").map(({ isBlocked }) => isBlocked)).toEqual([true, false, true]);
  });

  test("an eye that hangs tells that edge alone and catches up when freed", () => {
    const stand = createSorterStand();
    stand.model.setFaults({ stuckEye: { eye1: true } });
    stand.clock.runFor(5);
    for (const isBlocked of [true, false, true]) {
      stand.model.eye("eye1", isBlocked, 0);
      stand.clock.runFor(50);
    }
    expect(stand.of("eye")).toMatchObject([{ eyeId: "eye1", isBlocked: true }]);
    stand.model.eye("eye1", false, 0);
    stand.model.setFaults({ stuckEye: {} });
    stand.clock.runFor(5);
    expect(stand.of("eye").at(-1)).toMatchObject({ eyeId: "eye1", isBlocked: false });
  });

  test("an eye that is blocked when power comes is an edge of the new session", () => {
    const stand = createSorterStand();
    stand.model.eye("eye1", true, 0);
    stand.clock.runFor(5);
    stand.model.powerOff();
    stand.model.powerOn();
    stand.clock.runFor(5);
    expect(stand.of("eye").at(-1)).toMatchObject({ isBlocked: true, epoch: stand.epoch() });
    expect(stand.of("eye")).toHaveLength(2);
  });
});

describe("faults", () => {
  test("PF-16: a dropped command does nothing while everything looks healthy", () => {
    const stand = createSorterStand();
    stand.life();
    stand.model.setFaults({ dropCommand: true });
    const before = stand.events.length;
    stand.divert("c1");
    stand.encoder.turnTo(400);
    expect(stand.moves()).toEqual([]);
    expect(stand.events).toHaveLength(before);
    stand.life();
    stand.clock.runFor(1_499);
    expect(stand.of("belt").length).toBeGreaterThan(3);
  });

  test("a dropped confirm moves the diverter and says nothing, without a gap", () => {
    const stand = createSorterStand();
    stand.life();
    stand.model.setFaults({ dropConfirm: true });
    stand.divert("c1");
    stand.encoder.turnTo(400);
    stand.model.localReset();
    expect(stand.moves()).toHaveLength(2);
    expect(stand.of("fired")).toEqual([]);
    expect(stand.events.map(({ seq }) => seq)).toEqual(stand.events.map((_event, index) => index));
  });

  test("a dead diverter is confirmed, does not move, and follows again once it works", () => {
    const stand = createSorterStand();
    stand.life();
    stand.model.setFaults({ deadDiverter: ["red"] });
    stand.divert("c1");
    stand.encoder.turnTo(120);
    expect(stand.of("fired")).toHaveLength(1);
    expect(stand.moves()).toEqual([]);
    stand.model.setFaults({ deadDiverter: [] });
    expect(stand.moves()).toEqual(["red out @120"]);
  });

  test("lost events leave a gap in the numbers, doubled ones repeat a number", () => {
    const stand = createSorterStand();
    const before = stand.events.length;
    stand.model.loseEvents(2);
    for (let press = 0; press < 3; press += 1) stand.model.localReset();
    stand.model.setFaults({ duplicateEvent: true });
    stand.model.localReset();
    expect(stand.events.slice(before).map(({ seq }) => seq - before)).toEqual([2, 3, 3]);
  });

  test("how chutes and guards stand is told again every 5 s, since a word may be lost", () => {
    const stand = createSorterStand();
    stand.model.loseEvents(1);
    stand.model.guard("guard-1", true);
    const before = stand.events.length;
    stand.clock.runFor(5_000);
    const told = stand.events.slice(before);
    expect(told).toContainEqual(
      expect.objectContaining({ kind: "guard", guardId: "guard-1", isOpen: true }),
    );
    expect(told.filter(({ kind }) => kind === "chute")).toHaveLength(3);
  });

  test("PF-14: a frozen sorter is silent and goes on numbering", () => {
    const stand = createSorterStand();
    stand.model.setFaults({ freezeEvents: true });
    const before = stand.events.length;
    stand.clock.runFor(2_000);
    expect(stand.events).toHaveLength(before);
    stand.model.setFaults({ freezeEvents: false });
    stand.model.localReset();
    expect(stand.events.at(-1)?.seq).toBeGreaterThan(before);
  });

  test("PF-18: a slipping encoder fires late by what it did not see", () => {
    const stand = createSorterStand();
    stand.life();
    stand.divert("c1");
    stand.encoder.turnTo(50);
    stand.model.setFaults({ slipEncoder: 0.5 });
    stand.encoder.turnTo(149);
    expect(stand.moves()).toEqual([]);
    stand.encoder.turnTo(150);
    expect(stand.moves()).toEqual(["red out @150"]);
    expect(stand.model.count()).toBe(100);
  });
});
