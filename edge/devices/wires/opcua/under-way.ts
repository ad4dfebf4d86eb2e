import type { Clock, Timer } from "../../../../protocols/time.ts";
import { monotonicMs } from "../../../../protocols/units.ts";

/**
 * What one session was asked and has yet to answer. A library may leave an answer that never comes, or
 * that has another number of results than was asked for, without an end of its own; here each has one.
 */
export interface UnderWay {
  /** As much is under way as may be. */
  isFull(): boolean;
  /** Takes a place until it is settled; `onFailed` hears why it was not done. */
  hold(work: Promise<unknown>, onFailed: (why: string) => void): void;
  /** The answer, or a rejection when none has come in time. What comes later is nobody's. */
  inTime<Answer>(asked: Promise<Answer>): Promise<Answer>;
  /** The session is over, and nothing is waited for any more. */
  end(): void;
}

/** A server that answers in 1 ms is asked for less than one at a time. */
const underWayMax = 256;
/** Whoever has not answered by then does not answer; a belt has run on by metres. */
export const answerMsMax = 5_000;

export function createUnderWay(clock: Clock): UnderWay {
  const timers = new Set<Timer>();
  let total = 0;

  return {
    isFull: () => total >= underWayMax,
    hold(work, onFailed) {
      total += 1;
      work.then(
        () => {
          total -= 1;
        },
        (error: unknown) => {
          total -= 1;
          onFailed(error instanceof Error ? error.message : String(error));
        },
      );
    },
    inTime: (asked) =>
      new Promise((resolve, reject) => {
        const timer = clock.schedule(monotonicMs(clock.monotonic() + answerMsMax), () => {
          timers.delete(timer);
          reject(new Error(`no answer within ${answerMsMax / 1_000} s`));
        });
        timers.add(timer);
        const stopWaiting = (): void => {
          timer.cancel();
          timers.delete(timer);
        };
        asked.then(
          (answer) => {
            stopWaiting();
            resolve(answer);
          },
          (error: unknown) => {
            stopWaiting();
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }),
    end() {
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
  };
}
