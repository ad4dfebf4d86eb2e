import { describe, expect, it } from "vitest";
import type { LineConfig } from "../../edge/line/config.ts";
import type { XraySignal } from "../../protocols/xray/signals.ts";
import {
  benchConfig,
  createLineBench,
  recordOf,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: the word of a machine that sends no images speaks against a parcel and never for it (laws 1, 2
 * and 9): without a clear word of its own, in time, a parcel is opened, and with one as well if its
 * papers ask for the machine. Method: two parcels whose words come as they should, or do not.
 */
const config: LineConfig = {
  ...benchConfig,
  rules: { ...benchConfig.rules, imageVerdictBy: "algorithm" },
  layout: {
    ...benchConfig.layout,
    xray: {
      ...benchConfig.layout.xray!,
      binding: { kind: "none" },
      entryByEye: { announceMm: 150 },
      hasImages: false,
    },
  },
};

const front = 3_000;
const pitchMm = 1_000;
const rearAtEntry = 5_400;

interface Told {
  /** Of the first parcel, while both are in the tunnel; null: nothing comes. */
  readonly signal: Partial<XraySignal> | null;
  /** Of the same parcel, right behind it. */
  readonly again?: Partial<XraySignal>;
  /** Where the first one's front is then, in millimetres from the induction eye. */
  readonly atMm?: number;
  /** What comes when both are out of the tunnel. */
  readonly atEnd?: Partial<XraySignal>;
  readonly isRequired?: boolean;
  readonly without?: "item";
  readonly as?: LineConfig;
}

/** Where both parcels have gone, and why. */
function run({
  signal,
  again,
  atMm = 6_600,
  atEnd,
  isRequired = false,
  without,
  as = config,
}: Told) {
  const bench = createLineBench({ config: as });
  const record = (number: number) => ({
    ...recordOf(waybillNo(number)),
    machineInspectionRequired: isRequired,
    ...(isRequired ? {} : { standing: "releasable" as const }),
  });
  bench.start(record(1), record(2));
  const rides = [1, 2].map((number) =>
    startRide(bench, {
      number,
      front: front + (number - 1) * pitchMm,
      without: ["item", "image", "algorithm", "officer"],
    }),
  );
  const say = (index: number, change: Partial<XraySignal> = {}) =>
    bench.tell({
      kind: "xraySignal",
      signal: {
        passId: rides[index]!.passId(),
        itemSequence: index + 1,
        verdict: "clear",
        why: null,
        ...change,
      },
    });
  const enter = (index: number) => {
    runRides(bench, rides, front + index * pitchMm + rearAtEntry);
    const item = { passId: rides[index]!.passId(), itemSequence: index + 1, lengthMm: 400 };
    bench.tell({ kind: "xrayItem", item });
  };
  if (without === undefined) enter(0);
  enter(1);
  runRides(bench, rides, front + atMm);
  if (signal !== null) say(0, signal);
  if (again !== undefined) say(0, again);
  runRides(bench, rides, front + Math.max(atMm, 6_700));
  say(1);
  if (atEnd !== undefined) {
    runRides(bench, rides, front + pitchMm + 9_000);
    say(1, atEnd);
  }
  runRides(bench, rides, front + pitchMm + 36_000);
  return rides.map((ride) => decidedOf(bench, ride.passId()));
}

function decidedOf(bench: Bench, passId: string) {
  const decided = bench.factsOf("decided").findLast((fact) => fact.passId === passId);
  return { exit: decided?.exit, reasons: decided?.reasons.map(({ code }) => code) ?? [] };
}

const green = { exit: "green", reasons: [] };

describe("a machine that sends no images", () => {
  it("spares a parcel that needs no machine, by a clear word of its own", () => {
    expect(run({ signal: {} })).toEqual([green, green]);
  });

  it.each(["algorithm", "officer", "both"] as const)(
    "law 1: a clear word is no image: what needs the machine is opened, by whoever's verdict (%s)",
    (imageVerdictBy) => {
      const as = { ...config, rules: { ...config.rules, imageVerdictBy } };
      for (const { exit, reasons } of run({ signal: {}, isRequired: true, as })) {
        expect(exit).toBe("inspection");
        expect(reasons).toContain("imageMissing");
      }
    },
  );

  it("a suspicion opens its own parcel and no other", () => {
    const [first, second] = run({ signal: { verdict: "suspect" } });
    expect(first).toEqual({ exit: "inspection", reasons: ["suspectImage"] });
    expect(second).toEqual(green);
  });

  it("a word that clears nobody opens its own parcel", () => {
    const [first, second] = run({ signal: { verdict: "unknown", why: "signalNotOneBit" } });
    expect(first).toEqual({ exit: "inspection", reasons: ["verdictUnknown"] });
    expect(second).toEqual(green);
  });

  it.each<[string, Told, string]>([
    ["no word at all", { signal: null }, "verdictMissing"],
    ["a word after it has left", { signal: {}, atMm: 7_600 }, "verdictMissing"],
    ["a word of another item", { signal: { itemSequence: 2 } }, "imageUnbound"],
    ["a word without an item", { signal: {}, without: "item" }, "imageUnbound"],
    [
      "a suspicion behind its clear word",
      { signal: {}, again: { verdict: "suspect" } },
      "suspectImage",
    ],
    [
      "a clear word behind one that cleared nobody",
      { signal: { verdict: "unknown", why: "signalMissed" }, again: {} },
      "imageUnbound",
    ],
    ["a word on nobody", { signal: { passId: null } }, "imageUnbound"],
    ["a word on a pass that is none", { signal: { passId: "L1-e0-7" } }, "imageUnbound"],
  ])("law 9: %s opens it, and its neighbour in the tunnel", (_name, told, reason) => {
    const [first, second] = run(told);
    expect(first?.exit).toBe("inspection");
    expect(first?.reasons).toContain(reason);
    expect(second?.exit).toBe("inspection");
    expect(second?.reasons).toContain("imageUnbound");
  });

  it("a suspicion counts however late it comes", () => {
    const [first] = run({ signal: { verdict: "suspect" }, atMm: 7_900 });
    expect(first?.exit).toBe("inspection");
    expect(first?.reasons).toEqual(expect.arrayContaining(["suspectImage", "imageUnbound"]));
  });

  it("a suspicion on nobody opens all that have been announced, also behind the tunnel", () => {
    const all = run({ signal: {}, atEnd: { verdict: "suspect", passId: null } });
    for (const { exit, reasons } of all) {
      expect(exit).toBe("inspection");
      expect(reasons).toContain("imageUnbound");
    }
    expect(run({ signal: {}, atEnd: { verdict: "unknown", passId: null } })).toEqual([
      green,
      green,
    ]);
  });

  it("the same word twice is one", () => {
    expect(run({ signal: {}, again: {} })).toEqual([green, green]);
  });

  it("a suspicion behind a word that cleared nobody opens no more than its own parcel", () => {
    const signal = { verdict: "unknown", why: "signalNotOneBit" } as const;
    expect(run({ signal, again: { verdict: "suspect" } })[1]).toEqual(green);
  });

  it("on a line that awaits images a word is none", () => {
    const { hasImages: _none, ...xray } = config.layout.xray!;
    const as = { ...config, layout: { ...config.layout, xray } };
    expect(run({ signal: {}, as })[1]?.reasons).toContain("imageUnbound");
  });
});
