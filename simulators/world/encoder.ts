import type { Timer } from "../../protocols/time.ts";
import type { Belt } from "./belt.ts";
import { createWaiting, ranks, type Waiting } from "./travel-queue.ts";

/** Makes up for rounding, so that a body exactly at a count is not latched one count early. */
const toleranceCounts = 1e-6;

/**
 * Counts belt travel as a wheel encoder does. It can slip, and then counts less or more than the
 * belt really moved, which nobody can notice before the next eye.
 */
export interface Encoder {
  /** Counts since the start, whole. */
  count(): number;
  /** Calls once, when the encoder shows `count`; at the next occasion if it shows more already. */
  whenCount(count: number, fire: () => void): Timer;
  /** 1 is true, 0.9 misses every tenth pulse. From now on. */
  slip(ratio: number): void;
  /** Jumps, as after a burst of missed or doubled pulses. */
  jump(byMm: number): void;
}

interface Alarm {
  readonly waiting: Waiting;
  readonly count: number;
}

export function createEncoder(belt: Belt, mmPerCount: number): Encoder {
  let fromTravelMm = 0;
  let fromEncodedMm = 0;
  let ratio = 1;
  const alarms = new Set<Alarm>();

  const encodedMm = (): number => fromEncodedMm + (belt.travelMm() - fromTravelMm) * ratio;

  const travelOfCount = (count: number): number => {
    const missingMm = count * mmPerCount - fromEncodedMm;
    return missingMm <= 0 ? fromTravelMm : fromTravelMm + missingMm / ratio;
  };

  const rebase = (byMm: number, nextRatio: number): void => {
    fromEncodedMm = encodedMm() + byMm;
    fromTravelMm = belt.travelMm();
    ratio = nextRatio;
    for (const alarm of alarms) belt.put(alarm.waiting, travelOfCount(alarm.count));
  };

  return {
    count: () => Math.floor(encodedMm() / mmPerCount + toleranceCounts),
    whenCount(count, fire) {
      const alarm: Alarm = {
        count,
        waiting: createWaiting(ranks.alarm, () => {
          alarms.delete(alarm);
          fire();
        }),
      };
      alarms.add(alarm);
      belt.put(alarm.waiting, travelOfCount(count));
      return {
        cancel() {
          alarms.delete(alarm);
          belt.remove(alarm.waiting);
        },
      };
    },
    slip: (nextRatio) => rebase(0, Math.max(0.01, nextRatio)),
    jump: (byMm) => rebase(byMm, ratio),
  };
}
