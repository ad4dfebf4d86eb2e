import { exits } from "../../../../protocols/sorting.ts";
import type { MonotonicMs } from "../../../../protocols/units.ts";
import { createSettledLatch, type SettledLatch } from "../../settled-latch.ts";
import type { PlcLatches } from "./meaning.ts";
import { trackOf, type Occurrence } from "./occurrence.ts";

/** Where a latch's values stand, by path in the map, and what it tells of `n` more times. */
export interface LatchSpec {
  readonly path: readonly string[];
  readonly bits: 16 | 32;
  readonly tells:
    | TwoWayTells
    | { readonly kind: "once"; readonly hasSeq: boolean; of(seen: LatchSeen): Occurrence }
    /** Pending commands were cancelled: nobody says which. */
    | { readonly kind: "cancelled" }
    | { readonly kind: "lost" };
}

interface TwoWayTells {
  readonly kind: "twoWay";
  /** The keys beside `edges`: of either way's count, and of how it stands now. */
  readonly keys: readonly [on: string, off: string, isOn: string];
  readonly isActiveLow: boolean;
  /** Whether beside its count on there is the controller's own number of what turned it on. */
  readonly hasTrack: boolean;
  of(isOn: boolean, count: number, track: number): Occurrence;
}

/** What one request has shown of a latch. Of a one-way latch `on` is its count. */
export interface LatchSeen {
  readonly times: number;
  readonly on: number;
  readonly off: number;
  readonly isOn: boolean;
  readonly seq: number;
  readonly track: number;
}

/** All latches of a map, in one order. */
export function latchSpecs(latches: PlcLatches): readonly LatchSpec[] {
  const { eyes, guards, inputs, fired, cancelled, resets, lost } = latches;
  const once = (
    path: readonly string[],
    { times: { bits } }: { readonly times: { readonly bits: 16 | 32 } },
    of: (seen: LatchSeen) => Occurrence,
    hasSeq = false,
  ): LatchSpec => ({ path: ["latches", ...path], bits, tells: { kind: "once", hasSeq, of } });
  const twoWay = (
    path: readonly string[],
    bits: LatchSpec["bits"],
    tells: Omit<TwoWayTells, "kind">,
  ): LatchSpec => ({ path: ["latches", ...path], bits, tells: { kind: "twoWay", ...tells } });
  return [
    ...Object.entries(eyes).map(([eyeId, { edges, isBlocked, track: tracks }]) =>
      twoWay(["eyes", eyeId], edges.bits, {
        keys: ["blockedAt", "clearedAt", "isBlocked"],
        isActiveLow: isBlocked.isActiveLow,
        hasTrack: tracks !== undefined,
        of(isOn, count, track) {
          const edge = { kind: "eye", eyeId, isBlocked: isOn, count } as const;
          // It is of the front: what the rear has is the same, and says nothing more.
          return isOn && tracks !== undefined ? { ...edge, track: trackOf(track) } : edge;
        },
      }),
    ),
    ...Object.entries(guards).map(([guardId, { edges, isOpen }]) =>
      twoWay(["guards", guardId], edges.bits, {
        keys: ["openedAt", "closedAt", "isOpen"],
        isActiveLow: isOpen.isActiveLow,
        hasTrack: false,
        of: (isOn, count) => ({ kind: "guard", guardId, isOpen: isOn, count }),
      }),
    ),
    ...Object.entries(inputs).map(([inputId, input]) =>
      once(["inputs", inputId], input, ({ on }) => ({ kind: "pulse", inputId, count: on })),
    ),
    ...exits.flatMap((exit) => {
      const ofExit = fired[exit];
      if (ofExit === undefined) return [];
      const path = ["fired", exit];
      return once(
        path,
        ofExit,
        ({ seq, on }) => ({ kind: "ended", seq, end: "fired", count: on }),
        true,
      );
    }),
    ...(resets === undefined
      ? []
      : [once(["resets"], resets, ({ on }) => ({ kind: "localReset", count: on }))]),
    { path: ["latches", "cancelled"], bits: cancelled.times.bits, tells: { kind: "cancelled" } },
    ...(lost === undefined
      ? []
      : [{ path: ["latches", "lost"], bits: lost.times.bits, tells: { kind: "lost" } } as const]),
  ];
}

export interface LatchesTaken {
  /** What happened and can no longer be told. */
  readonly missed: number;
  readonly wasCancelled: boolean;
  readonly occurrences: readonly Occurrence[];
}

/**
 * Tells each time of each latch once, as soon as it has settled (`settled-latch.ts`). Of something with
 * two ways two times may have passed meanwhile, since each way has a count of its own; of all else one.
 */
export interface LatchReader {
  /** From here on; `count` is that of the belt. */
  begin(seen: readonly LatchSeen[], count: number): void;
  /**
   * `countBefore` is the belt's in the request before. Null: a number has gone back, so that it is
   * another controller.
   */
  take(seen: readonly LatchSeen[], at: MonotonicMs, countBefore: number): LatchesTaken | null;
  /** Everything up to this belt count has been told. */
  toldUpTo(): number;
}

export function createLatchReader(specs: readonly LatchSpec[]): LatchReader {
  const latches = specs.map((spec) => new Latch(spec));
  return {
    begin(seen, count) {
      latches.forEach((latch, index) => latch.begin(seenAt(seen, index), count));
    },
    take(seen, at, countBefore) {
      const taken = latches.map((latch, index) => latch.take(seenAt(seen, index), at, countBefore));
      const all = taken.filter((each) => each !== null);
      if (all.length < taken.length) return null;
      return {
        missed: all.reduce((sum, { missed }) => sum + missed, 0),
        wasCancelled: all.some(({ wasCancelled }) => wasCancelled),
        occurrences: all.flatMap(({ occurrences }) => occurrences),
      };
    },
    toldUpTo: () => Math.min(...latches.map((latch) => latch.toldUpTo)),
  };
}

const none: LatchSeen = { times: 0, on: 0, off: 0, isOn: false, seq: 0, track: 0 };
const seenAt = (seen: readonly LatchSeen[], index: number): LatchSeen => seen[index] ?? none;
const nothing: LatchesTaken = { missed: 0, wasCancelled: false, occurrences: [] };

class Latch {
  readonly #spec: LatchSpec;
  readonly #settled: SettledLatch<LatchSeen>;
  /** How something with two ways stood when it was told last. */
  #isOn = false;
  toldUpTo = 0;

  constructor(spec: LatchSpec) {
    this.#spec = spec;
    this.#settled = createSettledLatch(spec.bits);
  }

  begin(seen: LatchSeen, count: number): void {
    this.#settled.begin(seen);
    this.#isOn = seen.isOn;
    this.toldUpTo = count;
  }

  take(seen: LatchSeen, at: MonotonicMs, countBefore: number): LatchesTaken | null {
    const news = this.#settled.take(seen, at);
    switch (news.kind) {
      case "back":
        return null;
      case "unsure":
        return nothing;
      case "nothing":
        return this.#tell(countBefore, nothing);
      case "grown":
        return this.#tell(countBefore, this.#explained(news.believed, news.by));
      case "restless":
        if (news.by % 2 === 1) this.#isOn = !this.#isOn;
        return this.#tell(countBefore, { ...nothing, missed: news.by });
    }
  }

  /** Ways take turns, so that the number tells which is the last one, too; else nothing fits. */
  #explained(seen: LatchSeen, grown: number): LatchesTaken {
    const isOn = this.#isOn;
    this.#isOn = seen.isOn;
    const fits = seen.isOn === (grown % 2 === 1 ? !isOn : isOn);
    return this.#spec.tells.kind !== "twoWay" || fits
      ? tellTimes(this.#spec, seen, grown)
      : { ...nothing, missed: grown };
  }

  #tell(countBefore: number, taken: LatchesTaken): LatchesTaken {
    this.toldUpTo = countBefore;
    return taken;
  }
}

function tellTimes({ tells }: LatchSpec, seen: LatchSeen, grown: number): LatchesTaken {
  switch (tells.kind) {
    case "cancelled":
      return { ...nothing, wasCancelled: true };
    case "lost":
      return { ...nothing, missed: grown };
    case "once":
      return { ...nothing, missed: grown - 1, occurrences: [tells.of(seen)] };
    case "twoWay": {
      const { isOn } = seen;
      const newest = tells.of(isOn, isOn ? seen.on : seen.off, seen.track);
      if (grown === 1) return { ...nothing, occurrences: [newest] };
      const before = tells.of(!isOn, isOn ? seen.off : seen.on, seen.track);
      return { ...nothing, missed: grown - 2, occurrences: [before, newest] };
    }
  }
}
