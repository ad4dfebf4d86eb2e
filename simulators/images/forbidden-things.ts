import type { ForbiddenKind } from "../world/contents.ts";
import type { DrawThing } from "./draw-thing.ts";
import { grains } from "./grains.ts";
import { within } from "./plate.ts";
import { box, cutout, cylinder, disc, ellipsoid, frame, ring } from "./shapes.ts";

const knife: DrawThing = (plate, pose) => {
  cutout(plate, pose, {
    of: "metal",
    thickMm: 3.2,
    // The blade thins out from its back to its edge.
    relief: (_xMm, yMm) => 0.45 + 0.55 * Math.min(1, Math.max(0, (13 - yMm) / 24)),
    outline: [
      [-18, -13],
      [92, -13],
      [112, -5],
      [118, 4],
      [96, 12],
      [-18, 14],
    ],
  });
  box(plate, within(pose, -66, 0), { of: "metal", lengthMm: 100, widthMm: 13, thickMm: 3.5 });
  box(plate, within(pose, -70, 0), {
    of: "organic",
    lengthMm: 98,
    widthMm: 27,
    thickMm: 14,
    cornerMm: 9,
  });
  box(plate, within(pose, -20, 0), { of: "metal", lengthMm: 7, widthMm: 34, thickMm: 5 });
  for (const xMm of [-100, -72, -44]) {
    disc(plate, within(pose, xMm, 0), { of: "metal", diameterMm: 7, thickMm: 8 });
  }
};

const pistol: DrawThing = (plate, pose) => {
  const slide = within(pose, 0, -46);
  box(plate, slide, { of: "metal", lengthMm: 180, widthMm: 24, thickMm: 4.5, cornerMm: 3 });
  cylinder(plate, within(slide, 34, -2), {
    of: "metal",
    lengthMm: 112,
    diameterMm: 14,
    wallMm: 2.6,
  });
  cylinder(plate, within(slide, 38, 9), { of: "metal", lengthMm: 84, diameterMm: 6 });
  box(plate, within(slide, -40, -1), { of: "metal", lengthMm: 38, widthMm: 15, thickMm: 9 });
  box(plate, within(slide, 84, -15), { of: "metal", lengthMm: 5, widthMm: 6, thickMm: 4 });
  box(plate, within(slide, -82, -15), { of: "metal", lengthMm: 8, widthMm: 6, thickMm: 6 });
  box(plate, within(pose, -8, -28), {
    of: "metal",
    lengthMm: 136,
    widthMm: 14,
    thickMm: 3,
    cornerMm: 3,
  });
  ring(plate, within(pose, -6, -8), { of: "metal", diameterMm: 42, wallMm: 4.5, thickMm: 6 });
  cutout(plate, within(pose, -6, -10), {
    of: "metal",
    thickMm: 7,
    outline: [
      [-4, -14],
      [3, -14],
      [6, 0],
      [2, 14],
      [-1, 13],
      [1, 0],
    ],
  });
  const grip = within(pose, -58, 16, 1.37);
  box(plate, grip, { of: "organic", lengthMm: 104, widthMm: 46, thickMm: 22, cornerMm: 10 });
  frame(plate, grip, {
    of: "metal",
    lengthMm: 100,
    widthMm: 30,
    cornerMm: 3,
    wallMm: 2.2,
    thickMm: 11,
  });
  for (let round = 0; round < 9; round += 1) {
    const at = within(grip, -42 + round * 9.6, 0, Math.PI / 2 - 0.12);
    cylinder(plate, within(at, -3, 0), { of: "metal", lengthMm: 17, diameterMm: 8.4, wallMm: 0.7 });
    ellipsoid(plate, within(at, 9, 0), { of: "dense", lengthMm: 12, widthMm: 8, thickMm: 4 });
  }
};

const ammunition: DrawThing = (plate, pose) => {
  frame(plate, pose, {
    of: "organic",
    lengthMm: 118,
    widthMm: 68,
    cornerMm: 2,
    wallMm: 3,
    thickMm: 20,
  });
  for (let row = 0; row < 5; row += 1) {
    for (let column = 0; column < 3; column += 1) {
      const at = within(pose, -38 + column * 36, -25 + row * 12.5);
      cylinder(plate, within(at, -5, 0), {
        of: "metal",
        lengthMm: 20,
        diameterMm: 9.6,
        wallMm: 0.8,
      });
      ellipsoid(plate, within(at, 8, 0), { of: "dense", lengthMm: 17, widthMm: 9, thickMm: 5 });
      box(plate, within(at, -15.5, 0), { of: "metal", lengthMm: 1.6, widthMm: 11, thickMm: 7 });
    }
  }
};

const lithiumPack: DrawThing = (plate, pose, chance) => {
  box(plate, pose, { of: "organic", lengthMm: 118, widthMm: 78, thickMm: 4, cornerMm: 5 });
  for (let cell = 0; cell < 4; cell += 1) {
    const at = within(pose, -14, -28.5 + cell * 19, chance.next() < 0.5 ? 0 : Math.PI);
    cylinder(plate, at, { of: "metal", lengthMm: 65, diameterMm: 18, wallMm: 0.4 });
    cylinder(plate, at, { of: "mixed", lengthMm: 58, diameterMm: 16.5, wallMm: 6 });
    cylinder(plate, within(at, 31, 0), { of: "metal", lengthMm: 4, diameterMm: 9 });
  }
  box(plate, within(pose, 40, 0), { of: "mixed", lengthMm: 26, widthMm: 70, thickMm: 3 });
  for (let part = 0; part < 9; part += 1) {
    box(plate, within(pose, 34 + (part % 3) * 7, -24 + Math.floor(part / 3) * 22), {
      of: "metal",
      lengthMm: 5,
      widthMm: 7,
      thickMm: 1.4,
    });
  }
  for (const side of [-1, 1]) {
    box(plate, within(pose, -14 + side * 34, 0), {
      of: "metal",
      lengthMm: 4,
      widthMm: 66,
      thickMm: 0.6,
    });
  }
};

const seeds: DrawThing = (plate, pose, chance) => {
  box(plate, pose, { of: "organic", lengthMm: 128, widthMm: 98, thickMm: 1.5, cornerMm: 12 });
  grains(plate, pose, chance, {
    lengthMm: 120,
    widthMm: 92,
    grainMm: 6.5,
    count: 210,
    thickMm: 13,
  });
};

const powderBrick: DrawThing = (plate, pose) => {
  box(plate, pose, { of: "organic", lengthMm: 156, widthMm: 96, thickMm: 62, cornerMm: 8 });
  for (const xMm of [-44, 44]) {
    box(plate, within(pose, xMm, 0), {
      of: "organic",
      lengthMm: 34,
      widthMm: 98,
      thickMm: 7,
    });
  }
  box(plate, pose, { of: "organic", lengthMm: 158, widthMm: 26, thickMm: 7 });
};

export const forbiddenThings: Readonly<Record<ForbiddenKind, DrawThing>> = {
  knife,
  pistol,
  ammunition,
  lithiumPack,
  seeds,
  powderBrick,
};
