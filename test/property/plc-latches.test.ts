/**
 * Goal: what a controller latches is told once each, with the count of its moment, and the belt is
 * never told ahead of it, in whatever order a server reads and however the controller's cycle and the
 * requests fall together. Method: a controller that latches, counts and shows in that order, read by
 * requests whose variables each show another moment.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlcMachine } from "../../edge/devices/sorter/plc-map/machine.ts";
import type { VariableValue } from "../../edge/devices/variables.ts";
import { modulo } from "../../protocols/modulo.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { plcLatchMap } from "../kit/plc-map.ts";

const eyes = ["e0", "e1"] as const;
/** The reset key has one way; it stands behind the eyes, and its count is where theirs is of `blocked`. */
const resetKey = eyes.length;
const things = [0, 1, resetKey] as const;

interface Edge {
  readonly eye: number;
  readonly isBlocked: boolean;
  readonly count: number;
}

interface EyeMoment {
  readonly edges: number;
  readonly blockedAt: number;
  readonly clearedAt: number;
  readonly isBlocked: boolean;
}

interface Moment {
  readonly count: number;
  readonly life: number;
  readonly eyes: readonly EyeMoment[];
  /** All that has happened. */
  readonly happened: readonly Edge[];
}

/** Each cycle the belt runs on, and perhaps an eye changes. */
interface Cycle {
  readonly runs: number;
  readonly eye: number | null;
  readonly back: number;
}
/** Of so many cycles in which nothing changes there is one in which something does. */
const cycles = (quiet: number): fc.Arbitrary<Cycle[]> =>
  fc.array(
    fc.record({
      runs: fc.nat(20),
      eye: fc.oneof(
        { weight: quiet, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constantFrom(...things) },
      ),
      back: fc.nat(20),
    }),
    { minLength: 40, maxLength: 200 },
  );

/** The count is latched, then how it stands, then the number, then the belt's count is shown. */
function historyOf(all: readonly Cycle[], firstCount: number, firstEdges: number): Moment[] {
  const moments: Moment[] = [];
  let count = firstCount;
  let life = 0;
  let happened: readonly Edge[] = [];
  let shown: EyeMoment[] = things.map(() => ({
    edges: firstEdges,
    blockedAt: 0,
    clearedAt: 0,
    isBlocked: false,
  }));
  const note = () => moments.push({ count, life, eyes: shown, happened });
  const change = (eye: number, next: Partial<EyeMoment>) => {
    shown = shown.map((each, index) => (index === eye ? { ...each, ...next } : each));
    note();
  };
  for (const { runs, eye, back } of all) {
    life += 1;
    note();
    const next = count + runs;
    const before = eye === null ? undefined : shown[eye];
    if (eye !== null && before !== undefined) {
      const at = Math.max(count + Math.min(1, runs), next - back);
      const isBlocked = eye === resetKey || !before.isBlocked;
      happened = [...happened, { eye, isBlocked, count: at }];
      change(eye, isBlocked ? { blockedAt: at } : { clearedAt: at });
      change(eye, { isBlocked });
      // Something else has its turn in between.
      note();
      note();
      change(eye, { edges: before.edges + 1 });
    }
    count = next;
    note();
  }
  return moments;
}

/** One request: which of its moments each variable shows, and how much passes before the next. */
interface Request {
  readonly samples: readonly number[];
  readonly gap: number;
}
/** Longer than a cycle of the controller. */
const span = 6;
const request: fc.Arbitrary<Request> = fc.record({
  samples: fc.array(fc.nat(span - 1), { minLength: 12, maxLength: 12 }),
  gap: fc.oneof(fc.constant(0), fc.nat(8)),
});

function run(history: readonly Moment[], requests: readonly Request[], bits: 16 | 32) {
  const map = plcLatchMap(eyes);
  const machine = new PlcMachine({
    map: { ...map, count: { ...map.count, bits } },
    countsPerMsMax: 10,
    nextWord: () => 1,
  });
  const told: SorterEvent[] = [];
  let missed = 0;
  let nextSeq = 0;
  /** Of each report of the belt: how many edges were told or given up by then. */
  const reports: { readonly count: number; readonly done: number }[] = [];
  let done = 0;
  const out = {
    tell(heard: SorterEvent | { readonly kind: "discarded" } | { readonly kind: "machineSays" }) {
      if (heard.kind === "discarded") throw new Error("something could not be read");
      if (heard.kind === "machineSays") throw new Error("no machine says anything here");
      missed += heard.seq - nextSeq;
      done += heard.seq - nextSeq;
      nextSeq = heard.seq + 1;
      if (heard.kind === "eye" || heard.kind === "localReset") done += 1;
      if (heard.kind === "belt") reports.push({ count: heard.count, done });
      told.push(heard);
    },
    answer: () => {},
  };
  const tail = history.at(-1)!;
  const quiet = Array.from({ length: 12 * span }, (_, index) => ({
    ...tail,
    life: tail.life + index + 1,
  }));
  const whole = [...history, ...quiet];
  let at = 0;
  let sessionAt: Moment | null = null;
  for (let start = 0, turn = 0; start + span <= whole.length; turn += 1) {
    const { samples, gap } = requests[turn % requests.length]!;
    const moment = (sample: number): Moment => whole[start + samples[sample]!]!;
    // Until there is a session everything is read at once, so that one can say where it begins.
    const shown = (sample: number): Moment => (sessionAt === null ? whole[start]! : moment(sample));
    const wrapped = (count: number): number => modulo(count, 2 ** bits);
    const values: Record<string, VariableValue> = {
      count: wrapped(shown(0).count),
      boot: 7,
      "life.fromPlc": shown(1).life,
      "belt.running": true,
      "belt.speed": 1_000,
      "belt.emergencyStop": false,
      "ack.seq": 0,
      "ack.code": 0,
      "latches.cancelled.times": 0,
      "latches.resets.times": modulo(shown(10).eyes[resetKey]!.edges, 65_536),
      "latches.resets.at": wrapped(shown(11).eyes[resetKey]!.blockedAt),
      "latches.lost.times": 0,
    };
    for (const exit of ["green", "red", "inspection"]) {
      for (const key of ["times", "seq", "at"]) values[`latches.fired.${exit}.${key}`] = 0;
    }
    eyes.forEach((id, eye) => {
      const of = (sample: number): EyeMoment => shown(2 + 4 * eye + sample).eyes[eye]!;
      values[`latches.eyes.${id}.edges`] = modulo(of(0).edges, 65_536);
      values[`latches.eyes.${id}.blockedAt`] = wrapped(of(1).blockedAt);
      values[`latches.eyes.${id}.clearedAt`] = wrapped(of(2).clearedAt);
      values[`latches.eyes.${id}.isBlocked`] = of(3).isBlocked;
    });
    const before = told.length;
    machine.read(
      {
        kind: "readings",
        askedAt: monotonicMs(at),
        serverStart: null,
        values: new Map(Object.entries(values)),
      },
      monotonicMs(at + 1),
      out,
    );
    if (sessionAt === null && told.length > before) sessionAt = whole[start]!;
    at += 20;
    start += span + gap;
  }
  const from = sessionAt ?? tail;
  const first = told.find((event) => event.kind === "session");
  const offset = from.count - (first?.kind === "session" ? first.count : 0);
  return {
    missed,
    reports: reports.map(({ count, done: by }) => ({ count: count + offset, done: by })),
    happened: tail.happened.slice(
      from.eyes.reduce((sum, { edges }) => sum + edges, 0) -
        things.length * history[0]!.eyes[0]!.edges,
    ),
    told: told.flatMap((event) =>
      event.kind === "localReset"
        ? [{ eye: resetKey, isBlocked: true, count: event.count + offset }]
        : event.kind === "eye"
          ? [
              {
                eye: eyes.findIndex((id) => id === event.eyeId),
                isBlocked: event.isBlocked,
                count: event.count + offset,
              },
            ]
          : [],
    ),
  };
}

const requests = fc.array(request, { minLength: 5, maxLength: 20 });
const from = fc.record({
  count: fc.constantFrom(0, 5, 65_500, 2 ** 32 - 50),
  edges: fc.constantFrom(0, 65_530),
});
const bits = fc.constantFrom(16 as const, 32 as const);
const ofEye = (edges: readonly Edge[], eye: number) => edges.filter((edge) => edge.eye === eye);

describe("a controller's latches, read at any moment", () => {
  test("rule 5: what is told is what happened, in order, with its count; the rest is missed", () => {
    let seen = 0;
    let lost = 0;
    fc.assert(
      fc.property(
        fc.oneof(cycles(1), cycles(4)),
        requests,
        from,
        bits,
        (all, cuts, start, width) => {
          const outcome = run(historyOf(all, start.count, start.edges), cuts, width);
          expect(outcome.told.length + outcome.missed).toBe(outcome.happened.length);
          for (const eye of things) {
            const happened = ofEye(outcome.happened, eye);
            let place = 0;
            for (const edge of ofEye(outcome.told, eye)) {
              while (place < happened.length && !isSame(happened[place]!, edge)) place += 1;
              expect(happened[place]).toEqual(edge);
              place += 1;
            }
          }
          seen += outcome.told.length;
          lost += outcome.missed;
        },
      ),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(500);
    expect(lost).toBeGreaterThan(500);
  });

  test("rule 5: where eyes change seldom enough nothing is missed", () => {
    const seldom = fc
      .array(fc.record({ eye: fc.constantFrom(...things), back: fc.nat(20), runs: fc.nat(20) }), {
        maxLength: 20,
      })
      .map((list) =>
        list.flatMap((cycle) => [
          cycle,
          ...Array.from({ length: 60 }, () => ({ runs: 3, eye: null, back: 0 })),
        ]),
      );
    fc.assert(
      fc.property(seldom, requests, from, bits, (all, cuts, start, width) => {
        const still = Array.from({ length: 40 }, () => ({ runs: 1, eye: null, back: 0 }));
        const outcome = run(historyOf([...still, ...all], start.count, start.edges), cuts, width);
        expect(outcome.missed).toBe(0);
        for (const eye of things) {
          expect(ofEye(outcome.told, eye)).toEqual(ofEye(outcome.happened, eye));
        }
      }),
      { numRuns: 100 },
    );
  });

  test("law 6, rule 6: no report of the belt is ahead of an edge that is still to be told", () => {
    fc.assert(
      fc.property(cycles(3), requests, from, bits, (all, cuts, start, width) => {
        const outcome = run(historyOf(all, start.count, start.edges), cuts, width);
        for (const { count, done } of outcome.reports.slice(1)) {
          const passed = outcome.happened.filter((edge) => edge.count < count).length;
          expect(done).toBeGreaterThanOrEqual(passed);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const isSame = (one: Edge, other: Edge): boolean =>
  one.eye === other.eye && one.isBlocked === other.isBlocked && one.count === other.count;
