import type { ImageBounds } from "./port.ts";

/** Which images a store holds and how large they are, oldest first: all but the bytes themselves. */
export interface HeldImages {
  has(sha256: string): boolean;
  /** Answers which images have to go for it, oldest first; they are not held any more. */
  add(sha256: string, bytes: number): readonly string[];
  drop(sha256: string): void;
  /** Answers the oldest that make up so many bytes, or all there are; they are not held any more. */
  letGo(bytes: number): { readonly gone: readonly string[]; readonly bytes: number };
  totals(): { readonly images: number; readonly bytes: number };
}

export function createHeldImages(bounds: ImageBounds): HeldImages {
  const held = new Map<string, number>();
  let bytes = 0;

  const drop = (sha256: string): void => {
    bytes -= held.get(sha256) ?? 0;
    held.delete(sha256);
  };

  return {
    has: (sha256) => held.has(sha256),
    add: (sha256, added) => {
      drop(sha256);
      held.set(sha256, added);
      bytes += added;
      const gone: string[] = [];
      for (const oldest of held.keys()) {
        if (bytes <= bounds.bytesMax && held.size <= bounds.imagesMax) break;
        drop(oldest);
        gone.push(oldest);
      }
      return gone;
    },
    drop,
    letGo: (wanted) => {
      const gone: string[] = [];
      let freed = 0;
      for (const [oldest, size] of held) {
        if (freed >= wanted) break;
        drop(oldest);
        gone.push(oldest);
        freed += size;
      }
      return { gone, bytes: freed };
    },
    totals: () => ({ images: held.size, bytes }),
  };
}
