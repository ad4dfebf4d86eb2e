import { hash } from "node:crypto";
import { imageKindOf } from "../../protocols/image-kind.ts";
import { createHeldImages } from "./held-images.ts";
import { boundsOfKind, type ImageBounds, type ImageRefusal, type ImageStore } from "./port.ts";

/** For virtual time: answers at once, and nothing outlives the run. */
export function createMemoryImages(bounds: ImageBounds): ImageStore {
  const held = createHeldImages(bounds);
  const images = new Map<string, Uint8Array>();
  const totals = {
    storedTotal: 0,
    evictedTotal: 0,
    stillsEvictedTotal: 0,
    refusedTotal: 0,
    stillsRefusedTotal: 0,
    failedTotal: 0,
    damagedTotal: 0,
  };

  const refusalOf = (sha256: string, bytes: Uint8Array, bytesMax: number): ImageRefusal | null => {
    if (bytes.byteLength > bytesMax) return "tooBig";
    return hash("sha256", bytes, "hex") === sha256 ? null : "hashWrong";
  };

  return {
    put: (sha256, bytes, then) => {
      if (held.kindOf(sha256) !== null) return then({ kind: "stored" });
      const kind = imageKindOf(bytes);
      const isStill = kind === "still";
      const code = refusalOf(sha256, bytes, boundsOfKind(kind, bounds).bytesMax);
      if (code !== null) {
        totals[isStill ? "stillsRefusedTotal" : "refusedTotal"] += 1;
        return then({ kind: "refused", code });
      }
      images.set(sha256, bytes);
      totals.storedTotal += 1;
      for (const oldest of held.add({ sha256, kind, bytes: bytes.byteLength })) {
        images.delete(oldest.sha256);
        totals[isStill ? "stillsEvictedTotal" : "evictedTotal"] += 1;
      }
      then({ kind: "stored" });
    },
    read: (sha256) => Promise.resolve(images.get(sha256) ?? null),
    has: (sha256) => held.kindOf(sha256) !== null,
    kindOf: (sha256) => held.kindOf(sha256),
    // Memory is bounded by its own bounds.
    makeRoom: () => {},
    counters: () => ({ ...held.totals(), ...totals }),
  };
}
