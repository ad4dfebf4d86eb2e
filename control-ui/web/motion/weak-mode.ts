/**
 * Weak panels draw at half rate: when the 95th percentile of frame times stays above
 * 33 ms for five seconds, every other frame is skipped until the display has been fast for thirty.
 */
export interface FrameWatch {
  readonly isWeak: boolean;
  readonly frames: readonly number[];
  readonly windowStartMs: number;
  /** Since when the display has been fast while weak mode is on. */
  readonly fastSinceMs: number;
}

const frameMsMax = 33;
const windowMs = 5_000;
const recoverMs = 30_000;
/** A pause as long as this comes from a hidden tab, and is not a slow frame. */
const pauseMs = 1_000;
const framesMax = 1_000;

export const initialFrameWatch: FrameWatch = {
  isWeak: false,
  frames: [],
  windowStartMs: 0,
  fastSinceMs: 0,
};

export function watchFrame(watch: FrameWatch, nowMs: number, frameMs: number): FrameWatch {
  if (frameMs > pauseMs) return { ...watch, frames: [], windowStartMs: nowMs };
  const frames = watch.frames.length < framesMax ? [...watch.frames, frameMs] : watch.frames;
  if (nowMs - watch.windowStartMs < windowMs) return { ...watch, frames };
  const isSlow = percentile95(frames) > frameMsMax;
  const fastSinceMs = isSlow ? nowMs : watch.fastSinceMs;
  const isWeak = isSlow || (watch.isWeak && nowMs - fastSinceMs < recoverMs);
  return { isWeak, frames: [], windowStartMs: nowMs, fastSinceMs };
}

function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0;
}
