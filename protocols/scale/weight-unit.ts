/** Units in which scales tell weights here. Ounces are avoirdupois, sixteen to the pound. */
export const weightUnits = ["g", "kg", "lb", "oz"] as const;
export type WeightUnit = (typeof weightUnits)[number];

/** Exactly 453.59237 g are one pound. */
const gramsPerUnit = {
  g: { numerator: 1n, denominator: 1n },
  kg: { numerator: 1_000n, denominator: 1n },
  lb: { numerator: 45_359_237n, denominator: 100_000n },
  oz: { numerator: 45_359_237n, denominator: 1_600_000n },
} as const satisfies Record<WeightUnit, { numerator: bigint; denominator: bigint }>;

/**
 * `digits` (a whole number, 0 or more) times ten to the power of `exponent`, in grams: exact, rounded
 * half up where the scale is finer than a gram.
 */
export function gramsOf(digits: number, exponent: number, unit: WeightUnit): number {
  const { numerator, denominator } = gramsPerUnit[unit];
  const product = BigInt(digits) * numerator * 10n ** BigInt(Math.max(exponent, 0));
  const divisor = denominator * 10n ** BigInt(Math.max(-exponent, 0));
  return Number((2n * product + divisor) / (2n * divisor));
}
