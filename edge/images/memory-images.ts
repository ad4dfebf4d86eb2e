import { hash } from "node:crypto";
import { createHeldImages } from "./held-images.ts";
import type { ImageBounds, ImageRefusal, ImageStore } from "./port.ts";

/** For virtual time: answers at once, and nothing outlives the run. */
export function createMemoryImages(bounds: ImageBounds): ImageStore {
  const held = createHeldImages(bounds);
  const images = new Map<string, Uint8Array>();
  const totals = {
    storedTotal: 0,
    evictedTotal: 0,
    refusedTotal: 0,
    failedTotal: 0,
    damagedTotal: 0,
  };

  const refusalOf = (sha256: string, bytes: Uint8Array): ImageRefusal | null => {
    if (bytes.byteLength > bounds.bytesMax) return "tooBig";
    return hash("sha256", bytes, "hex") === sha256 ? null : "hashWrong";
  };

  return {
    put: (sha256, bytes, then) => {
      if (held.has(sha256)) return then({ kind: "stored" });
      const code = refusalOf(sha256, bytes);
      if (code !== null) {
        totals.refusedTotal += 1;
        return then({ kind: "refused", code });
      }
      images.set(sha256, bytes);
      totals.storedTotal += 1;
      for (const oldest of held.add(sha256, bytes.byteLength)) {
        images.delete(oldest);
        totals.evictedTotal += 1;
      }
      then({ kind: "stored" });
    },
    read: (sha256) => Promise.resolve(images.get(sha256) ?? null),
    has: (sha256) => held.has(sha256),
    // Memory is bounded by its own bounds.
    makeRoom: () => {},
    counters: () => ({ ...held.totals(), ...totals }),
  };
}
