import type { Timer } from "../../../protocols/time.ts";

/** The encoder as it is wired to the controller. */
export interface EncoderInput {
  /** Counts since the world began, whole. */
  count(): number;
  /** Calls once, when the encoder shows `count`. */
  whenCount(count: number, fire: () => void): Timer;
}

/** Makes up for rounding, so that a whole count is not taken for one less. */
const tolerance = 1e-6;

/** The controller's own count: from 0 at each session, and without what slipped away. */
export interface BeltCounter {
  now(): number;
  /** Our count at a moment when the encoder showed `encoderCount`. */
  at(encoderCount: number): number;
  restart(): void;
  /** Share of the movement that is not counted from now on, 0 up to 1. */
  setSlip(share: number): void;
  /** Calls once, when our count has reached `count`; never within this call. */
  when(count: number, fire: () => void): Timer;
}

export function createBeltCounter(encoder: EncoderInput): BeltCounter {
  let fromEncoder = encoder.count();
  let fromOwn = 0;
  let ratio = 1;

  const at = (encoderCount: number): number =>
    Math.floor(fromOwn + (encoderCount - fromEncoder) * ratio + tolerance);

  return {
    now: () => at(encoder.count()),
    at,
    restart() {
      fromEncoder = encoder.count();
      fromOwn = 0;
    },
    setSlip(share) {
      const encoderCount = encoder.count();
      fromOwn += (encoderCount - fromEncoder) * ratio;
      fromEncoder = encoderCount;
      ratio = 1 - share;
    },
    when(count, fire) {
      if (ratio === 0) return { cancel: () => {} };
      return encoder.whenCount(
        Math.ceil(fromEncoder + (count - fromOwn) / ratio - tolerance),
        fire,
      );
    },
  };
}
