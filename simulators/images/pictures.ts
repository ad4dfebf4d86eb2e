import { renderXray, type ImageSize, type InBeam, type XrayPicture } from "./render.ts";

/** Makes the pictures of a line's X-ray. */
export type PictureSource = (items: readonly InBeam[]) => XrayPicture;

/** Distinct pictures that are kept. */
const pooledMax = 2_048;
/** Lengths this close share a picture. */
const lengthStepMm = 100;

/**
 * Long runs in virtual time need many pictures that nobody looks at, so parcels with the same
 * things inside share one. An algorithm can tell the same from it as from a picture of its own.
 */
export function createPooledPictures(size: ImageSize): PictureSource {
  const pool = new Map<string, XrayPicture>();
  let taken = 0;
  return (items) => {
    taken += 1;
    const key = items
      .map(
        ({ lengthMm, contents }) =>
          `${Math.round(lengthMm / lengthStepMm)}:${contents.items.join()}`,
      )
      .join("|");
    const known = pool.get(key);
    const picture = known ?? renderXray(items, size);
    if (known === undefined && pool.size < pooledMax) pool.set(key, picture);
    return { ...picture, high: withNoise(picture.high, taken) };
  };
}

/**
 * A real detector never gives two pictures that are the same to the last bit. So the lowest bits of
 * the first pixels are changed each time.
 */
function withNoise(plane: Uint16Array<ArrayBuffer>, taken: number): Uint16Array<ArrayBuffer> {
  const noisy = plane.slice();
  for (let bit = 0; bit < 32; bit += 1) {
    noisy[bit] = ((noisy[bit] ?? 0) & ~1) | ((taken >>> bit) & 1);
  }
  return noisy;
}
