import { z } from "zod";

/**
 * How far a device's clock was measured to be from its line agent's; above zero it is ahead. It is for
 * people who compare the device's own records with ours, and proves nothing.
 */
export const zDeviceClock = z.strictObject({
  offsetMs: z.number().int(),
  /** The true one lies within so much of it, either way. */
  boundMs: z.number().int().min(0),
});
