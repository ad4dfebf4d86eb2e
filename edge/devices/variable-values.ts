import { isNoValue, type VariableReadings, type VariableValue } from "./variables.ts";

/**
 * Looks values of one request up by their keys and remembers the first that is none; what it gives
 * then is of no use.
 */
export class VariableValues {
  readonly #readings: VariableReadings;
  /** The first value that is none, by its key; null: all that were asked for are there. */
  why: string | null = null;

  constructor(readings: VariableReadings) {
    this.#readings = readings;
  }

  number(key: string): number {
    const value = this.#value(key);
    return typeof value === "number" ? value : this.#none(key, 0);
  }

  /** True also where it is none: whoever goes on with that must not take it for an answer. */
  flag(key: string, { isActiveLow }: { readonly isActiveLow: boolean }): boolean {
    const value = this.#value(key);
    return typeof value === "boolean" ? value !== isActiveLow : this.#none(key, true);
  }

  word(key: string): string | number {
    const value = this.#value(key);
    return typeof value === "string" || typeof value === "number" ? value : this.#none(key, 0);
  }

  list(key: string): readonly number[] {
    const value = this.#value(key);
    return typeof value === "object" ? value : this.#none(key, []);
  }

  #value(key: string): VariableValue | undefined {
    const value = this.#readings.values.get(key);
    if (value === undefined || !isNoValue(value)) return value;
    this.why ??= `${key}: ${value.why}`;
    return undefined;
  }

  #none<T>(key: string, instead: T): T {
    this.why ??= `${key}: it was not read`;
    return instead;
  }
}
