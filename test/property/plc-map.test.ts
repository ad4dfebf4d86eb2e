/**
 * Goal: whatever a controller's variables are read at, in whatever order within a request, no event
 * of its ring is lost, doubled or told with another count, what was overwritten is told as missing,
 * and no report of the belt is ahead of an edge that is still to come (rules 4 to 6 of a map).
 * Method: random histories of a controller, step by step, from which each variable of each request
 * is sampled at a moment of its own.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlcMachine } from "../../edge/devices/sorter/plc-map/machine.ts";
import type { PlcMeaning } from "../../edge/devices/sorter/plc-map/meaning.ts";
import type { VariableReadings, VariableValue } from "../../edge/devices/variables.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { ringSealOf } from "../../protocols/sorter/ring-seal.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { plcMap } from "../kit/plc-map.ts";

interface Widths {
  readonly countBits: 16 | 24 | 32 | 64;
  readonly isSigned: boolean;
  readonly writtenBits: 16 | 32;
  readonly size: number;
  readonly isSealed: boolean;
}

const widths = fc.record({
  countBits: fc.constantFrom(16 as const, 24 as const, 32 as const, 64 as const),
  isSigned: fc.boolean(),
  writtenBits: fc.constantFrom(16 as const, 32 as const),
  size: fc.constantFrom(8, 16, 64),
  isSealed: fc.boolean(),
});

const mapOf = ({ countBits, isSigned, writtenBits, size, isSealed }: Widths): PlcMeaning => {
  const map = plcMap(["e0", "e1"]);
  return {
    ...map,
    count: { ...map.count, bits: countBits, isSigned: countBits !== 64 && isSigned },
    events: {
      ...map.events,
      written: { ...map.events.written, bits: writtenBits },
      size,
      ...(isSealed ? { seal: {} } : {}),
    },
  };
};

/** What a variable of so many bits shows of a number. */
function shownAt(number: number, bits: number, isSigned: boolean): number {
  if (bits === 64) return number;
  const turn = 2 ** bits;
  const within = ((number % turn) + turn) % turn;
  return isSigned && within >= turn / 2 ? within - turn : within;
}

interface Edge {
  readonly eye: number;
  readonly isBlocked: boolean;
  readonly count: number;
}

/** One moment of the controller. Numbers are whole here; only what is read of them wraps. */
interface Moment {
  readonly count: number;
  readonly written: number;
  readonly edges: readonly Edge[];
  readonly life: number;
}

interface Cycle {
  readonly runs: number;
  readonly edge: {
    readonly eye: number;
    readonly isBlocked: boolean;
    readonly back: number;
  } | null;
}

/**
 * Each cycle: the belt runs on, an edge on the way is entered with its count, then the index grows,
 * then the count is shown.
 */
const cycles: fc.Arbitrary<Cycle[]> = fc.array(
  fc.record({
    runs: fc.nat(20),
    edge: fc.option(fc.record({ eye: fc.nat(1), isBlocked: fc.boolean(), back: fc.nat(20) }), {
      freq: 2,
    }),
  }),
  { minLength: 20, maxLength: 200 },
);

function historyOf(all: readonly Cycle[], from: { count: number; written: number }): Moment[] {
  const moments: Moment[] = [];
  let { count, written } = from;
  let edges: readonly Edge[] = [];
  let life = 0;
  const note = () => moments.push({ count, written, edges, life });
  for (const { runs, edge } of all) {
    life += 1;
    note();
    const next = count + runs;
    if (edge !== null) {
      // Latched on this stretch of the belt, never on one that was shown before.
      const at = Math.max(count + Math.min(1, runs), next - edge.back);
      edges = [...edges, { eye: edge.eye, isBlocked: edge.isBlocked, count: at }];
      note();
      written += 1;
      note();
    }
    count = next;
    note();
  }
  return moments;
}

/** How much passes before a request, and at which of the moments of it each variable is read. */
interface Cut {
  readonly gap: number;
  readonly samples: readonly number[];
}
/** Of one request: no longer than it takes to write one event, an eighth of the least ring. */
const span = 4;
const cut = (gapMax: number): fc.Arbitrary<Cut> =>
  fc.record({
    gap: fc.nat(gapMax),
    samples: fc.array(fc.nat(span - 1), { minLength: 7, maxLength: 7 }),
  });

const from = fc.record({
  count: fc.constantFrom(0, 5, 30_000, 32_700, 65_500, 2 ** 24 - 50, 2 ** 31 - 50, 2 ** 32 - 50),
  written: fc.constantFrom(0, 3, 65_530, 2 ** 32 - 5),
});

interface Run {
  readonly told: readonly SorterEvent[];
  /** Edges of the session, in order. */
  readonly edges: readonly Edge[];
  /** How many edges of the session were told or given up when each report of the belt came. */
  readonly reports: readonly { readonly count: number; readonly edgesDone: number }[];
  readonly offset: number;
}

const pollMs = 40;

function run(
  given: Widths,
  history: readonly Moment[],
  firstWritten: number,
  cuts: readonly Cut[],
): Run {
  const map = mapOf(given);
  const machine = new PlcMachine({ map, countsPerMsMax: 10, nextWord: () => 1 });
  const told: SorterEvent[] = [];
  const reports: { count: number; edgesDone: number }[] = [];
  let sessionFrom: { readonly written: number; readonly count: number } | null = null;
  let done = 0;
  let nextSeq = 0;
  const out = {
    tell(heard: SorterEvent | { readonly kind: "discarded" } | { readonly kind: "machineSays" }) {
      if (heard.kind === "discarded") throw new Error("something could not be read");
      if (heard.kind === "machineSays") throw new Error("no machine says anything here");
      done += heard.seq - nextSeq;
      nextSeq = heard.seq + 1;
      if (heard.kind === "eye") done += 1;
      if (heard.kind === "belt") reports.push({ count: heard.count, edgesDone: done });
      told.push(heard);
    },
    answer: () => {},
  };
  let start = 0;
  let at = 0;
  const { isSigned } = map.count;
  const tail = history.at(-1)!;
  // Then nothing happens for long enough that all has been told.
  const quiet = Array.from({ length: 4 * span }, (_, index) => ({
    ...tail,
    life: tail.life + index + 1,
  }));
  const whole = [...history, ...quiet];
  for (let index = 0; start + span <= whole.length; index += 1) {
    const { gap, samples } = cuts[index % cuts.length]!;
    const moment = (sample: number): Moment => whole[start + samples[sample]!]!;
    const list = (sample: number, of: (edge: Edge, number: number) => number): number[] => {
      const { edges } = moment(sample);
      const shown = Array.from({ length: given.size }, () => 0);
      edges.forEach((edge, place) => {
        const number = shownAt(firstWritten + place, given.writtenBits, false);
        shown[number % given.size] = of(edge, number);
      });
      return shown;
    };
    const kindOf = ({ isBlocked }: Edge): number => (isBlocked ? 1 : 2);
    const countOf = (edge: Edge): number => shownAt(edge.count, given.countBits, isSigned);
    const count = moment(0).count;
    const written = moment(1).written;
    const values: Record<string, VariableValue> = {
      count: shownAt(count, given.countBits, isSigned),
      boot: 7,
      "life.fromPlc": moment(2).life,
      "belt.running": true,
      "belt.speed": 1_000,
      "belt.emergencyStop": false,
      "events.written": shownAt(written, given.writtenBits, false),
      "events.kind": list(3, kindOf),
      "events.what": list(4, ({ eye }) => eye),
      "events.count": list(5, countOf),
      "events.seal": list(6, (edge, number) =>
        ringSealOf({ number, kind: kindOf(edge), what: edge.eye, track: 0, count: countOf(edge) }),
      ),
      "ack.seq": 0,
      "ack.code": 0,
    };
    const readings: VariableReadings = {
      kind: "readings",
      askedAt: monotonicMs(at),
      serverStart: null,
      values: new Map(Object.entries(values)),
    };
    const before = told.length;
    machine.read(readings, monotonicMs(at + 1), out);
    if (sessionFrom === null && told.length > before) sessionFrom = { written, count };
    at += pollMs;
    const next = start + span + gap;
    start = start < history.length ? Math.min(history.length, next) : start + span;
  }
  const first = (sessionFrom?.written ?? firstWritten) - firstWritten;
  const shownFirst = told.find(({ kind }) => kind === "session");
  return {
    told,
    edges: tail.edges.slice(first),
    reports,
    offset:
      (sessionFrom?.count ?? 0) -
      (shownFirst !== undefined && "count" in shownFirst ? shownFirst.count : 0),
  };
}

const eyesOf = ({ told, offset }: Run) =>
  told.flatMap((event) =>
    event.kind === "eye"
      ? [
          {
            eye: Number(event.eyeId.slice(1)),
            isBlocked: event.isBlocked,
            count: event.count + offset,
          },
        ]
      : [],
  );

describe("a controller's variables, read at any moment", () => {
  test("rules 4 and 5: each event of the ring is told once, in order, with its count", () => {
    fc.assert(
      fc.property(
        widths,
        cycles,
        from,
        fc.array(cut(6), { minLength: 5, maxLength: 20 }),
        (given, all, start, cuts) => {
          const outcome = run(given, historyOf(all, start), start.written, cuts);
          // From one request to the next but one, fewer events happen than the ring keeps.
          expect(eyesOf(outcome)).toEqual(outcome.edges);
          expect(outcome.told.map(({ seq }) => seq)).toEqual(outcome.told.map((_, index) => index));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("rules 4 and 5: what was overwritten is told as missing, and nothing else is", () => {
    fc.assert(
      fc.property(
        widths,
        cycles,
        from,
        fc.array(cut(120), { minLength: 5, maxLength: 20 }),
        (given, all, start, cuts) => {
          const outcome = run(given, historyOf(all, start), start.written, cuts);
          const told = eyesOf(outcome);
          const missed = (outcome.told.at(-1)?.seq ?? -1) + 1 - outcome.told.length;
          expect(told.length + missed).toBe(outcome.edges.length);
          // What is told is what happened, in that order.
          let place = 0;
          for (const eye of told) {
            while (place < outcome.edges.length && !same(outcome.edges[place]!, eye)) place += 1;
            expect(place).toBeLessThan(outcome.edges.length);
            place += 1;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("law 6, rule 6: no report of the belt is ahead of an edge that is still to be told", () => {
    fc.assert(
      fc.property(
        widths,
        cycles,
        from,
        fc.array(cut(40), { minLength: 5, maxLength: 20 }),
        (given, all, start, cuts) => {
          const outcome = run(given, historyOf(all, start), start.written, cuts);
          // The first one says where the session begins.
          for (const { count, edgesDone } of outcome.reports.slice(1)) {
            const passed = outcome.edges.filter(
              (edge) => edge.count < count + outcome.offset,
            ).length;
            expect(edgesDone).toBeGreaterThanOrEqual(passed);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

const same = (one: Edge, other: Edge): boolean =>
  one.eye === other.eye && one.isBlocked === other.isBlocked && one.count === other.count;
