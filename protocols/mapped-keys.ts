import { z } from "zod";

/** The keys of a schema. */
export type Shape = z.ZodRawShape;

/** How a wire says where a variable of a controller is. */
export interface PlaceKeys<
  Value extends Shape,
  Flag extends Shape,
  Toggle extends Shape,
  List extends Shape,
> {
  readonly value: Value;
  /** True or false, read. */
  readonly flag: Flag;
  /** True or false, written. */
  readonly toggle: Toggle;
  /** An array that is read whole. */
  readonly list: List;
}

/** A variable, with what is to be known of it beside its place. */
export const placed = <Place extends Shape, More extends Shape>(
  place: Place,
  more: More,
  says: string,
) => z.strictObject({ ...place, ...more }).describe(says);

export const scale = {
  scale: z.number().gt(0).max(1_000_000).default(1).describe("The value times this counts."),
};
export const isActiveLow = {
  isActiveLow: z
    .boolean()
    .default(false)
    .describe("Whether false, not true, says what the key says."),
};
/** Of a number that grows by one each time. */
export const times = {
  bits: z.literal([16, 32]).describe("Width of the number, which wraps."),
};

export const zPollMs = z
  .number()
  .int()
  .min(5)
  .max(250)
  .default(20)
  .describe("All variables are read this often.");
