import type { Entropy } from "../../protocols/time.ts";
import { uniform } from "../world/chance.ts";
import { within, type Plate, type Pose } from "./plate.ts";
import { ellipsoid } from "./shapes.ts";

/** Loose grains in a bag, with the lumps that settle when it is carried. */
export function grains(
  plate: Plate,
  pose: Pose,
  chance: Entropy,
  bag: {
    readonly lengthMm: number;
    readonly widthMm: number;
    readonly grainMm: number;
    readonly count: number;
    readonly thickMm: number;
  },
): void {
  for (let grain = 0; grain < bag.count; grain += 1) {
    const angle = chance.next() * 6.283;
    const reach = Math.sqrt(chance.next()) * 0.46;
    ellipsoid(
      plate,
      within(
        pose,
        Math.cos(angle) * reach * bag.lengthMm,
        Math.sin(angle) * reach * bag.widthMm,
        chance.next() * 3.14,
      ),
      {
        of: "organic",
        lengthMm: bag.grainMm * uniform(chance, 1.2, 1.9),
        widthMm: bag.grainMm,
        thickMm: bag.thickMm,
      },
    );
  }
}
