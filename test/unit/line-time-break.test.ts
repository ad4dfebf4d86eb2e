import { describe, expect, it } from "vitest";
import { emptyClearanceMirror } from "../../edge/line/clearance-mirror.ts";
import { stepClearance } from "../../edge/line/clearance-step.ts";
import { digestOfClaims, noHeldClaims } from "../../edge/line/held-claims.ts";
import { initialLineState } from "../../edge/line/state.ts";
import { step } from "../../edge/line/step.ts";
import {
  benchConfig,
  commitMm,
  createLineBench,
  reasonsOf,
  recordOf,
  replay,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: where time broke, nothing on the belt is released on what was known before (law 7). Method:
 * rides over the bench's line, with a break told by the shell or borne by the stamps of its events.
 */
const hourMs = 3_600_000;

/** The exits of one healthy ride, told again with a calendar that steps once its front is there. */
function exitsWithStep(stepMs: number, fromCount: number): string[] {
  const bench = createLineBench({ leaseMs: 60_000 });
  bench.start(recordOf(waybillNo(1)));
  runRides(bench, [startRide(bench, { number: 1, front: 1_000 })], 40_000);
  const state = initialLineState(emptyClearanceMirror());
  const exits: string[] = [];
  for (const told of bench.told) {
    const event = JSON.parse(told.event);
    if (event.count === undefined || event.count > fromCount) event.wallAt += stepMs;
    if (told.kind === "clearance") {
      stepClearance(state.mirror, event);
      continue;
    }
    for (const fact of step(state, event, benchConfig).facts) {
      if (fact.kind === "decided") exits.push(fact.exit);
    }
  }
  return exits;
}

describe("case suspend-keeps-evidence-fresh", () => {
  it.each([
    [0, ["green"]],
    [1_999, ["green"]],
    [2_000, ["inspection"]],
    [8 * hourMs, ["inspection"]],
    [-8 * hourMs, ["inspection"]],
  ])(
    "case suspend-keeps-evidence-fresh: a calendar that steps %i ms while the monotonic clock stands",
    (stepMs, exits) => {
      expect(exitsWithStep(stepMs, 30_000)).toEqual(exits);
    },
  );

  it("case suspend-keeps-evidence-fresh: what is committed already is taken back", () => {
    const bench = createLineBench();
    const ride = rideTo(bench, commitMm.green + 10);
    expect(bench.factsOf("commanded").map(({ exit }) => exit)).toEqual(["green"]);
    bench.tell({ kind: "timeBreak", why: "slept", byMs: 8 * hourMs });
    expect(bench.commands.at(-1)).toMatchObject({ kind: "abort" });
    expect(bench.factsOf("aborted")).toMatchObject([{ passId: ride.passId() }]);
  });
});

/** A parcel that has everything it needs, with its front at `mm`. */
function rideTo(bench: Bench, mm: number) {
  bench.start(recordOf(waybillNo(1)), recordOf(waybillNo(2)));
  const ride = startRide(bench, { number: 1, front: 1_000 });
  runRides(bench, [ride], 1_000 + mm);
  return ride;
}

const told = (bench: Bench) =>
  bench.factsOf("condition").filter(({ code }) => code === "timeBreak");

describe("a break that the shell has found", () => {
  it.each(["slept", "calendar"] as const)("%s puts all that is on the belt in doubt", (why) => {
    const bench = createLineBench();
    const ride = rideTo(bench, 20_000);
    bench.tell({ kind: "timeBreak", why, byMs: 8 * hourMs });
    expect(reasonsOf(bench, ride.passId())).toContain("timeBreak");
    runRides(bench, [ride], 34_000);
    expect(bench.factsOf("decided").map(({ exit }) => exit)).toEqual(["inspection"]);
  });

  it("is told for as long as a parcel of then may be on the belt", () => {
    const bench = createLineBench();
    const ride = rideTo(bench, 20_000);
    bench.tell({ kind: "timeBreak", why: "slept", byMs: 8 * hourMs });
    expect(told(bench)).toMatchObject([{ holds: true, params: { why: "slept" } }]);
    runRides(bench, [ride], bench.count() + 34_000);
    expect(told(bench)).toHaveLength(1);
    bench.runTo(bench.count() + 1_000);
    expect(told(bench).at(-1)).toMatchObject({ holds: false });
  });

  it("stalled concerns those whose reads and weights were still to come, and nobody else", () => {
    const { layout } = benchConfig;
    const scanner = { ...layout.scanner, binding: { kind: "none" } as const };
    const byTurn = { ...benchConfig, layout: { ...layout, scanner } };
    for (const [mm, byMs, config, isInDoubt] of [
      [2_000, 1_001, benchConfig, true],
      [20_000, 1_001, benchConfig, false],
      // Tokens name their parcels, and the count was reckoned on.
      [1_600, 1_000, benchConfig, false],
      [1_600, 200, byTurn, true],
      [20_000, 200, byTurn, false],
    ] as const) {
      const bench = createLineBench({ config });
      const ride = rideTo(bench, mm);
      bench.tell({ kind: "timeBreak", why: "stalled", byMs });
      const isDoubted = reasonsOf(bench, ride.passId()).includes("timeBreak");
      expect(isDoubted, `${mm} ${byMs}`).toBe(isInDoubt);
      expect(told(bench).length > 0, `${mm} ${byMs}`).toBe(byMs > 1_000 || config === byTurn);
    }
  });

  it("whoever comes after it goes green", () => {
    const bench = createLineBench();
    bench.start(recordOf(waybillNo(2)));
    bench.tell({ kind: "timeBreak", why: "calendar", byMs: -8 * hourMs });
    runRides(bench, [startRide(bench, { number: 2, front: bench.count() + 1_000 })], 40_000);
    expect(bench.factsOf("decided").map(({ exit }) => exit)).toEqual(["green"]);
  });

  it("readers that are bound by turn or by a counter owe a test, those by a token do not", () => {
    const counter = { kind: "counter", bits: 16 } as const;
    for (const [binding, why, isOwed] of [
      [benchConfig.layout.scanner.binding, "slept", false],
      [counter, "slept", true],
      [counter, "stalled", false],
      [{ kind: "none" } as const, "stalled", true],
    ] as const) {
      const { layout } = benchConfig;
      const scanner = { ...layout.scanner, binding };
      const bench = createLineBench({
        config: { ...benchConfig, layout: { ...layout, scanner } },
      });
      bench.start();
      bench.state.reader.isInStep = true;
      bench.tell({ kind: "timeBreak", why, byMs: 60_000 });
      expect(bench.state.reader.isInStep, `${binding.kind} ${why}`).toBe(!isOwed);
    }
  });
});

describe("the lease", () => {
  const heartbeat = (seq: number, heardAt: number) =>
    ({
      kind: "heartbeat",
      stream: "c",
      seq,
      leaseMs: 60_000,
      heardAt,
      ...digestOfClaims(noHeldClaims()),
    }) as const;

  it("ends with a break, and what waited in a socket does not renew it", () => {
    const mirror = emptyClearanceMirror();
    const at = (value: number) => ({ at: value, wallAt: 1_800_000_000_000 + value });
    const take = (value: number, message: object) =>
      stepClearance(mirror, { kind: "clearance", ...at(value), message } as never);
    take(1_000, { kind: "snapshotBegin", stream: "c", seq: 0, claimsTotal: 0 });
    take(1_000, { kind: "snapshotEnd", stream: "c", seq: 1, leaseMs: 60_000, heardAt: 900 });
    expect(mirror.leaseEndsAt).toBe(60_900);
    stepClearance(mirror, {
      kind: "timeBreak",
      ...at(1_500),
      why: "slept",
      byMs: 8 * hourMs,
    } as never);
    expect(mirror.leaseEndsAt).toBe(Number.NEGATIVE_INFINITY);
    take(1_501, heartbeat(2, 1_400));
    expect(mirror.leaseEndsAt).toBe(Number.NEGATIVE_INFINITY);
    take(1_600, heartbeat(3, 1_550));
    expect(mirror.leaseEndsAt).toBe(61_550);
  });
});

it("replay derives the same from a journal with breaks in it (law 11)", () => {
  const bench = createLineBench();
  const ride = rideTo(bench, 10_000);
  bench.tell({ kind: "timeBreak", why: "slept", byMs: hourMs });
  runRides(bench, [ride], 40_000);
  expect(bench.told.length).toBeGreaterThan(20);
  expect(replay(bench.told, bench.config)).toEqual([]);
});
