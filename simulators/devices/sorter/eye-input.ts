import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";

export interface EyeInputOptions {
  readonly clock: Clock;
  readonly debounceMs: number;
  readonly onEdge: (isBlocked: boolean, count: number) => void;
}

/** One photo-eye input with its debouncing. Reports an edge late, but with the count of the edge. */
export interface EyeInput {
  /** The raw level at a belt count, which is latched before it is known whether this is noise. */
  raw(isBlocked: boolean, count: number): void;
  /** Fault: the input hangs at a level whatever the light says; null frees it. */
  stick(level: boolean | null, count: number): void;
  /** Fault: debouncing fails, each edge is seen as three. */
  setBouncing(isBouncing: boolean): void;
  /** Count of an edge that is being debounced; infinity for none. */
  pendingCount(): number;
  stop(): void;
  /** Looks anew after power has come: an eye that is blocked then is an edge. */
  restart(count: number): void;
}

export function createEyeInput(options: EyeInputOptions): EyeInput {
  const { clock, debounceMs, onEdge } = options;
  let light = false;
  let stuckAt: boolean | null = null;
  let isBouncing = false;
  let stable = false;
  let waiting: Timer | null = null;
  let waitingCount = Number.POSITIVE_INFINITY;

  const report = (isBlocked: boolean, at: number): void => {
    waiting = null;
    stable = isBlocked;
    onEdge(isBlocked, at);
    if (!isBouncing) return;
    onEdge(!isBlocked, at);
    onEdge(isBlocked, at);
  };

  const look = (at: number): void => {
    const level = stuckAt ?? light;
    if (level === stable) {
      waiting?.cancel();
      waiting = null;
    } else if (waiting === null) {
      if (debounceMs === 0) report(level, at);
      else {
        waitingCount = at;
        const dueAt = monotonicMs(clock.monotonic() + debounceMs);
        waiting = clock.schedule(dueAt, () => report(level, at));
      }
    }
  };

  return {
    raw(isBlocked, count) {
      light = isBlocked;
      look(count);
    },
    stick(level, count) {
      stuckAt = level;
      look(count);
    },
    setBouncing(next) {
      isBouncing = next;
    },
    pendingCount: () => (waiting === null ? Number.POSITIVE_INFINITY : waitingCount),
    stop() {
      waiting?.cancel();
      waiting = null;
    },
    restart(count) {
      stable = false;
      look(count);
    },
  };
}
