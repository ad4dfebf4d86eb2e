import type { DecisionRules } from "./rules.ts";

/** Within the wider of both tolerances of what was declared. All in grams. */
export const isPlausibleWeight = (
  weightG: number,
  declaredG: number,
  { toleranceG, tolerancePct }: NonNullable<DecisionRules["weight"]>,
): boolean =>
  Math.abs(weightG - declaredG) <= Math.max(toleranceG, (declaredG * tolerancePct) / 100);
