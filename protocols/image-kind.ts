import { imageFormatOf } from "./xray/image-format.ts";

/**
 * What an image is to a line: X-ray images decide where parcels go, a camera's still decides nothing. So
 * stills have room and ways of their own, within bounds of their own, and come second everywhere: one
 * never costs an X-ray image anything.
 */
export type ImageKind = "xray" | "still";

/** A still is kept as the camera gave it, an X-ray image in our own format, whatever its machine sends. */
export function imageKindOf(bytes: Uint8Array): ImageKind {
  const format = imageFormatOf(bytes);
  return format === "jpeg" || format === "png" ? "still" : "xray";
}
