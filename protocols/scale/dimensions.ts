import { z } from "zod";

const zEdgeMm = z.number().int().min(1).max(10_000);

/**
 * The edges of what lay on a scale that measures as well, whole millimetres. Which of them lies along
 * the belt is a matter of how the machine is set up: `length` is meant to.
 */
export const zDimensionsMm = z.strictObject({ length: zEdgeMm, width: zEdgeMm, height: zEdgeMm });
export type DimensionsMm = z.infer<typeof zDimensionsMm>;

/** Null where an edge is nothing, or longer than any that is taken for one here. */
export function dimensionsOf(edges: DimensionsMm): DimensionsMm | null {
  return zDimensionsMm.safeParse(edges).data ?? null;
}
