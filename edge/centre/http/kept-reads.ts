import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { settled, type ActLog } from "../acts/act-log.ts";

/**
 * For answers that only read: whether all that the centre held when it was asked is in its journal
 * (law 17). Waits a moment for a disk that is at work, and no longer for one that hangs.
 */
export type IsAllKept = () => Promise<boolean>;

const waitMsMax = 1_000;
/** Readers that wait for a disk that hangs; whoever comes then is told at once. */
const waitingMax = 256;

export function createKeptReads(acts: ActLog, clock: Clock): IsAllKept {
  let waiting = 0;
  return () => {
    if (acts.isAllKept()) return Promise.resolve(true);
    if (waiting >= waitingMax) return Promise.resolve(false);
    waiting += 1;
    return new Promise((resolve) => {
      const timer = clock.schedule(monotonicMs(clock.monotonic() + waitMsMax), () =>
        resolve(false),
      );
      void settled(acts).then((isKept) => {
        waiting -= 1;
        timer.cancel();
        resolve(isKept);
      });
    });
  };
}
