import type { ReadProof, ProofCommand } from "../../protocols/scanner/read-proof.ts";

/**
 * What a simulated reader or scale latches at its trigger and sends with the answer (law 16), and
 * how such devices go wrong: one trigger behind in every way, or sending back what it holds when it
 * answers instead of what it held at the trigger.
 */
export interface ReadLatch {
  /** The line's token for the next trigger. */
  takeToken(token: string): void;
  /** One trigger, with what it shows; what is to be answered now, in order. */
  trigger(seen: readonly string[]): Latched[];
  /** The line asks for a trigger with nothing before the device. */
  test(command: Extract<ProofCommand, { kind: "test" }>): Latched[];
  /** What really goes out, asked at the moment of the answer. */
  answer(latched: Latched): Latched;
  setFaults(faults: Partial<LatchFaults>): void;
}

export interface Latched {
  readonly seen: readonly string[];
  readonly proof: ReadProof;
}

export interface LatchFaults {
  /** How it began to lag by one trigger; null: it does not. */
  readonly lag: Lag | null;
  /** One trigger is swallowed, and answered at the next one. */
  readonly skips: boolean;
  /** Sends back the token that it holds when it answers. */
  readonly echoesLatest: boolean;
  /** Numbers its answers, not its triggers. */
  readonly countsOutputs: boolean;
}

/** The first trigger of a lag is answered with nothing seen, or not at all. */
export const lags = ["noReadFirst", "silenceFirst"] as const;
/** Or it is answered, and once more at the next. */
export type Lag = (typeof lags)[number] | "repeatFirst";

export const healthyLatch: LatchFaults = {
  lag: null,
  skips: false,
  echoesLatest: false,
  countsOutputs: false,
};

/** The reader's trigger counter wraps behind this. */
const counterWidth = 65_536;

export interface ReadLatchOptions {
  /** The device's encoder now. */
  readonly ticks: () => number;
  /** What its counter shows at power-on. */
  readonly counterFrom?: number;
}

export function createReadLatch({ ticks, counterFrom = 0 }: ReadLatchOptions): ReadLatch {
  let faults = healthyLatch;
  let token: string | null = null;
  let counter = counterFrom;
  let outputs = counterFrom;
  let due: Latched | null = null;

  const latch = (seen: readonly string[], test?: string): Latched => {
    counter = (counter + 1) % counterWidth;
    return {
      seen,
      proof: {
        ticks: ticks(),
        counter,
        ...(test === undefined ? (token === null ? {} : { token }) : { test }),
      },
    };
  };

  const take = (seen: readonly string[], test?: string): Latched[] => {
    if (faults.skips && due === null) {
      faults = { ...faults, skips: false };
      // It has not been triggered at all, as its counter says.
      due = { seen, proof: { ticks: ticks(), counter: (counter + 1) % counterWidth } };
      return [];
    }
    const latched = latch(seen, test);
    if (faults.lag === null && due === null) return [latched];
    const before = due;
    due = latched;
    if (before !== null) return [before];
    if (faults.lag === "repeatFirst") return [latched];
    return faults.lag === "noReadFirst" ? [{ seen: [], proof: latched.proof }] : [];
  };

  return {
    takeToken(next) {
      token = next;
    },
    trigger: (seen) => take(seen),
    test: (command) => take([], command.test),
    answer({ seen, proof: latched }) {
      outputs = (outputs + 1) % counterWidth;
      const proof = { ...latched };
      if (faults.countsOutputs) proof.counter = outputs;
      if (faults.echoesLatest && token !== null && proof.test === undefined) proof.token = token;
      return { seen, proof };
    },
    setFaults(changes) {
      // Whoever mends it has purged the device.
      if (changes.lag === null || changes.skips === false) due = null;
      faults = { ...faults, ...changes };
    },
  };
}
