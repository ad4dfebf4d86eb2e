import type { ContentKind } from "../world/contents.ts";

/** Pictures whose contents are remembered: far more than ever wait for an officer at once. */
const picturesMax = 5_000;

/**
 * What a person could recognise in a picture, by the picture's hash. It models looking, and never
 * leaves the world: no message is made from it but an officer's own decision.
 */
export interface Eyesight {
  remember(imageHash: string, visible: readonly ContentKind[]): void;
  /** Null for a picture the lab did not make. */
  look(imageHash: string): readonly ContentKind[] | null;
}

export function createEyesight(): Eyesight {
  const visibleByHash = new Map<string, readonly ContentKind[]>();
  return {
    remember(imageHash, visible) {
      visibleByHash.set(imageHash, visible);
      if (visibleByHash.size <= picturesMax) return;
      for (const oldest of visibleByHash.keys()) {
        visibleByHash.delete(oldest);
        break;
      }
    },
    look: (imageHash) => visibleByHash.get(imageHash) ?? null,
  };
}
