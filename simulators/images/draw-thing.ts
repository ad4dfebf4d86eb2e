import type { Entropy } from "../../protocols/time.ts";
import type { Plate, Pose } from "./plate.ts";

/** Draws one thing lying at `pose`, within its footprint. */
export type DrawThing = (plate: Plate, pose: Pose, chance: Entropy) => void;
