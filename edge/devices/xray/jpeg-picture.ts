import { readJpegFile } from "../../../protocols/xray/jpeg-file.ts";
import type { Shadow } from "./shadow-length.ts";

/**
 * A JPEG file as a picture of one energy in which air is bright. What was lost when it was made is not
 * in it, and so the picture says of itself that it is lossy; colours become the grey that an eye sees.
 */
export interface JpegPicture extends Shadow {
  readonly isLossy: true;
  /** Some pixel was no grey. */
  readonly isFromColour: boolean;
}

/** One byte a component, pixel by pixel. Null: it cannot be decoded. */
export type JpegDecode = (file: Uint8Array) => JpegSamples | null;

export interface JpegSamples {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly components: number;
  readonly samples: Uint8Array;
}

/** By so much the colours of a grey pixel differ, once they were rounded. */
const greySpreadMax = 12;

/** Refused by its head before anything is decoded, so that no more is unpacked than it says. */
export function readJpeg(
  file: Uint8Array,
  decode: JpegDecode,
): JpegPicture | { readonly why: string } {
  const head = readJpegFile(file, "baseline");
  if ("why" in head) return head;
  const { widthPx, heightPx, components } = head;
  const decoded = decode(file);
  const isWhole =
    decoded !== null &&
    decoded.widthPx === widthPx &&
    decoded.heightPx === heightPx &&
    decoded.components === components &&
    decoded.samples.length === widthPx * heightPx * components;
  if (!isWhole) return { why: "a JPEG image whose pixels cannot be read" };
  const { samples } = decoded;
  const grey = components === 1 ? greyOf(samples) : greyOfColours(samples, widthPx * heightPx);
  return { widthPx, heightPx, isLossy: true, ...grey };
}

type Grey = Pick<JpegPicture, "plane" | "isFromColour">;

/** 255 becomes 65,535, which is air. */
const spread = 257;

const greyOf = (samples: Uint8Array): Grey => ({
  plane: Uint16Array.from(samples, (sample) => sample * spread),
  isFromColour: false,
});

/** The luminance of ITU-R BT.601, which these files are made by. */
function greyOfColours(samples: Uint8Array, pixels: number): Grey {
  const plane = new Uint16Array(pixels);
  let isFromColour = false;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const red = samples[3 * pixel] ?? 0;
    const green = samples[3 * pixel + 1] ?? 0;
    const blue = samples[3 * pixel + 2] ?? 0;
    isFromColour ||= Math.max(red, green, blue) - Math.min(red, green, blue) > greySpreadMax;
    plane[pixel] = Math.round((0.299 * red + 0.587 * green + 0.114 * blue) * spread);
  }
  return { plane, isFromColour };
}
