/** Units in which measuring machines tell lengths here. */
export const lengthUnits = ["mm", "cm", "in"] as const;
export type LengthUnit = (typeof lengthUnits)[number];

/** Exactly 25.4 mm are one inch. */
const tenthsOfMmPerUnit = { mm: 10n, cm: 100n, in: 254n } as const satisfies Record<
  LengthUnit,
  bigint
>;

/**
 * `digits` (a whole number, 0 or more) times ten to the power of `exponent`, in millimetres: exact,
 * rounded half up where the machine is finer than a millimetre.
 */
export function millimetresOf(digits: number, exponent: number, unit: LengthUnit): number {
  const product = BigInt(digits) * tenthsOfMmPerUnit[unit] * 10n ** BigInt(Math.max(exponent, 0));
  const divisor = 10n ** BigInt(1 + Math.max(-exponent, 0));
  return Number((2n * product + divisor) / (2n * divisor));
}
