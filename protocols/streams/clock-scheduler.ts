import { Subscription, type SchedulerAction, type SchedulerLike } from "rxjs";
import type { Clock, Timer } from "../time.ts";
import { monotonicMs } from "../units.ts";

/**
 * Lets the time operators of rxjs wait by a clock that was handed in, so that a stream runs live
 * and in virtual time alike. Its `now` is the clock's monotonic time, never the calendar.
 *
 * An action that is scheduled again gives up what it waited for; one that is unsubscribed never
 * runs. Actions due at one moment run in the order they were scheduled. What an action throws is
 * thrown to whoever drives the clock.
 */
export function clockScheduler(clock: Clock): SchedulerLike {
  return {
    now: () => clock.monotonic(),
    schedule: <State>(work: Work<State>, delayMs?: number, state?: State) =>
      new ClockAction(clock, work).schedule(state, delayMs),
  };
}

type Work<State> = (this: SchedulerAction<State>, state?: State) => void;

class ClockAction<State> extends Subscription implements SchedulerAction<State> {
  readonly #clock: Clock;
  readonly #work: Work<State>;
  #timer: Timer | null = null;

  constructor(clock: Clock, work: Work<State>) {
    super(() => this.#timer?.cancel());
    this.#clock = clock;
    this.#work = work;
  }

  schedule(state?: State, delayMs = 0): this {
    if (this.closed) return this;
    this.#timer?.cancel();
    const dueAt = monotonicMs(this.#clock.monotonic() + Math.max(0, delayMs));
    this.#timer = this.#clock.schedule(dueAt, () => {
      this.#timer = null;
      this.#work.call(this, state);
    });
    return this;
  }
}
