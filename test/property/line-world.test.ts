import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Reason } from "../../protocols/reasons.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  alarmsOf,
  createLineBench,
  loseMessages,
  recordOf,
  replay,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { wires } from "../kit/line-devices.ts";
import { LineWorld, type Body, type Mishap } from "../kit/line-world.ts";
import { Witness } from "../kit/line-witness.ts";

/**
 * Goal: whatever goes wrong with bodies, wires, encoder and documents, no parcel is in green that
 * its own label, documents and picture do not allow, but with an alarm. Method: random parcels and
 * mishaps in a small world that knows the truth, and a witness of every step that knows the laws.
 */
interface Plan {
  readonly bodies: readonly Body[];
  readonly reasons: readonly (readonly Reason[])[];
  readonly bad: ReadonlySet<number>;
  readonly mishaps: readonly Mishap[];
}

const bodiesMax = 12;

const arbBodies = fc
  .record({
    regular: fc.option(fc.constantFrom(400, 500, 700, 1_100)),
    rows: fc.array(
      fc.record({
        lengthMm: fc.constantFrom(180, 200, 220, 300, 500),
        gapMm: fc.integer({ min: 310, max: 1_500 }),
        label: fc.nat(19),
        weightG: fc.constantFrom(1_000, 1_000, 1_000, 1_010, 1_400),
      }),
      { minLength: 2, maxLength: bodiesMax },
    ),
  })
  .map(({ regular, rows }) =>
    rows.map(({ lengthMm, gapMm, label, weightG }, index): Body => {
      const own = waybillNo(index);
      const labels = label === 0 ? [] : label === 1 ? [own, "W777777"] : [own];
      const others = label === 2 && index > 0 ? [waybillNo(index - 1)] : labels;
      return {
        name: `b${index}`,
        lengthMm: regular === null ? lengthMm : 200,
        gapMm: regular ?? gapMm,
        labels: others,
        weightG,
        picture: index + 1,
      };
    }),
  );

const nth = fc.nat(bodiesMax - 1);
const atX = fc.integer({ min: 500, max: 50_000 });
const act = (act: (bench: Bench) => void): fc.Arbitrary<Mishap> =>
  atX.map((atX) => ({ kind: "act", atX, act }));

const arbMishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("lost" as const, "twice" as const),
    wire: fc.constantFrom(...wires),
    nth: fc.nat(30),
  }),
  fc.record({
    kind: fc.constant("late" as const),
    wire: fc.constantFrom(...wires),
    nth: fc.nat(30),
    byMs: fc.constantFrom(50, 120, 200, 500, 1_100, 3_000),
  }),
  fc.record({ kind: fc.constant("removed" as const), nth, atMm: fc.nat(33_000) }),
  fc.record({
    kind: fc.constant("slides" as const),
    nth,
    atMm: fc.nat(33_000),
    byMm: fc.integer({ min: -250, max: 250 }),
  }),
  fc.record({ kind: fc.constant("foreign" as const), atX, atMm: fc.nat(33_000) }),
  fc.record({
    kind: fc.constantFrom("slips" as const, "races" as const),
    atX,
    forMm: fc.oneof(fc.constantFrom(600, 700, 900, 1_300), fc.integer({ min: 1, max: 3_000 })),
  }),
  fc.record({
    kind: fc.constant("dead" as const),
    exit: fc.constantFrom("red" as const, "green" as const),
  }),
  fc
    .nat(bodiesMax - 1)
    .chain((index) =>
      act((bench) =>
        bench.change(
          recordOf(waybillNo(index), { version: 2, reasons: [{ code: "manualControl" }] }),
        ),
      ),
    ),
  fc
    .constantFrom("green" as const, "red" as const, "inspection" as const)
    .chain((exit) => act((bench) => void bench.chute(exit, "full"))),
  fc.constantFrom("sorter-1", "scanner-1", "xray-1").chain((deviceId) =>
    act((bench) => {
      bench.tell({ kind: "health", deviceId, state: "stale", reason: { code: "silent" } });
      bench.tell({ kind: "health", deviceId, state: "receiving", reason: null });
    }),
  ),
  act((bench) => loseMessages(bench, 2)),
  act((bench) => bench.newSession()),
  act((bench) => void bench.read("W777777")),
  act((bench) => bench.stand(5_000)),
  act((bench) => {
    const [pass] = bench.state.passes;
    if (pass?.imageHash != null) bench.officer(pass.passId, pass.imageHash, "open");
  }),
  act((bench) => {
    for (const emergencyStop of [true, false]) {
      bench.sorter({
        kind: "belt",
        count: beltCount(bench.count()),
        speedMmPerS: emergencyStop ? 0 : 1_000,
        isRunning: !emergencyStop,
        emergencyStop,
      });
    }
  }),
);

const arbPlan: fc.Arbitrary<Plan> = fc.record({
  bodies: arbBodies,
  reasons: fc.array(
    fc.constantFrom<readonly Reason[]>(
      [],
      [],
      [],
      [],
      [{ code: "licenceRequired" }],
      [{ code: "randomControl" }],
    ),
    { minLength: bodiesMax, maxLength: bodiesMax },
  ),
  bad: fc.uniqueArray(fc.nat(bodiesMax), { maxLength: 4 }).map((pictures) => new Set(pictures)),
  mishaps: fc.array(arbMishap, { maxLength: 4 }),
});

interface Outcome {
  readonly bench: Bench;
  readonly witness: Witness;
  readonly green: number;
  /** In green, though their own label, documents or picture forbid it. */
  readonly wrong: string[];
  readonly alarms: number;
}

function ride(plan: Plan): Outcome {
  const witness = new Witness();
  const bench = createLineBench({ afterStep: witness.afterStep });
  bench.start(
    ...plan.bodies.map((_, index) =>
      recordOf(waybillNo(index), { reasons: [...(plan.reasons[index] ?? [])] }),
    ),
  );
  // Behind whatever the slip of an encoder could take for a left-over of the time before.
  bench.runTo(5_000);
  const isClean = (picture: number): boolean => !plan.bad.has(picture);
  const { bodies, mishaps } = plan;
  const { ends } = new LineWorld({ bench, bodies, mishaps, isClean }).run(150_000);
  const green = [...ends].filter(([, end]) => end === "green").map(([name]) => name);
  const inGreen = bodies.filter(({ name }) => green.includes(name));
  const wrong = green.filter((name) => {
    const body = bodies.find((candidate) => candidate.name === name);
    // A foreign body has no label at all.
    if (body === undefined || body.labels.length !== 1 || !isClean(body.picture)) return true;
    const [label] = body.labels;
    const number = bodies.findIndex((_, index) => waybillNo(index) === label);
    const isTwice = inGreen.some((other) => other !== body && other.labels.includes(label!));
    return number === -1 || isTwice || (plan.reasons[number] ?? []).length > 0;
  });
  const alarms = alarmsOf(bench).filter((code) => code === "unexpectedInGreen").length;
  return { bench, witness, green: green.length, wrong, alarms };
}

describe("a line in a world that knows the truth", () => {
  it("without mishaps everything goes where it should", () => {
    fc.assert(
      fc.property(arbPlan, (plan) => {
        const { bench, witness, green, wrong } = ride({ ...plan, mishaps: [] });
        expect(witness.violations).toEqual([]);
        expect(wrong).toEqual([]);
        const bearersTotal = (label: string): number =>
          plan.bodies.filter(({ labels }) => labels.includes(label)).length;
        const due = plan.bodies.filter(({ labels: [label = "", ...more], picture, weightG }) => {
          const isItsOwn = more.length === 0 && bearersTotal(label) === 1;
          const isLetGo = (plan.reasons[Number(label.slice(1))] ?? []).length === 0;
          return isItsOwn && isLetGo && !plan.bad.has(picture) && weightG < 1_051;
        });
        expect(green).toBe(due.length);
        expect(bench.factsOf("lost")).toEqual([]);
      }),
      { numRuns: Number(process.env["RUNS0"] ?? 60) },
    );
  }, 60_000);

  it("law 1: no wrong parcel is in green without an alarm, whatever goes wrong", () => {
    let greens = 0;
    fc.assert(
      fc.property(arbPlan, (plan) => {
        const { bench, witness, wrong, alarms } = ride(plan);
        greens += witness.greens;
        expect(witness.violations).toEqual([]);
        expect(wrong.length).toBeLessThanOrEqual(alarms);
        // Conservation: each pass has ended, once.
        expect(witness.open()).toEqual([]);
        const ended = bench.factsOf("left").length + bench.factsOf("lost").length;
        expect(ended).toBe(witness.total());
        expect(bench.state.passes).toEqual([]);
        expect(bench.state.blocked.length).toBeLessThanOrEqual(7);
        expect(replay(bench.told, bench.config)).toEqual([]);
      }),
      { numRuns: Number(process.env["RUNS"] ?? 150) },
    );
    expect(greens).toBeGreaterThan(100);
  }, 60_000);
});
