import { describe, expect, it } from "vitest";
import { alarmsOf, createLineBench, recordOf, waybillNo, type Bench } from "../kit/line-bench.ts";
import { LineWorld, type Body, type Mishap, type WorldOptions } from "../kit/line-world.ts";
import { Witness } from "../kit/line-witness.ts";

/**
 * Goal: name each way in which a wrong parcel could come to be in green, and show where it ends
 * instead. Method: a train of parcels, every second of them forbidden, and one thing goes wrong;
 * the world knows which body is which, and a forbidden one in green must at least be an alarm.
 */
interface Train {
  readonly pitchMm?: number;
  readonly lengthMm?: number;
  readonly bodies?: number;
  /** Forbidden by their documents; the others are clean. */
  readonly isForbidden?: (index: number) => boolean;
  /** Whose picture shows something. */
  readonly isBad?: (index: number) => boolean;
  readonly xray?: WorldOptions["xray"];
}

interface Outcome {
  readonly bench: Bench;
  readonly forbidden: number;
  readonly green: number;
  readonly alarms: number;
  readonly isStopped: boolean;
}

const odd = (index: number): boolean => index % 2 === 1;

function ride(mishaps: readonly Mishap[], train: Train = {}): Outcome {
  const { pitchMm = 800, lengthMm = 300, bodies: total = 8, xray } = train;
  const isForbidden = train.isForbidden ?? odd;
  const isBad = train.isBad ?? (() => false);
  const witness = new Witness();
  const bench = createLineBench({ afterStep: witness.afterStep });
  const bodies = Array.from({ length: total }, (_, index): Body => {
    const gapMm = pitchMm - lengthMm;
    const labels = [waybillNo(index)];
    return { name: `b${index}`, lengthMm, gapMm, labels, weightG: 1_000, picture: index };
  });
  bench.start(
    ...bodies.map((_, index) =>
      recordOf(waybillNo(index), {
        reasons: isForbidden(index) ? [{ code: "randomControl" }] : [],
      }),
    ),
  );
  const isClean = (picture: number): boolean => !isBad(picture);
  const world = new LineWorld({ bench, bodies, mishaps, isClean, xray });
  const { ends } = world.run(120_000);
  const inGreen = [...ends].filter(([, end]) => end === "green").map(([name]) => name);
  const mayNot = (name: string): boolean => {
    const index = bodies.findIndex((body) => body.name === name);
    return index === -1 || isForbidden(index) || isBad(index);
  };
  expect(witness.violations).toEqual([]);
  return {
    bench,
    forbidden: inGreen.filter(mayNot).length,
    green: inGreen.length,
    alarms: alarmsOf(bench).filter((code) => code === "unexpectedInGreen").length,
    isStopped: bench.commands.some((command) => command.kind === "belt" && !command.run),
  };
}

describe("nothing goes wrong", () => {
  it("and every second parcel is released", () => {
    expect(ride([])).toMatchObject({ forbidden: 0, green: 4, alarms: 0, isStopped: false });
  });
});

describe("PF-18: the encoder moves every parcel by one place", () => {
  const places = Array.from({ length: 38 }, (_, index) => 500 + index * 1_000);

  it.each(["slips", "races"] as const)("it %s by exactly one pitch, anywhere", (kind) => {
    for (const atX of places) {
      const { forbidden, alarms } = ride([{ kind, atX, forMm: 800 }]);
      expect({ atX, unseen: Math.max(0, forbidden - alarms) }).toEqual({ atX, unseen: 0 });
    }
  });

  it("it slips by one pitch while the first parcels of a session are on their way", () => {
    // With these in the right place, the slip puts the first where a left-over would be.
    for (const atX of [8_160, 12_000, 20_000]) {
      const { forbidden } = ride([{ kind: "slips", atX, forMm: 600 }], {
        pitchMm: 600,
        lengthMm: 200,
      });
      expect(forbidden).toBe(0);
    }
  });

  it("it slips by two places at once", () => {
    for (const atX of places) {
      const { forbidden, alarms } = ride([{ kind: "slips", atX, forMm: 1_600 }]);
      expect(forbidden).toBeLessThanOrEqual(alarms);
    }
  });
});

describe("PF-19, PF-15: labels change places", () => {
  it.each([0, 1, 2, 3])("read %i never comes: every parcel behind has the wrong turn", (nth) => {
    expect(ride([{ kind: "lost", wire: "read", nth }]).forbidden).toBe(0);
  });

  it.each([0, 1, 2, 3])("read %i comes twice", (nth) => {
    expect(ride([{ kind: "twice", wire: "read", nth }]).forbidden).toBe(0);
  });

  it.each([100, 200, 300, 400, 500, 800, 1_600])("every read is %i ms late", (byMs) => {
    const late = Array.from({ length: 8 }, (_, nth): Mishap => ({
      kind: "late",
      wire: "read",
      nth,
      byMs,
    }));
    expect(ride(late, { pitchMm: 620 }).forbidden).toBe(0);
  });

  it("one read is lost and another comes from nowhere at the same time", () => {
    for (let atX = 1_000; atX < 5_000; atX += 100) {
      const ghost: Mishap = { kind: "act", atX, act: (bench) => bench.read(waybillNo(6)) };
      const { forbidden } = ride([{ kind: "lost", wire: "read", nth: 1 }, ghost]);
      expect({ atX, forbidden }).toEqual({ atX, forbidden: 0 });
    }
  });

  it.each([0, 2, 4])("claim answer %i is lost, late or doubled", (nth) => {
    for (const kind of ["lost", "twice"] as const) {
      expect(ride([{ kind, wire: "claim", nth }]).forbidden).toBe(0);
    }
    expect(ride([{ kind: "late", wire: "claim", nth, byMs: 32_000 }]).forbidden).toBe(0);
  });
});

describe("law 9: pictures change places", () => {
  const bad: Train = { isForbidden: () => false, isBad: odd };

  it("every second picture shows something, and all is well", () => {
    expect(ride([], bad)).toMatchObject({ forbidden: 0, green: 4 });
  });

  it.each(["item", "image", "algorithm", "officer"] as const)(
    "one %s is lost or doubled",
    (wire) => {
      for (const kind of ["lost", "twice"] as const) {
        for (let nth = 0; nth < 8; nth += 1)
          expect(ride([{ kind, wire, nth }], bad).forbidden).toBe(0);
      }
    },
  );

  it("a machine that loses count shows each parcel the picture of the next one", () => {
    // Somebody takes a parcel out of the tunnel between its entry and its beam.
    for (let nth = 0; nth < 7; nth += 1) {
      const taken: Mishap = { kind: "removed", nth, atMm: 5_700 };
      const { forbidden } = ride([taken], { ...bad, xray: "naive", pitchMm: 1_500 });
      expect({ nth, forbidden }).toEqual({ nth, forbidden: 0 });
    }
  });

  it("a machine that goes silent and comes back", () => {
    for (let atX = 4_000; atX < 12_000; atX += 500) {
      const silent: Mishap = {
        kind: "act",
        atX,
        act: (bench) => {
          bench.tell({
            kind: "health",
            deviceId: "xray-1",
            state: "stale",
            reason: { code: "silent" },
          });
          bench.tell({ kind: "health", deviceId: "xray-1", state: "receiving", reason: null });
        },
      };
      expect(ride([silent], bad).forbidden).toBe(0);
    }
  });
});

describe("PF-26: hands", () => {
  it("a foreign parcel anywhere on the belt is never released unseen", () => {
    for (let atMm = 300; atMm < 33_500; atMm += 450) {
      const { forbidden, alarms } = ride([{ kind: "foreign", atX: 20_000, atMm }]);
      expect({ atMm, unseen: Math.max(0, forbidden - alarms) }).toEqual({ atMm, unseen: 0 });
    }
  });

  it("a parcel is taken off and a foreign one put in its place", () => {
    for (let atMm = 4_000; atMm < 31_000; atMm += 1_000) {
      const mishaps: Mishap[] = [
        { kind: "removed", nth: 2, atMm },
        { kind: "foreign", atX: atMm + 1_700, atMm },
      ];
      const { forbidden, alarms } = ride(mishaps);
      expect(forbidden).toBeLessThanOrEqual(alarms);
    }
  });

  it("a parcel slides back towards the next one", () => {
    for (let atMm = 500; atMm < 33_000; atMm += 500) {
      const { forbidden, alarms } = ride([{ kind: "slides", nth: 2, atMm, byMm: 250 }]);
      expect(forbidden).toBeLessThanOrEqual(alarms);
    }
  });
});

describe("PF-16, PF-25: commands and their answers", () => {
  it("any command is lost or doubled, any answer is lost, doubled or late", () => {
    for (let nth = 0; nth < 8; nth += 1) {
      const mishaps: Mishap[] = [
        { kind: "lost", wire: "command", nth },
        { kind: "twice", wire: "command", nth },
        { kind: "lost", wire: "answer", nth },
        { kind: "twice", wire: "answer", nth },
        { kind: "late", wire: "answer", nth, byMs: 900 },
        { kind: "late", wire: "command", nth, byMs: 300 },
        { kind: "late", wire: "command", nth, byMs: 900 },
      ];
      for (const mishap of mishaps) expect(ride([mishap]).forbidden).toBe(0);
    }
  });

  it("an abort that is lost puts a controlled parcel into green: the alarm stops the belt", () => {
    const control = (bench: Bench): void =>
      bench.change(recordOf(waybillNo(0), { version: 2, reasons: [{ code: "manualControl" }] }));
    const mishaps: Mishap[] = [
      // The first parcel is committed 30.46 m down the belt and diverted at 30.86 m.
      { kind: "act", atX: 30_700, act: control },
      { kind: "lost", wire: "command", nth: 1 },
    ];
    const { green, alarms, isStopped, bench } = ride(mishaps, { bodies: 1 });
    expect(bench.commands.some(({ kind }) => kind === "abort")).toBe(true);
    expect({ green, alarms, isStopped }).toEqual({ green: 1, alarms: 1, isStopped: true });
    expect(bench.factsOf("left")).toMatchObject([{ exit: "green", expected: "inspection" }]);
  });

  it("PF-12: an emergency stop, and a new session of the sorter, in the middle of a divert", () => {
    for (let atX = 30_000; atX < 33_000; atX += 50) {
      const restart: Mishap = { kind: "act", atX, act: (bench) => bench.newSession() };
      const { forbidden, alarms } = ride([restart]);
      expect({ atX, unseen: Math.max(0, forbidden - alarms) }).toEqual({ atX, unseen: 0 });
    }
  });

  it.each(["red", "green"] as const)("PF-01: the %s diverter does not move", (exit) => {
    const red = (index: number): boolean => index % 2 === 1;
    expect(ride([{ kind: "dead", exit }], { isForbidden: red }).forbidden).toBe(0);
  });
});

describe("PF-03, PF-14: eyes", () => {
  it("any edge of any eye is lost, doubled or late", () => {
    for (let nth = 0; nth < 60; nth += 1) {
      const mishaps: Mishap[] = [
        { kind: "lost", wire: "eye", nth },
        { kind: "twice", wire: "eye", nth },
        { kind: "late", wire: "eye", nth, byMs: 120 },
        { kind: "late", wire: "eye", nth, byMs: 1_000 },
      ];
      for (const mishap of mishaps) {
        const { forbidden, alarms } = ride([mishap], { bodies: 4 });
        expect({ mishap, unseen: Math.max(0, forbidden - alarms) }).toEqual({ mishap, unseen: 0 });
      }
    }
  });
});
