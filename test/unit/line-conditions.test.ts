import { describe, expect, it } from "vitest";
import type { ConditionCode } from "../../protocols/alarms.ts";
import { conditionCodes } from "../../protocols/alarms.ts";
import { beltCount } from "../../protocols/units.ts";
import { nextReportCount } from "../../edge/line/step.ts";
import {
  alarmFactsOf,
  benchConfig,
  createLineBench,
  induct,
  standingOf,
  startedBench,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { configWith } from "../kit/line-reader.ts";
import { startRide } from "../kit/line-ride.ts";

/**
 * Goal: each condition of a line is told when it begins and when it is over, once each, and what is
 * over is over for a reason that the line knows. Method: each alone on a line that is otherwise
 * well, in virtual time: what begins it, what does not end it yet, what ends it.
 */
interface Story {
  readonly code: ConditionCode;
  readonly key: string;
  readonly begin: (bench: Bench) => void;
  /** Time or an event that must not end it. */
  readonly goOn: (bench: Bench) => void;
  readonly end: (bench: Bench) => void;
}

const health = (deviceId: string, state: "receiving" | "stale" | "down") => (bench: Bench) => {
  const reason = state === "receiving" ? null : ({ code: "silent" } as const);
  bench.tell({ kind: "health", deviceId, state, reason });
};
const standFor = (bench: Bench): void => bench.stand(600_000);
const runFor = (mm: number) => (bench: Bench) => bench.runTo(bench.count() + mm);
/** Longer than the belt: whatever was on it has run out. */
const runOut = runFor(36_000);

const withLight = {
  ...benchConfig,
  layout: { ...benchConfig.layout, annunciatorId: "light-1", cameraIds: ["camera-1"] },
};

const stories: readonly Story[] = [
  {
    code: "emergencyStop",
    key: "line",
    begin: (bench) => void bench.belt(false, true),
    goOn: (bench) => void bench.belt(false, true),
    end: (bench) => void bench.belt(false),
  },
  {
    code: "beltStands",
    key: "line",
    begin: (bench) => void bench.belt(false),
    goOn: standFor,
    end: (bench) => void bench.belt(true),
  },
  {
    code: "sorterDown",
    key: "sorter-1",
    begin: health("sorter-1", "down"),
    goOn: health("sorter-1", "stale"),
    end: health("sorter-1", "receiving"),
  },
  {
    code: "deviceDown",
    key: "scale-1",
    begin: health("scale-1", "stale"),
    goOn: health("scanner-1", "receiving"),
    end: health("scale-1", "receiving"),
  },
  {
    code: "annunciatorDown",
    key: "light-1",
    begin: health("light-1", "stale"),
    goOn: health("scanner-1", "receiving"),
    end: health("light-1", "receiving"),
  },
  {
    code: "cameraDown",
    key: "camera-1",
    begin: health("camera-1", "stale"),
    goOn: health("scanner-1", "receiving"),
    end: health("camera-1", "receiving"),
  },
  {
    code: "xrayDown",
    key: "xray-1",
    begin: health("xray-1", "down"),
    goOn: (bench) => bench.tell({ kind: "xrayReady", isReady: true, reason: null }),
    end: health("xray-1", "receiving"),
  },
  {
    code: "xrayNotReady",
    key: "xray-1",
    begin: (bench) => bench.tell({ kind: "xrayReady", isReady: false, reason: null }),
    goOn: standFor,
    end: (bench) => bench.tell({ kind: "xrayReady", isReady: true, reason: null }),
  },
  {
    code: "jam",
    key: "pre-red",
    begin: (bench) => {
      bench.eye("pre-red", true);
      runFor(6_000)(bench);
    },
    goOn: standFor,
    end: (bench) => bench.eye("pre-red", false),
  },
  {
    code: "inspectionNotReady",
    key: "inspection",
    begin: (bench) => bench.chute("inspection", "full"),
    goOn: (bench) => bench.chute("inspection", "blocked"),
    end: (bench) => bench.chute("inspection", "ready"),
  },
  {
    code: "chuteNotReady",
    key: "red",
    begin: (bench) => bench.chute("red", "unknown"),
    goOn: (bench) => bench.chute("inspection", "ready"),
    end: (bench) => bench.chute("red", "ready"),
  },
  {
    code: "eventsLost",
    key: "line",
    begin: (bench) => bench.tell({ kind: "sorterGap", missed: 3 }),
    goOn: runFor(34_000),
    end: runFor(400),
  },
  {
    code: "timeBreak",
    key: "line",
    begin: (bench) => bench.tell({ kind: "timeBreak", why: "slept", byMs: 3_600_000 }),
    goOn: runFor(34_000),
    end: runFor(400),
  },
  {
    code: "readUnbound",
    key: "scanner-1",
    begin: (bench) => bench.readWith({}, "NOBODYS"),
    goOn: runFor(5_000),
    end: (bench) => {
      induct(bench, bench.count() + 1_000);
      bench.runTo(bench.count() + 1_300);
      bench.read(waybillNo(1));
    },
  },
  {
    code: "guardOpen",
    key: "guard-1",
    begin: (bench) => void bench.guard(true),
    goOn: runFor(5_000),
    end: (bench) => void bench.guard(false),
  },
  {
    code: "guardUnheard",
    key: "guard-1",
    begin: (bench) => {
      void bench.guard(false);
      bench.tell({ kind: "sorterGap", missed: 1 });
    },
    goOn: runFor(5_000),
    end: (bench) => void bench.guard(false),
  },
  {
    code: "tunnelUnknown",
    key: "xray-1",
    begin: (bench) =>
      bench.tell({
        kind: "xrayItem",
        item: { passId: null, itemSequence: 1, entryCount: beltCount(bench.count()), lengthMm: 99 },
      }),
    goOn: runFor(1_999),
    end: runFor(1),
  },
];

function wellBench(): Bench {
  const bench = startedBench(9, withLight);
  health("light-1", "receiving")(bench);
  health("camera-1", "receiving")(bench);
  runOut(bench);
  return bench;
}

describe("a condition is told when it begins and when it is over, once each", () => {
  it.each(stories)("$code", ({ code, key, begin, goOn, end }) => {
    const bench = wellBench();
    expect(standingOf(bench)).toEqual([]);
    const before = bench.facts.length;
    const told = () =>
      bench.facts
        .slice(before)
        .flatMap((fact) =>
          fact.kind === "condition" && fact.code === code ? [[fact.key, fact.holds]] : [],
        );
    begin(bench);
    expect(told()).toEqual([[key, true]]);
    goOn(bench);
    expect(standingOf(bench)).toContain(code);
    end(bench);
    expect(told()).toEqual([
      [key, true],
      [key, false],
    ]);
  });

  it("and no condition that a line has is without its story", () => {
    const centres = [
      "lineNotHeard",
      "doubtUnconfirmed",
      "journalFork",
      "journalShortened",
      "journalForeign",
      "calendarUnproved",
      "documentsFull",
      "documentsDamaged",
      "messageUnread",
      "recordsOlder",
      "recordsLost",
    ];
    const below = ["beltUnknown", "beltFull", "unexpectedInGreen", "readerOutOfStep"];
    const elsewhere = [
      "readsShifted",
      "journalLate",
      "journalClosed",
      "linkUnsteady",
      "imagesGivenUp",
      "controllerLeft",
      "diskLow",
      "diskFull",
      "imagesNotKept",
      "journalLogHeld",
      "storeNotWritten",
    ];
    const told = [...stories.map(({ code }) => code), ...centres, ...below, ...elsewhere];
    expect(told.toSorted()).toEqual([...conditionCodes].toSorted());
  });
});

it("a line whose light and camera are not heard works on as if it had none", () => {
  const dark = startedBench(9, withLight);
  expect(standingOf(dark)).toEqual(expect.arrayContaining(["annunciatorDown", "cameraDown"]));
  const plain = startedBench(9);
  for (const bench of [dark, plain]) {
    health("light-1", "down")(bench);
    health("camera-1", "down")(bench);
    induct(bench, bench.count() + 500);
    runOut(bench);
  }
  expect(dark.commands).toEqual(plain.commands);
  const withoutLight = (bench: Bench) =>
    bench.facts.filter(
      (fact) => fact.kind !== "condition" || !/^(?:annunciator|camera)Down$/.test(fact.code),
    );
  expect(withoutLight(dark)).toEqual(withoutLight(plain));
  expect(dark.state.machine).toEqual(plain.state.machine);
});

describe("what is on the belt", () => {
  it("is unknown from a sorter's session until it has run out", () => {
    const bench = createLineBench();
    bench.start();
    expect(standingOf(bench)).toEqual(["beltUnknown"]);
    runFor(34_000)(bench);
    expect(standingOf(bench)).toEqual(["beltUnknown"]);
    runFor(400)(bench);
    expect(standingOf(bench)).toEqual([]);
  });

  it("a second session while it is still unknown is another unknown belt", () => {
    const bench = createLineBench();
    bench.start();
    runFor(10_000)(bench);
    bench.newSession();
    const told = bench.factsOf("condition").filter(({ code }) => code === "beltUnknown");
    expect(told.map(({ holds }) => holds)).toEqual([true, false, true]);
    expect(new Set(told.map(({ key }) => key)).size).toBe(2);
  });

  it("an idle line asks to be told when it has run out", () => {
    const bench = createLineBench();
    bench.start();
    expect(nextReportCount(bench.state, bench.config)).toBeLessThan(bench.count() + 36_000);
    runOut(bench);
    expect(nextReportCount(bench.state, bench.config)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is more than can be followed until some have left", () => {
    const config = { ...createLineBench().config };
    const tracking = { ...config.tracking, passesOnBeltMax: 2 };
    const bench = createLineBench({ config: { ...config, tracking } });
    bench.start();
    induct(bench, 1_000);
    expect(standingOf(bench)).not.toContain("beltFull");
    induct(bench, 3_000);
    expect(standingOf(bench)).toContain("beltFull");
    runOut(bench);
    expect(standingOf(bench)).not.toContain("beltFull");
  });
});

describe("what is in green without a decision", () => {
  it("stands one by one until the key at the line was turned, and names its pass", () => {
    const bench = wellBench();
    const front = bench.count() + 1_000;
    const ride = startRide(bench, { front, without: ["read", "claim", "end"] });
    ride.to(31_300);
    bench.eye("green-chute", true);
    bench.eye("green-chute", false);
    bench.moveTo(bench.count() + 5_000);
    bench.eye("green-chute", true);
    bench.eye("green-chute", false);
    const uninvited = alarmFactsOf(bench).filter(({ code }) => code === "unexpectedInGreen");
    expect(uninvited.map(({ passId }) => passId)).toEqual([ride.passId(), null]);
    bench.stand(60_000);
    expect(standingOf(bench).filter((code) => code === "unexpectedInGreen")).toHaveLength(2);
    bench.reset();
    expect(standingOf(bench)).not.toContain("unexpectedInGreen");
  });

  it("is told as one more beyond the first 32", () => {
    const bench = wellBench();
    for (let body = 0; body < 40; body += 1) {
      bench.moveTo(bench.count() + 1_000);
      bench.eye("green-chute", true);
      bench.eye("green-chute", false);
    }
    expect(standingOf(bench).filter((code) => code === "unexpectedInGreen")).toHaveLength(33);
  });
});

it("a reader that nothing binds owes a test from its first missing answer until it has passed it", () => {
  const bench = createLineBench({ config: configWith({ kind: "none" }) });
  bench.start();
  runOut(bench);
  induct(bench, bench.count() + 500);
  runFor(3_000)(bench);
  expect(standingOf(bench)).toEqual(["readerOutOfStep"]);
  bench.stand(1_000);
  const asked = bench.commands.findLast((command) => command.kind === "testRead");
  bench.readWith({ test: asked!.test });
  expect(standingOf(bench)).toEqual(["beltStands"]);
});

describe("a session begins", () => {
  it("and everything that holds is told, known or told before or not", () => {
    const bench = createLineBench();
    const opened = {
      kind: "opened",
      configHash: "0".repeat(64),
      logicVersion: "t",
      firstToken: 0,
    } as const;
    bench.tell({ ...opened, epoch: "e1" });
    const first = standingOf(bench);
    expect(first).toEqual(["sorterDown", "deviceDown", "deviceDown", "xrayDown"]);
    const again = bench.tell({ ...opened, epoch: "e2" }).facts;
    expect(again.flatMap((fact) => (fact.kind === "condition" ? [fact.code] : []))).toEqual(first);
  });

  it("one that is gone names no pass: the pass may long be forgotten", () => {
    const bench = wellBench();
    induct(bench, bench.count() + 500);
    bench.eye("induction", true);
    runFor(6_000)(bench);
    bench.eye("induction", false);
    const jams = bench.factsOf("condition").filter(({ code }) => code === "jam");
    expect(jams.map(({ holds, passId }) => [holds, passId === null])).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});
