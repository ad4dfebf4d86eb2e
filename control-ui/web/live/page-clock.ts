import type { Clock } from "../../../protocols/time.ts";
import { epochMs, monotonicMs } from "../../../protocols/units.ts";

/** The browser's clock. It may round its timers down, so one that came early waits again. */
export const pageClock: Clock = {
  monotonic: () => monotonicMs(performance.now()),
  wall: () => epochMs(Date.now()),
  schedule: (dueAt, fire) => {
    let timer = 0;
    const wait = (): void => {
      timer = setTimeout(
        () => (performance.now() < dueAt ? wait() : fire()),
        Math.max(0, Math.ceil(dueAt - performance.now())),
      );
    };
    wait();
    return { cancel: () => clearTimeout(timer) };
  },
};
