import type { LineView } from "../../../protocols/ui/scene.ts";

/**
 * Where a belt is now, from its last known motion: parcels are fixed to the belt, so this
 * one number moves them all.
 */
export type Motion = LineView["motion"];

/** Without news for this long the belt is drawn standing: its speed is no longer known. */
export const extrapolateMsMax = 2_500;

export function countAt(motion: Motion, mmPerCount: number, now: number): number {
  if (!motion.isRunning) return motion.count;
  const sinceMs = Math.min(Math.max(0, now - motion.at), extrapolateMsMax);
  return motion.count + (motion.speedMmPerS * sinceMs) / 1_000 / mmPerCount;
}

/** A correction is spread over this time, so that nothing jumps (S2). */
const easeMs = 300;
/**
 * A difference larger than this is not a correction but something new, such as a new session or the
 * end of a long silence; it is shown at once.
 */
const easeMmMax = 2_000;

/**
 * Draws one belt: follows its motion and eases what each new message corrects. While the belt runs
 * nothing is drawn moving backwards: what was drawn too far ahead waits for the truth.
 */
export class BeltPosition {
  #motion: Motion | null = null;
  #errorCounts = 0;
  #errorSince = 0;
  #drawn = 0;

  /** The count to draw at `now`, of the centre's clock. Called once a frame. */
  draw(motion: Motion, mmPerCount: number, now: number): number {
    const target = countAt(motion, mmPerCount, now);
    if (this.#motion === null) this.#drawn = target;
    if (motion !== this.#motion && this.#motion !== null) {
      const error = this.#drawn - target;
      this.#errorCounts = Math.abs(error) * mmPerCount > easeMmMax ? 0 : error;
      this.#errorSince = now;
    }
    this.#motion = motion;
    const left = Math.max(0, 1 - (now - this.#errorSince) / easeMs);
    const eased = target + this.#errorCounts * left * left;
    const isJump = Math.abs(eased - this.#drawn) * mmPerCount > easeMmMax;
    this.#drawn = isJump || !motion.isRunning ? eased : Math.max(eased, this.#drawn);
    return this.#drawn;
  }
}

/** Millimetres from the induction eye to a parcel's front. */
export const positionMm = (frontCount: number, beltCount: number, mmPerCount: number): number =>
  (beltCount - frontCount) * mmPerCount;

export interface TimeLeft {
  readonly metres: number;
  /** Null while the belt stands: it may start again at any moment. */
  readonly seconds: number | null;
}

/** How far and how long until `lastCount`; never below zero (HMI X8). */
export function timeLeft(
  lastCount: number,
  beltCount: number,
  { motion, mmPerCount }: Pick<LineView, "motion" | "mmPerCount">,
): TimeLeft {
  const mm = Math.max(0, (lastCount - beltCount) * mmPerCount);
  const isMoving = motion.isRunning && motion.speedMmPerS > 0;
  return { metres: mm / 1_000, seconds: isMoving ? mm / motion.speedMmPerS : null };
}
