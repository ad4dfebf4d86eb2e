import type { WireNews } from "../devices/device-tap.ts";
import { isNoValue, type VariableValue } from "../devices/variables.ts";

/** What a controller's variables have shown that is odd, beside what their map refuses. */
export interface VariablesSeen {
  /** What its sign of life has been all the time, where it was read and never changed. */
  readonly stoodLife: VariableValue | null;
  /** Whether our word was written and never came back. */
  readonly isEchoMissing: boolean;
  /** Keys of numbers in two registers whose other register comes first, by how they change. */
  readonly turnedKeys: readonly string[];
}

/**
 * So many changes by whole turns of the low register are no chance. One in so many may be by another
 * number: a fine encoder's low register, which is read as the high one, turns every few seconds.
 */
const turnedChangesMin = 3;
const turnedChangesPerOther = 9;
const registerTurn = 65_536;

interface Changes {
  value: number;
  total: number;
  wholeTurns: number;
}

/** Looks at the readings of a controller's variables, one after the other. */
export class VariablesWatch {
  /** First shown, and whether it has changed since. */
  #life: { readonly first: VariableValue; hasChanged: boolean } | null = null;
  readonly #echoesWritten = new Set<unknown>();
  #isEchoed = false;
  readonly #changes = new Map<string, Changes>();

  onWire(news: WireNews): void {
    if (news.kind === "found") {
      for (const { key, value, turned } of news.variables) {
        if (turned === null || typeof value !== "number" || this.#changes.has(key)) continue;
        this.#changes.set(key, { value, total: 0, wholeTurns: 0 });
      }
    } else if (news.kind === "write") {
      for (const [key, value] of news.values) {
        if (key === "echo.toPlc") this.#echoesWritten.add(value);
      }
    } else if (news.kind === "readings") this.#read(news.values);
  }

  seen(): VariablesSeen {
    const life = this.#life;
    return {
      stoodLife: life === null || life.hasChanged ? null : life.first,
      isEchoMissing: this.#echoesWritten.size > 0 && !this.#isEchoed,
      turnedKeys: [...this.#changes]
        .filter(
          ([, { total, wholeTurns }]) =>
            wholeTurns >= turnedChangesMin &&
            wholeTurns >= turnedChangesPerOther * (total - wholeTurns),
        )
        .map(([key]) => key),
    };
  }

  #read(values: Extract<WireNews, { kind: "readings" }>["values"]): void {
    const life = values.get("life.fromPlc");
    if (life !== undefined && !isNoValue(life)) {
      this.#life ??= { first: life, hasChanged: false };
      if (life !== this.#life.first) this.#life.hasChanged = true;
    }
    this.#isEchoed ||= this.#echoesWritten.has(values.get("echo.fromPlc"));
    for (const [key, changes] of this.#changes) {
      const value = values.get(key);
      if (typeof value !== "number" || value === changes.value) continue;
      const by = value - changes.value;
      changes.value = value;
      changes.total += 1;
      if (by % registerTurn === 0) changes.wholeTurns += 1;
    }
  }
}
