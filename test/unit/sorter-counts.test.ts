/**
 * Goal: no wrap of a counter and no outage locks a sorter out for longer than it lasted, and what
 * is wild stays out. Method: the sorter driver on a virtual clock, and events as a running belt of
 * 1 m/s sends them.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSorterDriver } from "../../edge/devices/sorter/driver.ts";
import { countOnWire, countsBetween, type CounterWidth } from "../../edge/devices/counter.ts";
import type { SorterGap } from "../../edge/devices/sorter/sorter.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import { sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import type { SorterHeard } from "../../edge/devices/sorter/heard.ts";
import type { WireHandlers } from "../../edge/devices/wire.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const signed32: CounterWidth = { bits: 32, isSigned: true };
const unsigned32: CounterWidth = { bits: 32, isSigned: false };
const unsigned16: CounterWidth = { bits: 16, isSigned: false };

/** A belt whose counter begins at `from`, told of every 100 ms. */
function runBelt({ counter = null, from = 0 }: { counter?: CounterWidth | null; from?: number }) {
  const clock = createVirtualClock();
  const commands: SorterCommand[] = [];
  const told: (SorterEvent | SorterGap)[] = [];
  let handlers: WireHandlers<SorterHeard> | null = null;
  const driver = createSorterDriver({
    deviceId: "s",
    clock,
    staleAfterMs: 1_500,
    downAfterMs: 5_000,
    countsPerMsMax: 2,
    counter,
    wire: {
      open: (opened) => {
        handlers = opened;
      },
      send: (command) => {
        commands.push(command);
        return sent;
      },
      revive: () => {},
      close: async () => {},
    },
  });
  driver.start((event) => {
    if (event.kind !== "healthChanged") told.push(event);
  });
  let seq = 0;
  let epoch = "e1";
  /** Where the belt is, and how much of that time the agent has slept through. */
  let sleptMs = 0;
  const count = (): number => countOnWire(from + clock.monotonic() + sleptMs, counter);
  const hear = (event: SorterHeard): void => handlers?.onMessage(event);
  const numbered = () => ({ epoch, seq: seq++ });
  const belt = (at: number = count()): void =>
    hear({
      kind: "belt",
      ...numbered(),
      count: beltCount(at),
      speedMmPerS: 1_000,
      isRunning: true,
      emergencyStop: false,
    });
  const chute = (): void =>
    hear({ kind: "chute", ...numbered(), exit: "green", state: "ready", fillPct: 10 });
  handlers!.onState(true);
  hear({ kind: "session", ...numbered(), count: beltCount(count()) });
  return {
    driver,
    commands,
    told,
    belt,
    chute,
    /** The last report once more under its number, changed or not. */
    sayAgain: (change: { readonly isRunning?: boolean }) => {
      seq -= 1;
      const report = { count: beltCount(count()), speedMmPerS: 1_000, isRunning: true } as const;
      hear({ kind: "belt", ...numbered(), ...report, emergencyStop: false, ...change });
    },
    runMs: (durationMs: number, { isSilent = false } = {}) => {
      for (let ran = 0; ran < durationMs; ran += 100) {
        clock.runFor(100);
        if (isSilent) seq += 1;
        else belt();
      }
    },
    cut: () => handlers!.onState(false, deviceReason("connectionLost")),
    mend: () => handlers!.onState(true),
    sleep: (durationMs: number) => {
      sleptMs += durationMs;
      seq += durationMs / 100;
    },
    /** The device begins to number anew, under a name of its own choice. */
    renumber: (name: string) => {
      epoch = name;
      seq = 0;
    },
    discarded: () => driver.health().counters["discardedTotal"],
    /** The belt's counts as the line got them, of the session that it is in. */
    counts: () => {
      const belts = told.filter((event) => event.kind === "belt");
      const epoch = belts.at(-1)?.epoch;
      return belts.filter((event) => event.epoch === epoch).map((event) => Number(event.count));
    },
    epochs: () => [...new Set(told.flatMap((event) => ("epoch" in event ? [event.epoch] : [])))],
  };
}

describe("case encoder-wrap", () => {
  test.each([
    ["UDINT", unsigned32, 2 ** 32 - 5_000],
    ["DINT", signed32, 2 ** 31 - 5_000],
    ["WORD", unsigned16, 2 ** 16 - 5_000],
  ])(
    "case encoder-wrap, PR8.1-1: a %s counts on over its wrap in one session",
    (_name, counter, from) => {
      const belt = runBelt({ counter, from });
      belt.runMs(600_000);
      expect(belt.discarded()).toBe(0);
      expect(belt.epochs()).toEqual(["e1"]);
      expect(belt.counts().at(-1)).toBe(from + 600_000);
      expect(belt.driver.health().state).toBe("receiving");
    },
  );

  test("a command is given in counts as the device's own counter shows them", () => {
    const belt = runBelt({ counter: signed32, from: 2 ** 31 - 5_000 });
    belt.runMs(6_000);
    const at = belt.counts().at(-1)!;
    belt.driver.send({
      kind: "divert",
      commandId: "c1",
      passId: "p1",
      exit: "green",
      fireAtCount: beltCount(at + 1_000),
      releaseAtCount: beltCount(at + 1_500),
      notAfterCount: beltCount(2 ** 31 - 1),
    });
    expect(belt.commands.at(-1)).toMatchObject({
      fireAtCount: -(2 ** 31) + 2_000,
      releaseAtCount: -(2 ** 31) + 2_500,
      notAfterCount: 2 ** 31 - 1,
    });
  });

  test("a wrap that nobody has configured ends in a session anew within a second", () => {
    const belt = runBelt({ counter: null, from: 2 ** 31 - 5_000 });
    belt.runMs(4_000);
    for (let told = 1; told <= 20; told += 1) belt.belt(-(2 ** 31) + told * 100);
    expect(belt.epochs()).toEqual(["e1", "e1-anew1"]);
    expect(belt.discarded()).toBe(9);
  });

  test("a second event under one number is a gap if it says something else", () => {
    const belt = runBelt({});
    belt.runMs(1_000);
    const gaps = () => belt.told.filter(({ kind }) => kind === "gap");
    belt.sayAgain({});
    expect(gaps()).toEqual([]);
    belt.sayAgain({ isRunning: false });
    expect(gaps()).toEqual([{ kind: "gap", missed: 1 }]);
  });

  test("a number that the counter cannot show is refused", () => {
    const belt = runBelt({ counter: unsigned32 });
    belt.runMs(1_000);
    belt.belt(2 ** 32);
    belt.belt(-1);
    expect(belt.discarded()).toBe(2);
  });

  test("after a gap that may hold half a turn of a narrow counter the belt is unknown", () => {
    const belt = runBelt({ counter: unsigned16 });
    belt.runMs(1_000);
    belt.runMs(60_000, { isSilent: true });
    belt.runMs(1_000);
    expect(belt.epochs()).toEqual(["e1", "e1-anew1"]);
    expect(belt.discarded()).toBe(0);
  });
});

describe("PR8.1-6: from one count to another by the shorter way round", () => {
  test.each([
    [unsigned16, 65_535, 0, 1],
    [unsigned16, 0, 65_535, -1],
    [unsigned16, 0, 32_767, 32_767],
    [unsigned16, 0, 32_769, -32_767],
    [signed32, 2 ** 31 - 1, -(2 ** 31), 1],
    [signed32, -(2 ** 31), 2 ** 31 - 1, -1],
    [null, 10, 3, -7],
  ])("%o: from %i to %i it ran %i", (width, from, to, ran) => {
    expect(countsBetween(from, to, width)).toBe(ran);
  });

  test("whichever way a belt has run, less than half a turn is told as it was", () => {
    const bits = fc.constantFrom(16 as const, 24 as const, 32 as const);
    fc.assert(
      fc.property(
        bits,
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        (width, isSigned, ...ran) => {
          const [start, by, isBack] = ran;
          const counter = { bits: width, isSigned };
          const runCounts = (by % (2 ** (width - 1) - 1)) * (isBack ? -1 : 1);
          const from = countOnWire(start, counter);
          const to = countOnWire(start + runCounts, counter);
          expect(countsBetween(from, to, counter)).toBe(runCounts + 0);
        },
      ),
    );
  });
});

describe("case sorter-count-lockout", () => {
  test.each([120, 600])(
    "case sorter-count-lockout: away %i s, the first event then has no count, and the belt is taken at once",
    (outageS) => {
      const belt = runBelt({});
      belt.runMs(10_000);
      belt.cut();
      belt.runMs(outageS * 1_000, { isSilent: true });
      belt.mend();
      belt.chute();
      belt.belt();
      expect(belt.counts().at(-1)).toBe(10_000 + outageS * 1_000);
      expect(belt.epochs()).toEqual(["e1"]);
      expect(belt.discarded()).toBe(0);
    },
  );

  test.each([150, 36_000])(
    "case sorter-count-lockout: asleep %i s, the belt is back within 2 s in a session anew",
    (sleptS) => {
      const belt = runBelt({});
      belt.runMs(10_000);
      belt.sleep(sleptS * 1_000);
      // What has no count must not put the way out off.
      for (let told = 0; told < 10; told += 1) {
        belt.chute();
        belt.runMs(200);
      }
      expect(belt.epochs()).toEqual(["e1", "e1-anew1"]);
      expect(belt.counts().at(-1)).toBe(12_000 + sleptS * 1_000);
      expect(belt.driver.health().counters).toMatchObject({
        sessionsTotal: 2,
        sessionsAnewTotal: 1,
      });
    },
  );

  test.each([["e1"], ["e2", "e1"]])(
    "case sorter-count-lockout: one that begins anew under a name of before is back within 31 s",
    (...names) => {
      const belt = runBelt({});
      belt.runMs(60_000);
      for (const name of names) {
        belt.renumber(name);
        belt.runMs(31_000);
      }
      const heard = belt.counts().length;
      belt.runMs(1_000);
      expect(belt.epochs().at(-1)).toBe("e1-anew1");
      expect(belt.counts().length).toBe(heard + 10);
      belt.driver.send({ kind: "cancelAll" });
      expect(belt.commands.at(-1)).toEqual({ kind: "cancelAll", epoch: "e1" });
    },
  );

  test("what was delayed begins no session, however much of it comes", () => {
    const belt = runBelt({});
    belt.runMs(60_000);
    belt.renumber("e1");
    belt.runMs(29_000);
    expect(belt.epochs()).toEqual(["e1"]);
  });

  test("commands of a session anew name the device's own epoch", () => {
    const belt = runBelt({});
    belt.runMs(1_000);
    belt.sleep(150_000);
    belt.runMs(2_000);
    expect(belt.driver.send({ kind: "cancelAll" }).kind).toBe("sent");
    expect(belt.commands.at(-1)).toEqual({ kind: "cancelAll", epoch: "e1" });
  });

  test("wild counts that do not agree with each other never begin a session", () => {
    const belt = runBelt({});
    belt.runMs(1_000);
    for (let told = 0; told < 100; told += 1) belt.belt(1_000_000_000 + told * told * 10_000);
    belt.runMs(1_000);
    expect(belt.epochs()).toEqual(["e1"]);
    expect(belt.discarded()).toBe(100);
  });

  test("a steady story between two good events is an outlier again", () => {
    const belt = runBelt({});
    belt.runMs(1_000);
    for (let told = 0; told < 30; told += 1) {
      for (let wild = 0; wild < 9; wild += 1) belt.belt(1_000_000_000 + (told * 9 + wild) * 10);
      belt.runMs(100);
    }
    expect(belt.epochs()).toEqual(["e1"]);
  });
});

test("the way between two counts is the shorter one", () => {
  expect(countsBetween(2 ** 32 - 1, 0, unsigned32)).toBe(1);
  expect(countsBetween(0, 2 ** 32 - 1, unsigned32)).toBe(-1);
  expect(countsBetween(2 ** 31 - 1, -(2 ** 31), signed32)).toBe(1);
  expect(countsBetween(5 * 2 ** 16 + 3, 1, unsigned16)).toBe(-2);
});
