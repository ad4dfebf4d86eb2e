import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { PutImage } from "./port.ts";

/** Whether a program loses images, for people: by what its store has answered. */
export interface LostImages {
  /** With each answer; true where the image is lost by our own fault. */
  take(outcome: PutImage): boolean;
  /** One was lost before it came to the store. */
  lose(): void;
  /** Lost in a row, the last of them within a minute; an image that was kept ends it. */
  inARow(): number;
}

/** So long after the last one nobody can say that images are still being lost. */
export const lostImageMs = 60_000;

export function createLostImages(clock: Pick<Clock, "monotonic">): LostImages {
  let total = 0;
  let lastAt = monotonicMs(0);
  const lose = (): void => {
    total += 1;
    lastAt = clock.monotonic();
  };
  return {
    take: (outcome) => {
      if (outcome.kind === "stored") total = 0;
      // These bytes are no image that anybody could keep: the sender's fault, or its wire's.
      if (outcome.kind === "stored" || isOthers(outcome)) return false;
      lose();
      return true;
    },
    lose,
    inARow: () => (clock.monotonic() - lastAt < lostImageMs ? total : 0),
  };
}

const isOthers = (outcome: PutImage): boolean =>
  outcome.kind === "refused" && outcome.code === "hashWrong";
