import type { ImageKind } from "../../protocols/image-kind.ts";
import { boundsOfKind, type ImageBounds } from "./port.ts";

/** Which images a store holds and how large they are, oldest first: all but the bytes themselves. */
export interface HeldImages {
  kindOf(sha256: string): ImageKind | null;
  /** Answers which of its kind have to go for it, oldest first; they are not held any more. */
  add(image: HeldImage): readonly HeldImage[];
  drop(sha256: string): void;
  /**
   * Answers what makes up so many bytes, or all there is, for one of that kind: stills, oldest first, and
   * then X-ray images, but none of these for a still. They are not held any more.
   */
  letGo(bytes: number, forKind: ImageKind): { readonly gone: readonly HeldImage[]; bytes: number };
  totals(): Readonly<Record<"images" | "bytes" | "stills" | "stillBytes", number>>;
}

export interface HeldImage {
  readonly sha256: string;
  readonly kind: ImageKind;
  readonly bytes: number;
}

export function createHeldImages(bounds: ImageBounds): HeldImages {
  const books = {
    xray: createBook(boundsOfKind("xray", bounds)),
    still: createBook(boundsOfKind("still", bounds)),
  } as const;

  const kindOf = (sha256: string): ImageKind | null =>
    books.xray.held.has(sha256) ? "xray" : books.still.held.has(sha256) ? "still" : null;

  return {
    kindOf,
    add: (image) => books[image.kind].add(image),
    drop: (sha256) => {
      const kind = kindOf(sha256);
      if (kind !== null) books[kind].drop(sha256);
    },
    letGo: (wanted, forKind) => {
      const stills = books.still.letGo(wanted);
      if (forKind === "still") return stills;
      const images = books.xray.letGo(wanted - stills.bytes);
      return { gone: [...stills.gone, ...images.gone], bytes: stills.bytes + images.bytes };
    },
    totals: () => {
      const [images, stills] = [books.xray.totals(), books.still.totals()];
      return { ...images, stills: stills.images, stillBytes: stills.bytes };
    },
  };
}

/** Images of one kind. */
function createBook(bounds: ImageBounds) {
  const held = new Map<string, HeldImage>();
  let bytes = 0;

  const drop = (sha256: string): void => {
    bytes -= held.get(sha256)?.bytes ?? 0;
    held.delete(sha256);
  };

  return {
    held: held as ReadonlyMap<string, HeldImage>,
    drop,
    add: (image: HeldImage): readonly HeldImage[] => {
      drop(image.sha256);
      held.set(image.sha256, image);
      bytes += image.bytes;
      const gone: HeldImage[] = [];
      for (const oldest of held.values()) {
        if (bytes <= bounds.bytesMax && held.size <= bounds.imagesMax) break;
        drop(oldest.sha256);
        gone.push(oldest);
      }
      return gone;
    },
    letGo: (wanted: number): { readonly gone: readonly HeldImage[]; bytes: number } => {
      const gone: HeldImage[] = [];
      let freed = 0;
      for (const oldest of held.values()) {
        if (freed >= wanted) break;
        drop(oldest.sha256);
        gone.push(oldest);
        freed += oldest.bytes;
      }
      return { gone, bytes: freed };
    },
    totals: () => ({ images: held.size, bytes }),
  };
}
