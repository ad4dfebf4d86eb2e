// Belt counts of 32 bits, and the speed that an encoder shows by them.

/** How far count `a` is ahead of count `b`, also over the wrap. */
export function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

export interface BeltState {
  isRunning: boolean;
  speedMmPerS: number;
}

/** The belt's speed over the last `windowMs`, for a controller whose drive tells nothing. */
export class Speedometer {
  readonly #windowMs: number;
  #track: { atMs: number; count: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  clear(): void {
    this.#track = [];
  }

  measure(atMs: number, count: number): BeltState {
    this.#track.push({ atMs, count });
    while (this.#track.length > 1 && atMs - this.#track[0]!.atMs > this.#windowMs) {
      this.#track.shift();
    }
    const first = this.#track[0]!;
    const elapsedMs = atMs - first.atMs;
    const speedMmPerS = elapsedMs > 0 ? (ahead(count, first.count) * 1000) / elapsedMs : 0;
    return { isRunning: speedMmPerS > 0, speedMmPerS };
  }
}
