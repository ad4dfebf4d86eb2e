import type { XrayPicture } from "./render.ts";
import { airReading } from "./materials.ts";

/**
 * The usual colours of a dual-energy picture, for previews made without a browser: hue from the
 * ratio of the two attenuations (orange organic, green mixed, blue metal), brightness from how
 * much came through, black where nothing did.
 */
export function colourXray(picture: XrayPicture): Uint8Array {
  const { low, high } = picture;
  const rgba = new Uint8Array(low.length * 4);
  for (let index = 0; index < low.length; index += 1) {
    const lowPassed = Math.min(1, Math.max(1e-4, (low[index] ?? 0) / airReading));
    const highPassed = Math.min(1, Math.max(1e-4, (high[index] ?? 0) / airReading));
    const attenuation = -Math.log(highPassed);
    const ratio = attenuation < 0.004 ? 1.2 : -Math.log(lowPassed) / attenuation;
    const [red, green, blue] = hueOf(ratio);
    // Faint shadows have an uncertain ratio, so they stay pale.
    const shade = Math.pow((lowPassed + highPassed) / 2, 0.75);
    const tint = Math.min(1, attenuation * 4.5) * (1 - Math.pow(1 - shade, 6));
    rgba[index * 4] = 255 * shade * (1 - tint * (1 - red));
    rgba[index * 4 + 1] = 255 * shade * (1 - tint * (1 - green));
    rgba[index * 4 + 2] = 255 * shade * (1 - tint * (1 - blue));
    rgba[index * 4 + 3] = 255;
  }
  return rgba;
}

type Rgb = readonly [number, number, number];

const hues: readonly (readonly [ratio: number, rgb: Rgb])[] = [
  [1.25, [1, 0.55, 0.08]],
  [1.4, [0.62, 0.72, 0.1]],
  [1.55, [0.1, 0.72, 0.25]],
  [1.75, [0.08, 0.55, 0.6]],
  [1.95, [0.08, 0.32, 0.95]],
];

function hueOf(ratio: number): Rgb {
  let [before, from] = hues[0] ?? [0, [0, 0, 0]];
  if (ratio <= before) return from;
  for (const [at, to] of hues) {
    if (ratio <= at) {
      const share = (ratio - before) / (at - before);
      return [
        from[0] + share * (to[0] - from[0]),
        from[1] + share * (to[1] - from[1]),
        from[2] + share * (to[2] - from[2]),
      ];
    }
    before = at;
    from = to;
  }
  return from;
}
