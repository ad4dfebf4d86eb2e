import type { Entropy } from "../../protocols/time.ts";
import { uniform } from "../world/chance.ts";
import type { DrawThing } from "./draw-thing.ts";
import { within, type Plate, type Pose } from "./plate.ts";
import { box, cutout, cylinder, disc, frame, ring, wire } from "./shapes.ts";

/** A printed board with parts on it: what makes electronics look like electronics. */
function board(
  plate: Plate,
  pose: Pose,
  chance: Entropy,
  size: { readonly lengthMm: number; readonly widthMm: number },
): void {
  const { lengthMm, widthMm } = size;
  box(plate, pose, { of: "mixed", lengthMm, widthMm, thickMm: 2.2, cornerMm: 2 });
  const parts = Math.round((lengthMm * widthMm) / 55);
  for (let part = 0; part < parts; part += 1) {
    const partMm = uniform(chance, 1.5, 8);
    const xMm = uniform(chance, -0.5, 0.5) * (lengthMm - partMm);
    const yMm = uniform(chance, -0.5, 0.5) * (widthMm - partMm);
    box(plate, within(pose, xMm, yMm), {
      of: chance.next() < 0.4 ? "metal" : "mixed",
      lengthMm: partMm,
      widthMm: uniform(chance, 1.5, 6),
      thickMm: uniform(chance, 0.3, 1.2),
    });
  }
}

export const phone: DrawThing = (plate, pose, chance) => {
  box(plate, pose, { of: "mixed", lengthMm: 150, widthMm: 72, thickMm: 3, cornerMm: 11 });
  frame(plate, pose, {
    of: "mixed",
    lengthMm: 150,
    widthMm: 72,
    cornerMm: 11,
    wallMm: 3,
    thickMm: 9,
  });
  box(plate, within(pose, 16, 8), {
    of: "mixed",
    lengthMm: 84,
    widthMm: 46,
    thickMm: 8,
    cornerMm: 3,
  });
  box(plate, within(pose, 16, 8), {
    of: "metal",
    lengthMm: 80,
    widthMm: 42,
    thickMm: 0.5,
    cornerMm: 3,
    relief: (xMm) => 1 + 0.15 * Math.sin(xMm / 1.7),
  });
  board(plate, within(pose, -52, 0), chance, { lengthMm: 34, widthMm: 62 });
  board(plate, within(pose, 10, -26), chance, { lengthMm: 90, widthMm: 12 });
  for (let lens = 0; lens < 3; lens += 1) {
    ring(plate, within(pose, -62 + lens * 17, 20), {
      of: "metal",
      diameterMm: 13,
      wallMm: 2.5,
      thickMm: 1.6,
    });
  }
  ring(plate, within(pose, 16, 8), { of: "metal", diameterMm: 42, wallMm: 5, thickMm: 0.35 });
  box(plate, within(pose, 70, 0), { of: "metal", lengthMm: 8, widthMm: 10, thickMm: 1.2 });
  disc(plate, within(pose, 62, -24), { of: "metal", diameterMm: 10, thickMm: 1.5 });
};

export const toyCar: DrawThing = (plate, pose, chance) => {
  cutout(plate, pose, {
    of: "organic",
    thickMm: 9,
    outline: [
      [-88, -34],
      [-80, -42],
      [70, -42],
      [88, -26],
      [88, 26],
      [70, 42],
      [-80, 42],
      [-88, 34],
    ],
  });
  frame(plate, within(pose, -8, 0), {
    of: "organic",
    lengthMm: 84,
    widthMm: 66,
    cornerMm: 16,
    wallMm: 5,
    thickMm: 22,
  });
  for (const xMm of [-54, 52]) {
    cylinder(plate, within(pose, xMm, 0, Math.PI / 2), {
      of: "metal",
      lengthMm: 88,
      diameterMm: 3,
    });
    for (const side of [-1, 1]) {
      box(plate, within(pose, xMm, side * 40), {
        of: "organic",
        lengthMm: 30,
        widthMm: 15,
        thickMm: 26,
        cornerMm: 5,
      });
    }
  }
  cylinder(plate, within(pose, -54, 14), { of: "metal", lengthMm: 26, diameterMm: 20, wallMm: 1 });
  cylinder(plate, within(pose, -54, 14), { of: "metal", lengthMm: 18, diameterMm: 9 });
  for (const yMm of [-17, 0, 17]) {
    cylinder(plate, within(pose, 4, yMm), {
      of: "metal",
      lengthMm: 48,
      diameterMm: 14,
      wallMm: 0.5,
    });
    cylinder(plate, within(pose, 4, yMm), { of: "mixed", lengthMm: 46, diameterMm: 12 });
  }
  board(plate, within(pose, 66, 0), chance, { lengthMm: 22, widthMm: 40 });
};

export const charger: DrawThing = (plate, pose, chance) => {
  box(plate, within(pose, -26, -8), {
    of: "organic",
    lengthMm: 58,
    widthMm: 58,
    thickMm: 8,
    cornerMm: 8,
  });
  board(plate, within(pose, -26, -8), chance, { lengthMm: 48, widthMm: 48 });
  box(plate, within(pose, -34, -12), { of: "metal", lengthMm: 20, widthMm: 18, thickMm: 5 });
  cylinder(plate, within(pose, -10, 6), { of: "mixed", lengthMm: 22, diameterMm: 11 });
  for (const yMm of [-16, 0]) {
    box(plate, within(pose, -63, yMm), { of: "metal", lengthMm: 16, widthMm: 6, thickMm: 1.5 });
  }
  const coil: [number, number][] = [];
  for (let step = 0; step <= 70; step += 1) {
    const turn = step / 7;
    const radiusMm = 20 + turn * 1.6 + uniform(chance, -1, 1);
    coil.push([30 + Math.cos(turn * 2.1) * radiusMm, 10 + Math.sin(turn * 2.1) * radiusMm]);
  }
  wire(plate, pose, { of: "organic", diameterMm: 4, path: coil });
  wire(plate, pose, { of: "metal", diameterMm: 1.3, path: coil });
  box(plate, within(pose, 60, 38, 0.4), { of: "metal", lengthMm: 18, widthMm: 8, thickMm: 1.2 });
};

export const watch: DrawThing = (plate, pose) => {
  for (const side of [-1, 1]) {
    for (let link = 0; link < 8; link += 1) {
      box(plate, within(pose, side * (24 + link * 4.4), 0), {
        of: "metal",
        lengthMm: 3.6,
        widthMm: 19 - link * 0.5,
        thickMm: 2.4,
        cornerMm: 1,
      });
    }
  }
  ring(plate, pose, { of: "metal", diameterMm: 42, wallMm: 4, thickMm: 8 });
  disc(plate, pose, { of: "metal", diameterMm: 38, thickMm: 1.2 });
  for (const [xMm, yMm, diameterMm] of [
    [-6, 5, 14],
    [7, -4, 12],
    [3, 9, 8],
  ] as const) {
    ring(plate, within(pose, xMm, yMm), { of: "metal", diameterMm, wallMm: 2, thickMm: 1.4 });
  }
  disc(plate, within(pose, 9, 9), { of: "dense", diameterMm: 8, thickMm: 0.6 });
};

export const tools: DrawThing = (plate, pose, chance) => {
  cylinder(plate, within(pose, 30, -28), { of: "metal", lengthMm: 100, diameterMm: 7 });
  cylinder(plate, within(pose, -52, -28), { of: "organic", lengthMm: 70, diameterMm: 26 });
  cutout(plate, within(pose, 0, 18, uniform(chance, -0.06, 0.06)), {
    of: "metal",
    thickMm: 5,
    outline: [
      [-90, -7],
      [58, -7],
      [72, -20],
      [92, -18],
      [80, -4],
      [80, 5],
      [92, 18],
      [72, 20],
      [58, 8],
      [-90, 8],
    ],
  });
  for (let bolt = 0; bolt < 4; bolt += 1) {
    ring(plate, within(pose, -70 + bolt * 34, -2), {
      of: "metal",
      diameterMm: 14,
      wallMm: 4,
      thickMm: 6,
    });
  }
};
