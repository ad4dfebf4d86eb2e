import type { ReadProof } from "../../protocols/scanner/read-proof.ts";
import { beltCount, type BeltCount } from "../../protocols/units.ts";
import type { LineConfig, ReadBinding } from "../../edge/line/config.ts";
import { benchConfig, createLineBench, recordOf, waybillNo, type Bench } from "./line-bench.ts";
import { runRides, startRide, type Ride } from "./line-ride.ts";

/**
 * A reader beside the bench's belt that can lag: it latches what it has at each trigger and says,
 * with a lag, what it latched one trigger before. Test triggers go the same way as parcels do.
 */
export type Lag =
  | "none"
  /** The first trigger is answered by a no-read, each later one with what was due before. */
  | "noReadFirst"
  /** The first trigger is not answered at all. */
  | "silenceFirst"
  /** All is well until the third trigger, which is not answered. */
  | "fromTheThird"
  /** The third trigger is swallowed: it is not numbered, and answered at the next one. */
  | "skipsTheThird"
  /** What it has said at the third trigger it says again, at the fourth, and is behind from then on. */
  | "repeatsTheThird";

/** In how many frames it says what it has latched. */
export type Framing =
  | "whole"
  /** A frame for each code, goods first, and an output with each. */
  | "perCode"
  /** As before, and a no-read behind it that proves nothing and has no output. */
  | "closing"
  /** The second time without a proof or an output. */
  | "twice";

/** The trigger from which on it lags. */
const laggingFrom: Readonly<Record<Lag, number>> = {
  none: Number.POSITIVE_INFINITY,
  noReadFirst: 1,
  silenceFirst: 1,
  fromTheThird: 3,
  skipsTheThird: 3,
  repeatsTheThird: 4,
};

/** A wire over which events come in lots can be so late, and the belt has run on meanwhile. */
const lateOutputMs = 300;

interface Latched {
  readonly count: BeltCount;
  readonly labels: readonly string[];
  readonly proof: ReadProof;
}

export interface BenchReader {
  trigger(labels: readonly string[]): void;
  /** Answers the test triggers that the line has sent since the last call. */
  answerTests(): void;
}

export const pulseInputs = { goodInputId: "good-read", noReadInputId: "no-read" } as const;

export interface BenchReaderOptions {
  readonly deviceId?: string;
  readonly framing?: Framing;
  /** The sorter tells of its outputs when it has long said what it has to say. */
  readonly hasLateOutputs?: boolean;
}

export function createBenchReader(
  bench: Bench,
  lag: Lag,
  { deviceId = "scanner-1", framing = "whole", hasLateOutputs = false }: BenchReaderOptions = {},
): BenchReader {
  let due: Latched | null = null;
  let triggers = 0;
  let counter = 900;
  let testsSeen = 0;

  const framesOf = ({ labels }: Latched): readonly (readonly string[])[] =>
    framing === "perCode" && labels.length > 0
      ? [["6901234567892"], ...labels.map((label) => [label])]
      : [labels];
  const pulse = (latched: Latched): void => {
    for (const labels of framesOf(latched)) {
      const inputId = labels.length > 0 ? pulseInputs.goodInputId : pulseInputs.noReadInputId;
      bench.sorter({ kind: "pulse", inputId, count: latched.count });
    }
  };
  const say = (latched: Latched): void => {
    const { proof } = latched;
    for (const labels of framesOf(latched)) bench.readFrom(deviceId, proof, ...labels);
    if (framing === "closing") bench.readFrom(deviceId, {});
    if (framing === "twice") bench.readFrom(deviceId, {}, ...latched.labels);
  };

  const answer = (latched: Latched): void => {
    if (triggers < laggingFrom[lag]) {
      if (lag === "repeatsTheThird" && triggers === 3) due = latched;
      return say(latched);
    }
    const before = due;
    due = latched;
    if (before !== null) return say(before);
    if (lag === "noReadFirst") say({ ...latched, labels: [] });
  };

  const take = (labels: readonly string[], own: ReadProof): void => {
    triggers += 1;
    const isSwallowed = lag === "skipsTheThird" && triggers === 3;
    if (!isSwallowed) counter += 1;
    const token = bench.tokenOf(deviceId);
    const latched: Latched = {
      count: beltCount(bench.count()),
      labels,
      proof: { counter, ticks: bench.count() + 5_000, ...(token && { token }), ...own },
    };
    if (!hasLateOutputs) pulse(latched);
    answer(latched);
    if (!hasLateOutputs) return;
    bench.wait(lateOutputMs);
    pulse(latched);
  };

  return {
    trigger: (labels) => take(labels, {}),
    answerTests() {
      const tests = bench.commands.flatMap((command) =>
        command.kind === "testRead" && command.deviceId === deviceId ? [command.test] : [],
      );
      for (const test of tests.slice(testsSeen)) take([], { test });
      testsSeen = tests.length;
    },
  };
}

/** The bench's line with another binding of its scanner. */
export function configWith(
  binding: ReadBinding,
  change: Partial<LineConfig["layout"]> = {},
): LineConfig {
  const { layout } = benchConfig;
  return {
    ...benchConfig,
    layout: { ...layout, scanner: { ...layout.scanner, binding }, ...change },
  };
}

export interface Train {
  readonly bench: Bench;
  readonly rides: readonly Ride[];
  /** Exit of each parcel, in the order of their inductions. */
  exits(): (string | undefined)[];
  /** Parcels that left by green with another label than their own. */
  onAnothersLabel(): string[];
}

export interface TrainOptions {
  readonly config: LineConfig;
  readonly lag?: Lag;
  readonly parcels?: number;
  /** What the papers declare. */
  readonly weightsG?: readonly number[];
  /** What the parcels weigh; default: what their papers declare. */
  readonly trueWeightsG?: readonly number[];
  /** A second reader, beside the first. */
  readonly witnessLag?: Lag;
  readonly pitchMm?: number;
  readonly framing?: Framing;
  readonly hasLateOutputs?: boolean;
}

/** Parcels past the reader, one after the other, with everything else in order. */
export function runTrain(options: TrainOptions): Train {
  const { config, lag = "none", parcels = 6, weightsG = [], pitchMm = 1_000 } = options;
  const { framing = "whole", hasLateOutputs = false } = options;
  const bench = createLineBench({ config });
  const numbers = Array.from({ length: parcels }, (_, index) => index + 1);
  bench.start(
    ...numbers.map((number, index) =>
      recordOf(waybillNo(number), {
        declared: { grossWeightG: weightsG[index] ?? 1_000, pieces: 1 },
      }),
    ),
  );
  const reader = createBenchReader(bench, lag, { framing, hasLateOutputs });
  const { witness } = config.layout;
  const second =
    witness === null
      ? null
      : createBenchReader(bench, options.witnessLag ?? "none", { deviceId: witness.deviceId });
  // A reader that owes a test from the start is asked, and answers, before anything comes.
  for (let round = 0; round < 3; round += 1) {
    bench.runTo(bench.count() + 400);
    bench.stand(1_000);
    reader.answerTests();
    second?.answerTests();
  }
  const from = bench.count() + 500;
  const rides = numbers.map((number, index) =>
    startRide(bench, {
      number,
      front: from + index * pitchMm,
      weightG: (options.trueWeightsG ?? weightsG)[index] ?? 1_000,
      without: ["read", "claim"],
    }),
  );
  const triggers = numbers.flatMap((number, index) => {
    const atMm = (mm: number): number => from + index * pitchMm + mm + 200;
    const own = { count: atMm(config.layout.scanner.atMm), of: reader, label: waybillNo(number) };
    return witness === null || second === null
      ? [own]
      : [own, { count: atMm(witness.atMm), of: second, label: waybillNo(number) }];
  });
  let claimsSeen = 0;
  for (const { count, of, label } of triggers.toSorted((one, other) => one.count - other.count)) {
    runRides(bench, rides, count);
    of.trigger([label]);
    claimsSeen = grantClaims(bench, claimsSeen);
    reader.answerTests();
  }
  runRides(bench, rides, from + parcels * pitchMm + 36_000);
  const exitOf = (ride: Ride): string | undefined =>
    bench.factsOf("left").find(({ passId }) => passId === ride.passId())?.exit;
  return {
    bench,
    rides,
    exits: () => rides.map(exitOf),
    onAnothersLabel: () =>
      rides.flatMap((ride) => {
        const decided = bench.factsOf("decided").findLast(({ passId }) => passId === ride.passId());
        return exitOf(ride) === "green" && decided?.waybill !== ride.waybill ? [ride.waybill] : [];
      }),
  };
}

/** Every claim is granted: nothing but the proof of its label may hold a parcel back. */
function grantClaims(bench: Bench, seen: number): number {
  const claims = bench.commands.filter((command) => command.kind === "claim");
  for (const { passId, waybill } of claims.slice(seen)) {
    bench.tell({
      kind: "claimAnswer",
      answer: { kind: "claimAnswer", lineId: "L1", passId, waybill, granted: true, why: null },
    });
  }
  return claims.length;
}
