import { z } from "zod";
import { modulo } from "../../protocols/modulo.ts";

/**
 * How far a sorter's counter counts before it begins anew. A controller's variable has a width: a
 * signed one of 32 bits is full after 24.8 days of belt at a count a millisecond, and the count that
 * follows its largest is its smallest.
 */
export const zCounterWidth = z.strictObject({
  bits: z.literal([16, 24, 32]).describe("Width of the counter."),
  isSigned: z.boolean().describe("Whether half of its numbers are negative."),
});
export type CounterWidth = z.infer<typeof zCounterWidth>;

/** Beside a dialect's other settings. Null: the counter holds every safe integer and never wraps. */
export const counterSetting = {
  counter: zCounterWidth
    .nullable()
    .default(null)
    .describe("Where the sorter's belt count begins anew; null for one that never does."),
};

/** Whether a counter of this width can show this number at all. */
export function isOnCounter(count: number, width: CounterWidth | null): boolean {
  if (width === null) return true;
  const { least, most } = rangeOf(width);
  return count >= least && count <= most;
}

/** From one count to another, by the shorter way round. */
export function countsBetween(from: number, to: number, width: CounterWidth | null): number {
  if (width === null) return to - from;
  const half = 2 ** (width.bits - 1);
  return modulo(to - from + half, 2 * half) - half;
}

/** What the device's own counter shows at a count of ours. */
export function countOnWire(count: number, width: CounterWidth | null): number {
  if (width === null) return count;
  const { least } = rangeOf(width);
  return modulo(count - least, 2 ** width.bits) + least;
}

/** A belt that may have run further than this may as well have run the other way round. */
export const countsTellableMax = (width: CounterWidth | null): number =>
  width === null ? Number.POSITIVE_INFINITY : 2 ** (width.bits - 1) - 1;

function rangeOf({ bits, isSigned }: CounterWidth): { least: number; most: number } {
  const least = isSigned ? -(2 ** (bits - 1)) : 0;
  return { least, most: least + 2 ** bits - 1 };
}
