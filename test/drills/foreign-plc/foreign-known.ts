// What became of commands, by their number, for one that is asked about again.

import type { CodeName } from "./foreign-db.ts";

export class KnownOrders {
  readonly #max: number;
  readonly #codes = new Map<number, CodeName>();

  constructor(max: number) {
    this.#max = max;
  }

  get(seq: number): CodeName | undefined {
    return this.#codes.get(seq);
  }

  clear(): void {
    this.#codes.clear();
  }

  /** The oldest is forgotten where there are too many, but never one that is still pending. */
  set(seq: number, code: CodeName): void {
    this.#codes.delete(seq);
    this.#codes.set(seq, code);
    if (this.#codes.size <= this.#max) return;
    for (const [oldest, itsCode] of this.#codes) {
      if (itsCode === "accepted") continue;
      this.#codes.delete(oldest);
      return;
    }
  }
}
