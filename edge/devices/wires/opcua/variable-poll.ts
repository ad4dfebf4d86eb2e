import type { Clock, Timer } from "../../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import type { VariableReadings } from "../../variables.ts";
import type { OpcuaVariables } from "./variables.ts";

export interface VariablePoll {
  readonly variables: Pick<OpcuaVariables, "read">;
  readonly pollMs: number;
  readonly onReadings: (readings: VariableReadings) => void;
  /** Called once; nothing is read after it. */
  readonly onFailed: (error: unknown) => void;
}

/** The polls of one session. */
export interface VariablePolls {
  start(poll: VariablePoll): { stop(): void };
}

/**
 * Asks again and again, `pollMs` from one asking to the next, and never for more than one answer at
 * a time: where answers take longer, the next is asked for as soon as one has come. All who poll as
 * often ask in the same turn, so that they share a request.
 */
export function createVariablePolls(clock: Clock): VariablePolls {
  const rounds = new Map<number, Round>();
  return {
    start(poll) {
      const round = rounds.get(poll.pollMs) ?? createRound(poll.pollMs, clock);
      rounds.set(poll.pollMs, round);
      round.add(poll);
      return { stop: () => round.remove(poll) };
    },
  };
}

interface Round {
  add(poll: VariablePoll): void;
  remove(poll: VariablePoll): void;
}

function createRound(pollMs: number, clock: Clock): Round {
  const polls = new Set<VariablePoll>();
  let timer: Timer | null = null;
  let unanswered = 0;

  const askAt = (at: MonotonicMs): void => {
    if (polls.size > 0) timer = clock.schedule(at, ask);
  };
  const ask = (): void => {
    timer = null;
    const nextAt = monotonicMs(clock.monotonic() + pollMs);
    unanswered = polls.size;
    const answered = (): void => {
      unanswered -= 1;
      if (unanswered === 0) askAt(nextAt);
    };
    for (const poll of polls) {
      poll.variables.read().then(
        (readings) => {
          answered();
          if (polls.has(poll)) poll.onReadings(readings);
        },
        (error: unknown) => {
          const wasWanted = polls.delete(poll);
          answered();
          if (wasWanted) poll.onFailed(error);
        },
      );
    }
  };

  return {
    add(poll) {
      polls.add(poll);
      // In a turn of its own: whoever starts it is told first that it has started.
      if (timer === null && unanswered === 0) askAt(clock.monotonic());
    },
    remove(poll) {
      polls.delete(poll);
      if (polls.size > 0) return;
      timer?.cancel();
      timer = null;
    },
  };
}
