/**
 * How far a belt has moved, as a function of time: it approaches its target speed with a constant
 * ramp and then keeps it. Pure; a change of target makes a new motion that starts where the old
 * one was.
 */
export interface BeltMotion {
  /** When this motion began, milliseconds of the world's clock. */
  readonly fromMs: number;
  readonly fromMm: number;
  readonly fromMmPerS: number;
  readonly targetMmPerS: number;
  /** Null: the target is reached at once. */
  readonly rampMmPerS2: number | null;
}

export const standstill = (atMs: number): BeltMotion => ({
  fromMs: atMs,
  fromMm: 0,
  fromMmPerS: 0,
  targetMmPerS: 0,
  rampMmPerS2: null,
});

/** Seconds from the start of the motion until the target speed is reached. */
function rampS(motion: BeltMotion): number {
  if (motion.rampMmPerS2 === null) return 0;
  return Math.abs(motion.targetMmPerS - motion.fromMmPerS) / motion.rampMmPerS2;
}

const meanRampSpeed = (motion: BeltMotion): number => (motion.fromMmPerS + motion.targetMmPerS) / 2;

const elapsedS = (motion: BeltMotion, atMs: number): number =>
  Math.max(0, atMs - motion.fromMs) / 1_000;

/** When the target speed is, or was, reached. */
export const settledAtMs = (motion: BeltMotion): number => motion.fromMs + rampS(motion) * 1_000;

export function speedAt(motion: BeltMotion, atMs: number): number {
  const ramp = rampS(motion);
  const elapsed = elapsedS(motion, atMs);
  if (elapsed >= ramp) return motion.targetMmPerS;
  return motion.fromMmPerS + ((motion.targetMmPerS - motion.fromMmPerS) * elapsed) / ramp;
}

export function travelAt(motion: BeltMotion, atMs: number): number {
  const ramp = rampS(motion);
  const elapsed = elapsedS(motion, atMs);
  if (elapsed >= ramp) {
    const rampMm = meanRampSpeed(motion) * ramp;
    return motion.fromMm + rampMm + motion.targetMmPerS * (elapsed - ramp);
  }
  const speed = speedAt(motion, atMs);
  return motion.fromMm + ((motion.fromMmPerS + speed) / 2) * elapsed;
}

/** When the belt will have travelled to `travelMm`; null when it halts before. */
export function whenTravel(motion: BeltMotion, travelMm: number): number | null {
  const missingMm = travelMm - motion.fromMm;
  if (missingMm <= 0) return motion.fromMs;
  const ramp = rampS(motion);
  const rampMm = meanRampSpeed(motion) * ramp;
  if (missingMm > rampMm) {
    if (motion.targetMmPerS <= 0) return null;
    return motion.fromMs + (ramp + (missingMm - rampMm) / motion.targetMmPerS) * 1_000;
  }
  const acceleration = (motion.targetMmPerS - motion.fromMmPerS) / ramp;
  const speedThere = Math.sqrt(
    Math.max(0, motion.fromMmPerS * motion.fromMmPerS + 2 * acceleration * missingMm),
  );
  return motion.fromMs + (missingMm / ((motion.fromMmPerS + speedThere) / 2)) * 1_000;
}

/** The motion from `atMs` on, towards another speed. */
export function withTarget(
  motion: BeltMotion,
  atMs: number,
  target: { readonly mmPerS: number; readonly rampMmPerS2: number | null },
): BeltMotion {
  return {
    fromMs: atMs,
    fromMm: travelAt(motion, atMs),
    fromMmPerS: speedAt(motion, atMs),
    targetMmPerS: target.mmPerS,
    rampMmPerS2: target.rampMmPerS2,
  };
}
