import type { Clock, Timer } from "../../../../protocols/time.ts";
import { monotonicMs } from "../../../../protocols/units.ts";
import type { VariableReadings } from "../../variables.ts";
import type { OpcuaVariables } from "./variables.ts";

export interface VariablePollOptions {
  readonly variables: Pick<OpcuaVariables, "read">;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly onReadings: (readings: VariableReadings) => void;
  /** Called once; nothing is read after it. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Asks again and again, `pollMs` from one asking to the next, and never for more than one answer at
 * a time: where answers take longer, the next is asked for as soon as one has come.
 */
export function startVariablePoll(options: VariablePollOptions): { stop(): void } {
  const { variables, pollMs, clock, onReadings, onFailed } = options;
  let timer: Timer | null = null;
  let isStopped = false;

  const ask = (): void => {
    const nextAt = monotonicMs(clock.monotonic() + pollMs);
    variables.read().then(
      (readings) => {
        if (isStopped) return;
        timer = clock.schedule(nextAt, ask);
        onReadings(readings);
      },
      (error: unknown) => {
        if (isStopped) return;
        isStopped = true;
        onFailed(error);
      },
    );
  };
  // In a turn of its own: whoever starts it is told first that it has started.
  timer = clock.schedule(clock.monotonic(), ask);

  return {
    stop() {
      isStopped = true;
      timer?.cancel();
    },
  };
}
