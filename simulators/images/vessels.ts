import { uniform } from "../world/chance.ts";
import type { DrawThing } from "./draw-thing.ts";
import { within } from "./plate.ts";
import { box, cylinder, disc, ring, wire } from "./shapes.ts";

const bottle: DrawThing = (plate, pose) => {
  cylinder(plate, within(pose, -14, 0), {
    of: "mixed",
    lengthMm: 118,
    diameterMm: 46,
    wallMm: 1.3,
  });
  cylinder(plate, within(pose, -20, 0), { of: "organic", lengthMm: 98, diameterMm: 43 });
  cylinder(plate, within(pose, 54, 0), { of: "mixed", lengthMm: 22, diameterMm: 24, wallMm: 1.5 });
  cylinder(plate, within(pose, 68, 0), { of: "organic", lengthMm: 22, diameterMm: 28 });
  cylinder(plate, within(pose, 20, 0), { of: "metal", lengthMm: 60, diameterMm: 1.2 });
};

export const bottles: DrawThing = (plate, pose, chance) => {
  bottle(plate, within(pose, 0, -27), chance);
  bottle(plate, within(pose, 4, 27, Math.PI), chance);
};

export const cosmetics: DrawThing = (plate, pose, chance) => {
  ring(plate, within(pose, -40, -18), { of: "organic", diameterMm: 58, wallMm: 5, thickMm: 14 });
  disc(plate, within(pose, -40, -18), { of: "mixed", diameterMm: 48, thickMm: 3 });
  for (let stick = 0; stick < 4; stick += 1) {
    const at = within(pose, 32, -36 + stick * 23, uniform(chance, -0.15, 0.15));
    cylinder(plate, at, { of: "organic", lengthMm: 70, diameterMm: 18, wallMm: 2 });
    cylinder(plate, within(at, -10, 0), { of: "organic", lengthMm: 40, diameterMm: 13 });
    cylinder(plate, within(at, 24, 0), { of: "mixed", lengthMm: 24, diameterMm: 20, wallMm: 0.9 });
  }
  box(plate, within(pose, -40, 32), {
    of: "organic",
    lengthMm: 60,
    widthMm: 28,
    thickMm: 16,
    cornerMm: 12,
  });
};

export const tableware: DrawThing = (plate, pose) => {
  disc(plate, pose, { of: "mixed", diameterMm: 190, thickMm: 4 });
  ring(plate, pose, { of: "mixed", diameterMm: 192, wallMm: 7, thickMm: 6 });
  ring(plate, pose, { of: "mixed", diameterMm: 118, wallMm: 5, thickMm: 8 });
  ring(plate, within(pose, 12, 6), { of: "mixed", diameterMm: 88, wallMm: 4, thickMm: 42 });
  disc(plate, within(pose, 12, 6), { of: "mixed", diameterMm: 84, thickMm: 4 });
  wire(plate, within(pose, 62, 6), {
    of: "mixed",
    diameterMm: 9,
    path: [
      [-8, -18],
      [14, -14],
      [20, 0],
      [14, 14],
      [-8, 18],
    ],
  });
};
