import { footprintMm, type ContentKind } from "../world/contents.ts";
import type { XrayMaterial } from "./materials.ts";
import type { Plate, Pose } from "./plate.ts";
import { box } from "./shapes.ts";

/** What a thing mostly is, for pictures too small to show how it is made. */
const mostly: Readonly<Record<ContentKind, readonly [of: XrayMaterial, thickMm: number]>> = {
  clothes: ["organic", 12],
  shoes: ["organic", 14],
  phone: ["mixed", 9],
  bottles: ["organic", 30],
  book: ["organic", 22],
  toyCar: ["organic", 14],
  teddy: ["organic", 12],
  charger: ["mixed", 6],
  cosmetics: ["mixed", 5],
  tableware: ["mixed", 9],
  watch: ["metal", 3],
  tools: ["metal", 4],
  tea: ["organic", 14],
  knife: ["metal", 3],
  pistol: ["metal", 9],
  ammunition: ["dense", 4],
  lithiumPack: ["mixed", 16],
  seeds: ["organic", 26],
  powderBrick: ["organic", 66],
};

export function sketch(plate: Plate, pose: Pose, kind: ContentKind): void {
  const [lengthMm, widthMm] = footprintMm[kind];
  const [of, thickMm] = mostly[kind];
  box(plate, pose, { of, thickMm, lengthMm, widthMm });
}
