import { z } from "zod";

/**
 * The units that must not be mixed up are types of their own. All other quantities are plain
 * numbers whose names end in their unit (`lengthMm`, `weightG`, `leaseMs`).
 */

/** Milliseconds of a clock that never steps. Only good for differences on one machine. */
export type MonotonicMs = number & { readonly unit: "MonotonicMs" };
/** Milliseconds since 1970-01-01 UTC. May step; for records and people, never for the belt. */
export type EpochMs = number & { readonly unit: "EpochMs" };
/** Encoder counts of one belt, counted up from the sorter's session start. Safe integer. */
export type BeltCount = number & { readonly unit: "BeltCount" };

export const monotonicMs = (value: number): MonotonicMs => value as MonotonicMs;
export const epochMs = (value: number): EpochMs => value as EpochMs;
export const beltCount = (value: number): BeltCount => value as BeltCount;

/** A later moment is a wrong unit or a broken clock. */
const epochMsMax = Date.UTC(2101, 0, 1) - 1;

/** Schemas for the same units at a border. */
export const zEpochMs = z
  .number()
  .int()
  .min(0)
  .max(epochMsMax, "in milliseconds this lies beyond the year 2100")
  .transform(epochMs);
export const zBeltCount = z.number().int().safe().transform(beltCount);

/** What `zBeltCount` takes. */
export const isBeltCount = (value: unknown): value is BeltCount => Number.isSafeInteger(value);
