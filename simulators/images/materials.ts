/**
 * Attenuation of the two beams, per millimetre of solid material. The ratio low to high tells
 * light from heavy atoms, which is what the usual colours show: about 1.2 organic (orange), 1.5
 * light metals, glass and electronics (green), above 2 steel (blue). Dense metals let nothing
 * through (black). Rounded values for effective energies near 60 and 100 keV.
 */
export const attenuationPerMm = {
  organic: { low: 0.022, high: 0.0185 },
  mixed: { low: 0.075, high: 0.05 },
  metal: { low: 0.6, high: 0.27 },
  dense: { low: 3, high: 1.7 },
} as const;
export type XrayMaterial = keyof typeof attenuationPerMm;

/** Detector reading without anything in the beam; what is left up to 65,535 is room for noise. */
export const airReading = 64_000;
/** What scatter still lets a detector read behind the densest thing. */
export const scatterReading = 350;
