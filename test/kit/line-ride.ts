import { beltCount } from "../../protocols/units.ts";
import type { AlgorithmVerdict, OfficerDecision } from "../../protocols/verdicts.ts";
import { commitMm, hashNo, waybillNo, type Bench } from "./line-bench.ts";

/**
 * One parcel's way over the bench's default line, event by event: everything that a healthy line
 * would tell of it, each at the place where it happens. A test leaves things out, delays them or
 * adds its own in between.
 */
export interface Ride {
  readonly waybill: string;
  readonly imageHash: string;
  /** Of the pass that its front opened; throws before that. */
  passId(): string;
  /** Lets the belt run until this parcel's front is at `mm`. */
  to(mm: number): void;
}

/** What can be left out of a ride, or come later than it should. */
export type Milestone =
  | "induct"
  | "measure"
  | "read"
  | "claim"
  | "weight"
  | "item"
  | "image"
  | "algorithm"
  | "officer"
  | "xray-entry"
  | "pre-red"
  | "pre-green"
  | "accepted"
  | "fired"
  | "chute"
  | "end";

export interface RideOptions {
  readonly number?: number;
  /** Count at which its front is at the induction eye. */
  readonly front?: number;
  readonly lengthMm?: number;
  readonly labels?: readonly string[];
  readonly weightG?: number;
  readonly algorithm?: AlgorithmVerdict;
  readonly officer?: OfficerDecision;
  /** The number that a controller tells with each front, of one that follows parcels by itself. */
  readonly track?: number;
  /** The same where it tells another one; null: none. */
  readonly tracks?: Partial<Record<Milestone, number | null>>;
  readonly without?: readonly Milestone[];
  /** Counts by which a milestone's word comes later than it should. */
  readonly lateBy?: Partial<Record<Milestone, number>>;
}

interface Happening {
  readonly milestone: Milestone;
  readonly count: number;
  readonly act: () => void;
}

interface OpenRide extends Ride {
  readonly happenings: Happening[];
}

/** The machine's own numbers, one row of them a bench. */
const itemSequences = new WeakMap<Bench, number>();

export function startRide(bench: Bench, options: RideOptions = {}): Ride {
  const number = options.number ?? 1;
  const front = options.front ?? bench.count() + 1_000;
  const lengthMm = options.lengthMm ?? 400;
  const waybill = waybillNo(number);
  const imageHash = hashNo(number);
  let passId: string | null = null;
  let itemSequence = 0;
  const happenings: Happening[] = [];

  const idOf = (): string => {
    if (passId === null) throw new Error("this parcel has no pass yet");
    return passId;
  };
  const at = (milestone: Milestone, mm: number, act: (count: number) => void): void => {
    if (options.without?.includes(milestone) === true) return;
    const count = front + mm;
    const told = count + (options.lateBy?.[milestone] ?? 0);
    happenings.push({ milestone, count: told, act: () => act(count) });
  };
  const trackAt = (milestone: Milestone): number | undefined => {
    const own = options.tracks?.[milestone];
    return own === null ? undefined : (own ?? options.track);
  };
  const eye = (milestone: Milestone, eyeId: string, atMm: number, seen: () => boolean): void => {
    const track = trackAt(milestone);
    at(milestone, atMm, (count) => void (seen() && bench.eye(eyeId, true, count, track)));
    at(milestone, atMm + lengthMm, (count) => void (seen() && bench.eye(eyeId, false, count)));
  };
  const hasLeft = (): boolean => bench.factsOf("left").some((fact) => fact.passId === passId);
  let taken: "red" | "green" | null = null;

  at("induct", 0, (count) => {
    bench.eye("induction", true, count, trackAt("induct"));
    passId = bench.factsOf("inducted").at(-1)?.passId ?? null;
  });
  at("measure", lengthMm, (count) => bench.eye("induction", false, count));
  // Latched at the trigger: however late it is told, the read bears the parcel's own token.
  at("read", 1_500 + lengthMm / 2, () => {
    const token = passId === null ? undefined : bench.state.byId.get(passId)?.read.token;
    bench.readWith(token == null ? {} : { token }, ...(options.labels ?? [waybill]));
  });
  at("claim", 1_700 + lengthMm / 2, () =>
    bench.tell({
      kind: "claimAnswer",
      answer: {
        kind: "claimAnswer",
        lineId: "L1",
        passId: idOf(),
        waybill,
        granted: true,
        why: null,
      },
    }),
  );
  at("weight", 3_000 + lengthMm / 2, () =>
    bench.weigh(
      options.weightG ?? 1_000,
      passId === null ? undefined : (bench.state.byId.get(passId)?.scaleToken ?? undefined),
    ),
  );
  eye("xray-entry", "xray-entry", 5_000, () => true);
  at("item", 5_000 + lengthMm, (count) => {
    itemSequence = (itemSequences.get(bench) ?? 0) + 1;
    itemSequences.set(bench, itemSequence);
    const entryCount = beltCount(count - lengthMm);
    bench.tell({ kind: "xrayItem", item: { passId, itemSequence, entryCount, lengthMm } });
  });
  at("image", 6_000 + lengthMm, () =>
    bench.tell({
      kind: "xrayImage",
      passId,
      itemSequence,
      imageHash,
      pictureHash: imageHash,
      entryCount: beltCount(front + 5_000),
      lengthMm,
    }),
  );
  at("algorithm", 6_100 + lengthMm, () =>
    bench.tell({
      kind: "xrayVerdict",
      verdict: {
        passId,
        itemSequence,
        imageHash,
        verdict: options.algorithm ?? "clear",
        boxes: [],
        algorithm: "bench",
      },
    }),
  );
  at("officer", 15_000, () => bench.officer(idOf(), imageHash, options.officer ?? "release"));
  eye("pre-red", "pre-red", 27_000, () => true);
  for (const exit of ["red", "green"] as const) {
    const mouthMm = exit === "red" ? 28_000 : 31_000;
    const wanted = (): string | null => {
      const command = bench.state.byId.get(passId ?? "")?.commitment?.command;
      return command?.exit === exit && taken === null ? command.commandId : null;
    };
    at("accepted", commitMm[exit] + 5, () => {
      const commandId = wanted();
      if (commandId !== null) bench.sorter({ kind: "accepted", commandId });
    });
    at("fired", mouthMm - 140, (count) => {
      const commandId = wanted();
      if (commandId === null) return;
      taken = exit;
      bench.sorter({ kind: "fired", commandId, count: beltCount(count) });
    });
    eye("chute", `${exit}-chute`, mouthMm + 300, () => taken === exit);
    if (exit === "red") eye("pre-green", "pre-green", 30_000, () => taken === null);
  }
  eye("end", "end", 34_000, () => taken === null || !hasLeft());

  const ride: OpenRide = {
    waybill,
    imageHash,
    passId: idOf,
    happenings,
    to: (mm) => runRides(bench, [ride], front + mm),
  };
  return ride;
}

/** Lets several parcels ride together until the belt has reached `count`. */
export function runRides(bench: Bench, rides: readonly Ride[], count: number): void {
  const open = rides as readonly OpenRide[];
  for (;;) {
    let next: OpenRide | null = null;
    for (const ride of open) {
      const [first] = ride.happenings.sort((one, other) => one.count - other.count);
      if (first === undefined || first.count > count) continue;
      if (next === null || first.count < next.happenings[0]!.count) next = ride;
    }
    const happening = next?.happenings.shift();
    if (happening === undefined) break;
    bench.runTo(happening.count);
    happening.act();
  }
  bench.runTo(count);
}
