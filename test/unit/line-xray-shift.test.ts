import { describe, expect, it } from "vitest";
import type { ImageBinding, LineConfig } from "../../edge/line/config.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  benchConfig,
  createLineBench,
  hashNo,
  recordOf,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type Ride } from "../kit/line-ride.ts";

/**
 * Goal: an image is a parcel's because the image itself says so (law 16), however far apart parcels
 * come. Method: a machine that gives each item the picture of the one before, beginning in every way
 * that leaves no mark on the later ones, with boxes of one length and pictures that are all clear.
 */
const shifts = ["missingFirst", "oldFirst", "fromTheThird", "twiceTheThird"] as const;
type Shift = (typeof shifts)[number];

/** Whose header the picture before has: its own, or the present item's but for what it measured. */
type Header = "own" | "present";

const kinds = [
  ["track", "own"],
  ["header", "own"],
  ["header", "present"],
  ["extent", "own"],
  ["extent", "present"],
] as const satisfies readonly (readonly [ImageBinding["kind"], Header])[];

const pitches = [1_000, 3_000, 12_000, 40_000];

const boundBy = (kind: ImageBinding["kind"]): LineConfig => {
  const { layout } = benchConfig;
  return { ...benchConfig, layout: { ...layout, xray: { ...layout.xray!, binding: { kind } } } };
};

interface Taken {
  readonly passId: string | null;
  readonly itemSequence: number;
  readonly imageHash: string;
  readonly entryCount: number;
}

interface Train {
  readonly kind: ImageBinding["kind"];
  readonly header?: Header;
  readonly shift: Shift | null;
  readonly pitchMm: number;
  /** A person has emptied the machine before, on a belt that stands. */
  readonly isPurged: boolean;
}

const total = 6;

function run({ kind, header = "own", shift, pitchMm, isPurged }: Train) {
  const bench = createLineBench({ config: boundBy(kind) });
  bench.start(...Array.from({ length: total }, (_, index) => recordOf(waybillNo(index + 1))));
  if (isPurged) purge(bench);
  const from = bench.count() + 2_000;
  const rides = Array.from({ length: total }, (_, index) =>
    startRide(bench, {
      number: index + 1,
      front: from + index * pitchMm,
      without: ["image", "algorithm", "officer"],
    }),
  );
  let before: Taken | null = null;
  rides.forEach((ride, index) => {
    const front = from + index * pitchMm;
    runRides(bench, rides, front + 6_450);
    const passId = ride.passId();
    const itemSequence = bench.pass(passId).item?.itemSequence ?? index + 1;
    const entryCount = front + 5_000;
    const taken: Taken = { passId, itemSequence, imageHash: ride.imageHash, entryCount };
    const shown = shownBy(shift, index, taken, before);
    before = taken;
    if (shown !== null)
      show(bench, kind, header === "own" ? shown : { ...shown, passId, itemSequence });
  });
  runRides(bench, rides, from + total * pitchMm + 36_000);
  return {
    bench,
    rides,
    greens: rides.filter((ride) => decisionOf(bench, ride)?.exit === "green"),
  };
}

function shownBy(
  shift: Shift | null,
  index: number,
  taken: Taken,
  before: Taken | null,
): Taken | null {
  switch (shift) {
    case null:
      return taken;
    case "missingFirst":
      return before;
    case "oldFirst":
      return before ?? { passId: null, itemSequence: 0, imageHash: hashNo(99), entryCount: 0 };
    case "fromTheThird":
      return index < 2 ? taken : index === 2 ? null : before;
    case "twiceTheThird":
      return index < 3 ? taken : before;
  }
}

function show(bench: Bench, kind: ImageBinding["kind"], taken: Taken): void {
  const { passId, itemSequence, imageHash, entryCount } = taken;
  const measured = {
    lengthMm: 400,
    ...(kind === "header" ? { entryCount: beltCount(entryCount) } : {}),
  };
  const key = { passId, itemSequence, imageHash };
  bench.tell({ kind: "xrayImage", ...key, pictureHash: imageHash, ...measured });
  const verdict = { ...key, verdict: "clear" as const, boxes: [], algorithm: "bench" };
  bench.tell({ kind: "xrayVerdict", verdict });
  if (passId !== null) bench.officer(passId, imageHash, "release");
}

function purge(bench: Bench): void {
  bench.stand(1_000);
  bench.sorter({ kind: "localReset", count: bench.state.belt.count });
  bench.runTo(bench.count() + 100);
}

const decisionOf = (bench: Bench, ride: Ride) =>
  bench.factsOf("decided").findLast(({ passId }) => passId === ride.passId());

const onAnothersImage = ({ bench, rides }: ReturnType<typeof run>): string[] =>
  rides.flatMap((ride) => {
    const decided = decisionOf(bench, ride);
    const isAnothers = decided?.exit === "green" && decided.imageHash !== ride.imageHash;
    return isAnothers ? [ride.waybill] : [];
  });

describe("a machine one picture behind releases nobody on another's image", () => {
  const all = kinds.flatMap(([kind, header]) =>
    shifts.flatMap((shift) => pitches.map((pitchMm) => ({ kind, header, shift, pitchMm }))),
  );

  it.each(all)("bound by $kind, $header header, $shift, one parcel in $pitchMm mm", (train) => {
    expect(onAnothersImage(run({ ...train, isPurged: false }))).toEqual([]);
    // Whoever emptied it has left no old picture in it.
    if (train.shift === "oldFirst") return;
    const purged = run({ ...train, isPurged: true });
    expect(onAnothersImage(purged)).toEqual([]);
    const isBare = train.kind === "extent" && train.header === "present";
    if (isBare && train.shift === "missingFirst") expect(purged.greens).toEqual([]);
  });

  it.each(pitches)("by its own count, where the binding does not ask for it: %i mm", (pitchMm) => {
    for (const kind of ["track", "extent"] as const) {
      const bench = createLineBench({ config: boundBy(kind) });
      bench.start(recordOf(waybillNo(1)), recordOf(waybillNo(2)));
      purge(bench);
      const front = bench.count() + 1_000;
      const rides = [1, 2].map((number) =>
        startRide(bench, {
          number,
          front: front + (number - 1) * pitchMm,
          without: number === 1 ? [] : ["image", "algorithm", "officer"],
        }),
      );
      const [, second] = rides;
      runRides(bench, rides, front + pitchMm + 6_450);
      const passId = second!.passId();
      const key = { passId, itemSequence: 2, imageHash: hashNo(7) };
      const entryCount = beltCount(front + 5_000);
      bench.tell({ kind: "xrayImage", ...key, pictureHash: hashNo(7), lengthMm: 400, entryCount });
      expect(bench.pass(passId).imageHash).toBeNull();
    }
  });
});

describe("a healthy machine", () => {
  const healthy = { shift: null, pitchMm: 3_000 } as const;

  it.each(["track", "header"] as const)("bound by %s releases what its papers allow", (kind) => {
    expect(run({ kind, ...healthy, isPurged: false }).greens).toHaveLength(total);
  });

  it("bound by the length alone does so once a person has emptied it of pictures", () => {
    const train = { kind: "extent", ...healthy } as const;
    expect(run({ ...train, isPurged: true }).greens).toHaveLength(total);
    expect(run({ ...train, isPurged: false }).greens).toHaveLength(0);
  });
});

describe("what a machine owes whose images only have a length", () => {
  const owing = (): Bench => {
    const bench = createLineBench({ config: boundBy("extent") });
    bench.start();
    return bench;
  };
  const isOwed = ({ state }: Bench): boolean => state.tunnel.isConfused;
  const reset = (bench: Bench): void =>
    void bench.sorter({ kind: "localReset", count: bench.state.belt.count });

  it("is told, keeps parcels away, and is not paid by an empty belt", () => {
    const bench = owing();
    bench.runTo(60_000);
    expect(bench.state.machine.conditions).toContain("tunnelUnknown");
    expect(bench.factsOf("condition")).toContainEqual({
      kind: "condition",
      code: "tunnelUnknown",
      key: "xray-1",
      passId: null,
      params: { why: "notTested" },
      holds: true,
    });
  });

  it("is paid by a person where the belt stands with nothing in the tunnel, and journalled", () => {
    const running = owing();
    running.runTo(1_000);
    reset(running);
    expect(isOwed(running)).toBe(true);

    const occupied = owing();
    startRide(occupied, { front: 1_000, without: ["item", "image"] }).to(5_500);
    occupied.stand(1_000);
    reset(occupied);
    expect(isOwed(occupied)).toBe(true);

    const bench = owing();
    purge(bench);
    expect(isOwed(bench)).toBe(false);
    expect(bench.factsOf("readerProved")).toEqual([
      { kind: "readerProved", deviceId: "xray-1", by: "hand" },
    ]);
  });

  it("comes back with silence, a new session, a break of time and an image of nobody", () => {
    const again = (act: (bench: Bench) => void): boolean => {
      const bench = owing();
      purge(bench);
      act(bench);
      return isOwed(bench);
    };
    const reason = { code: "silent" } as const;
    const orphan = { passId: null, itemSequence: 4, imageHash: hashNo(4), pictureHash: hashNo(4) };
    expect(again(() => undefined)).toBe(false);
    expect(
      again((bench) => bench.tell({ kind: "health", deviceId: "xray-1", state: "stale", reason })),
    ).toBe(true);
    expect(again((bench) => bench.newSession())).toBe(true);
    expect(again((bench) => bench.tell({ kind: "timeBreak", why: "slept", byMs: 90_000 }))).toBe(
      true,
    );
    expect(again((bench) => bench.tell({ kind: "xrayImage", ...orphan, lengthMm: 400 }))).toBe(
      true,
    );
  });
});
