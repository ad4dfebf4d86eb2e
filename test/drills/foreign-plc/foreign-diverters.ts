// The diverters: each is out until the last of its commands has run out, and then rests.

import { ahead } from "./foreign-count.ts";
import type { Exit } from "./foreign-db.ts";

export type DiverterState = "out" | "rest";
export type OnDiverter = (exit: Exit, state: DiverterState, atCount: number) => void;

export class Diverters {
  readonly #onDiverter: OnDiverter | undefined;
  /** From which count each one that is out rests again. */
  readonly #releaseAt = new Map<Exit, number>();

  constructor(onDiverter: OnDiverter | undefined) {
    this.#onDiverter = onDiverter;
  }

  state(exit: Exit): DiverterState {
    return this.#releaseAt.has(exit) ? "out" : "rest";
  }

  /** One that is out already stays out for as long as either command wants it. */
  moveOut(exit: Exit, releaseAt: number, now: number): void {
    const before = this.#releaseAt.get(exit);
    if (before === undefined || ahead(releaseAt, before) > 0) this.#releaseAt.set(exit, releaseAt);
    if (before === undefined) this.#onDiverter?.(exit, "out", now);
  }

  releaseDue(now: number): void {
    for (const [exit, releaseAt] of this.#releaseAt) {
      if (ahead(now, releaseAt) >= 0) this.#rest(exit, now);
    }
  }

  restAll(now: number): void {
    for (const exit of this.#releaseAt.keys()) this.#rest(exit, now);
  }

  #rest(exit: Exit, now: number): void {
    this.#releaseAt.delete(exit);
    this.#onDiverter?.(exit, "rest", now);
  }
}
