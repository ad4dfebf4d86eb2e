import type { Discarded } from "../dialect.ts";
import type { StillMissed, StillTaken } from "./camera.ts";

/** What a camera's dialects make of its wire. */
export type CameraHeard =
  | StillTaken
  | StillMissed
  /** It lives, and was not asked. */
  | { readonly kind: "alive" }
  /** Counters of the dialect's own. */
  | { readonly kind: "noted"; readonly counts: Readonly<Record<string, number>> }
  | Discarded;

/** A still is wanted now. */
export interface StillWanted {
  readonly id: string;
}
