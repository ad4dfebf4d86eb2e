import type { Clock, Timer } from "../../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import type { VariableReadings } from "../../variables.ts";
import type { OpcuaVariables } from "./variables.ts";

export interface SubscribedReadsOptions {
  readonly clock: Clock;
  readonly variables: Pick<OpcuaVariables, "read">;
  /** Never is read more often, however much is published. */
  readonly pollMs: number;
  /** Never is read less often, however little is published. */
  readonly everyMsMax: number;
  /** What the subscription watches: nothing that comes back to what it was. */
  readonly keys: readonly string[];
  readonly onReadings: (readings: VariableReadings) => void;
  /** Called once; nothing is read after it. */
  readonly onFailed: (error: unknown) => void;
  /** Readings show changes of which the subscription has told nothing. */
  readonly onSilent: () => void;
}

export interface SubscribedReads {
  /** The subscription has told of something. */
  changed(): void;
  stop(): void;
}

/** Whatever a reading announces is taken from the one after it. */
const readsTogether = 2;

/**
 * Reads whenever the subscription tells of something, and at least every `everyMsMax`. What is
 * published is a reason to read and nothing more: a sampled value drops what changes faster, and a
 * reading of all variables does not. Each reason is one for two readings, `pollMs` apart, and for one
 * answer at a time.
 *
 * A subscription that has died without a word is found by what the readings show: something that it
 * watches has changed, and nothing was told for twice `everyMsMax` before it and as long after it.
 */
export function createSubscribedReads(options: SubscribedReadsOptions): SubscribedReads {
  const { clock, variables, pollMs, everyMsMax } = options;
  const silentMsMax = 2 * everyMsMax;
  let timer: Timer | null = null;
  let askedAt: MonotonicMs | null = null;
  let isUnanswered = false;
  let isStopped = false;
  /** Readings that are to follow soon. */
  let owed = 0;
  let shown: string | null = null;
  let toldAt = clock.monotonic();
  let untoldSince: MonotonicMs | null = null;

  const plan = (): void => {
    timer?.cancel();
    timer = null;
    if (isStopped || isUnanswered) return;
    const now = clock.monotonic();
    const dueAt = askedAt === null ? now : monotonicMs(askedAt + (owed > 0 ? pollMs : everyMsMax));
    if (dueAt <= now) ask();
    else timer = clock.schedule(dueAt, ask);
  };
  const ask = (): void => {
    timer = null;
    // One that is due by itself is the first of its own two.
    owed = (owed === 0 ? readsTogether : owed) - 1;
    askedAt = clock.monotonic();
    isUnanswered = true;
    variables.read().then(
      (readings) => {
        isUnanswered = false;
        if (isStopped) return;
        options.onReadings(readings);
        compare(readings);
        plan();
      },
      (error: unknown) => {
        if (isStopped) return;
        stop();
        options.onFailed(error);
      },
    );
  };
  const compare = ({ values }: VariableReadings): void => {
    const next = JSON.stringify(options.keys.map((key) => values.get(key)));
    const hasChanged = shown !== null && next !== shown;
    shown = next;
    const now = clock.monotonic();
    // A reading may show later than the subscription has told, where a server answers from its cache.
    if (hasChanged && now > toldAt + silentMsMax) untoldSince ??= now;
    if (untoldSince !== null && now > untoldSince + silentMsMax) options.onSilent();
  };
  const stop = (): void => {
    isStopped = true;
    timer?.cancel();
    timer = null;
  };

  plan();
  return {
    changed() {
      toldAt = clock.monotonic();
      untoldSince = null;
      owed = readsTogether;
      plan();
    },
    stop,
  };
}
