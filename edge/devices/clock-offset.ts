import { z } from "zod";
import type { EpochMs, MonotonicMs } from "../../protocols/units.ts";

/**
 * How far a device's clock is from this agent's, from what the device tells of the time; pure. It is
 * told to people who compare the device's own records with ours, and proves nothing: what a parcel is
 * decided by comes in counts of the belt, and in times at which things came in here.
 */
export interface ClockSample {
  /** Device's time less ours; above zero it is ahead. */
  readonly offsetMs: number;
  /** The true one lies within so much of it, either way. */
  readonly boundMs: number;
}

/** A device was asked, and said what time it was then. */
export function sampleOfAnswer(answer: {
  readonly askedAt: MonotonicMs;
  readonly answeredAt: MonotonicMs;
  /** Ours, when the answer came. */
  readonly wallAt: EpochMs;
  readonly deviceAtMs: number;
}): ClockSample {
  const tookMs = Math.max(0, answer.answeredAt - answer.askedAt);
  return {
    offsetMs: answer.deviceAtMs - (answer.wallAt - tookMs / 2),
    boundMs: tookMs / 2,
  };
}

/** So late may a message be that nobody has asked for: a broker, a gateway, a retransmission. */
export const messageLateMsMax = 1_000;

/** A message came that says when it was made: at that time at the earliest, a little later at most. */
export const sampleOfMessage = (message: {
  readonly wallAt: EpochMs;
  readonly deviceAtMs: number;
}): ClockSample => ({
  offsetMs: message.deviceAtMs - message.wallAt + messageLateMsMax / 2,
  boundMs: messageLateMsMax / 2,
});

/** The estimate stands on so many of the newest samples, and on no fewer than `samplesMin`. */
export const samplesMax = 9;
export const samplesMin = 3;
/** An estimate that moves by less than it can be told, and by less than this, is no news. */
const changeMsMin = 50;

export interface ClockWatch {
  /** True when the estimate is another one now. */
  take(sample: ClockSample): boolean;
  /** Null before enough samples came. */
  now(): ClockSample | null;
  /** Whether it surely is further off than it may be. */
  isOff(): boolean;
  /** Who answers next may be another device. */
  forget(): void;
}

/**
 * The median of the newest samples: one message that was held up on its way, or one answer of a busy
 * machine, moves nothing. A clock that was set is believed once most samples say so.
 */
export function createClockWatch(offsetMsMax: number): ClockWatch {
  let samples: ClockSample[] = [];
  let told: ClockSample | null = null;

  return {
    take(sample) {
      samples = [...samples, sample].slice(-samplesMax);
      const median = samples.length < samplesMin ? null : medianOf(samples);
      if (median === null) return false;
      const movedMs = told === null ? Number.POSITIVE_INFINITY : median.offsetMs - told.offsetMs;
      const newsMs = Math.max(changeMsMin, told?.boundMs ?? 0);
      if (Math.abs(movedMs) < newsMs) return false;
      told = { offsetMs: Math.round(median.offsetMs), boundMs: Math.ceil(median.boundMs) };
      return true;
    },
    now: () => told,
    isOff: () => told !== null && Math.abs(told.offsetMs) - told.boundMs > offsetMsMax,
    forget() {
      samples = [];
      told = null;
    },
  };
}

function medianOf(samples: readonly ClockSample[]): ClockSample | null {
  const sorted = samples.toSorted((one, other) => one.offsetMs - other.offsetMs);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Of every device's configuration. */
export const clockKeys = {
  maxClockOffsetMs: z
    .number()
    .int()
    .min(100)
    .max(86_400_000)
    .default(2_000)
    .describe(
      "How far the clock of a device that tells the time may be from this agent's, in milliseconds, before its health says so.",
    ),
};
