import {
  attenuationMax,
  attenuationSteps,
  materialSteps,
  ratioMax,
  ratioMin,
  type PreparedImage,
} from "./prepared-image.ts";

/** What the officer has switched on. Stored nowhere: reset is one key. */
export interface ImageTools {
  readonly view: "colour" | "grey" | "organic" | "metal";
  readonly isNegative: boolean;
  /** Opens up what is dark: looks through dense things. */
  readonly isPenetrating: boolean;
  /** -1 to 1 each; 0 leaves the image as it is. */
  readonly brightness: number;
  readonly contrast: number;
}

export const plainTools: ImageTools = {
  view: "colour",
  isNegative: false,
  isPenetrating: false,
  brightness: 0,
  contrast: 0,
};

type Rgb = readonly [red: number, green: number, blue: number];

/** The trade's colours: orange organic, green mixed and light metal, blue metal. */
const hues: readonly (readonly [ratio: number, rgb: Rgb])[] = [
  [1.25, [1, 0.55, 0.08]],
  [1.4, [0.62, 0.72, 0.1]],
  [1.55, [0.1, 0.72, 0.25]],
  [1.75, [0.08, 0.55, 0.6]],
  [1.95, [0.08, 0.32, 0.95]],
];
const organicRatioMax = 1.36;
const metalRatioMin = 1.7;
/** What a filter takes away stays as a faint shadow, so that the eye keeps its bearings. */
const fadedShare = 0.12;

/** RGBA words (little-endian, as canvas pixels) by index. 65,536 entries, a few milliseconds. */
export function colourTable(tools: ImageTools): Uint32Array {
  const table = new Uint32Array(attenuationSteps * materialSteps);
  for (let a = 0; a < attenuationSteps; a += 1) {
    const attenuation = (a / attenuationSteps) * attenuationMax;
    for (let m = 0; m < materialSteps; m += 1) {
      const ratio = ratioMin + ((m + 0.5) / materialSteps) * (ratioMax - ratioMin);
      table[a * materialSteps + m] = toWord(colourOf(attenuation, ratio, tools));
    }
  }
  return table;
}

/** Colour of one pixel. Pure, so that every tool can be tested by its numbers. */
export function colourOf(attenuation: number, ratio: number, tools: ImageTools): Rgb {
  const isFaded =
    (tools.view === "organic" && ratio > organicRatioMax) ||
    (tools.view === "metal" && ratio < metalRatioMin);
  const seen = isFaded ? Math.min(attenuation, 1) * fadedShare : attenuation;
  const shade = shadeOf(seen, tools);
  const isTinted = tools.view !== "grey" && !isFaded;
  // Faint shadows have an uncertain ratio, and black has no hue: both stay untinted.
  const tint = isTinted ? Math.min(1, seen * 4.5) * (1 - Math.pow(1 - shade, 6)) : 0;
  const hue = hueOf(ratio);
  const rgb = [
    shade * (1 - tint * (1 - hue[0])),
    shade * (1 - tint * (1 - hue[1])),
    shade * (1 - tint * (1 - hue[2])),
  ] as const;
  return tools.isNegative ? [1 - rgb[0], 1 - rgb[1], 1 - rgb[2]] : rgb;
}

function shadeOf(attenuation: number, tools: ImageTools): number {
  const gamma = tools.isPenetrating ? 0.3 : 0.75;
  const shade = Math.exp(-attenuation * gamma);
  const steepness = tools.contrast >= 0 ? 1 + 2 * tools.contrast : 1 + 0.8 * tools.contrast;
  return Math.min(1, Math.max(0, (shade - 0.5) * steepness + 0.5 + 0.5 * tools.brightness));
}

function hueOf(ratio: number): Rgb {
  let [before, from] = hues[0] ?? [0, [0, 0, 0]];
  for (const [at, to] of hues) {
    if (ratio <= at) {
      const share = at === before ? 1 : Math.max(0, (ratio - before) / (at - before));
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

const toWord = ([red, green, blue]: Rgb): number =>
  (0xff000000 | (toByte(blue) << 16) | (toByte(green) << 8) | toByte(red)) >>> 0;

const toByte = (share: number): number => Math.round(share * 255);

/** Colours every pixel into `words`, which has one a pixel. */
export function colourInto(words: Uint32Array, image: PreparedImage, table: Uint32Array): void {
  const { indexes } = image;
  for (let pixel = 0; pixel < indexes.length; pixel += 1) {
    words[pixel] = table[indexes[pixel] ?? 0] ?? 0;
  }
}
