import { renderXray, type ImageSize, type InBeam, type XrayPicture } from "./render.ts";

/** Makes the pictures of a line's X-ray. */
export type PictureSource = (items: readonly InBeam[]) => XrayPicture;

/** Distinct pictures that are kept. */
const pooledMax = 2_048;
/** Lengths this close share a picture. */
const lengthStepMm = 100;

/**
 * Long runs in virtual time need many pictures that nobody looks at: parcels with the same things
 * inside share one. What an algorithm can tell from it is the same.
 */
export function createPooledPictures(size: ImageSize): PictureSource {
  const pool = new Map<string, XrayPicture>();
  return (items) => {
    const key = items
      .map(
        ({ lengthMm, contents }) =>
          `${Math.round(lengthMm / lengthStepMm)}:${contents.items.join()}`,
      )
      .join("|");
    const known = pool.get(key);
    if (known !== undefined) return known;
    const picture = renderXray(items, size);
    if (pool.size < pooledMax) pool.set(key, picture);
    return picture;
  };
}
