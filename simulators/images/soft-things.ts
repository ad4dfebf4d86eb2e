import type { Entropy } from "../../protocols/time.ts";
import { integer, uniform } from "../world/chance.ts";
import type { DrawThing } from "./draw-thing.ts";
import { grains } from "./grains.ts";
import { within } from "./plate.ts";
import { box, cutout, disc, ellipsoid, frame, ring, rounded, wire } from "./shapes.ts";

/** Soft waves, as cloth lies in folds. */
function folds(chance: Entropy, periodMm: number, depth: number) {
  const phase = chance.next() * 6.28;
  const skew = uniform(chance, 0.2, 0.9);
  const bend = uniform(chance, 20, 45);
  return (xMm: number, yMm: number): number => {
    const wave = Math.sin((xMm * skew + yMm) / periodMm + Math.sin(xMm / bend + phase) * 1.6);
    return 1 + depth * wave;
  };
}

export const clothes: DrawThing = (plate, pose, chance) => {
  for (const [lengthMm, widthMm, turn] of [
    [250, 180, 0.02],
    [235, 150, -0.03],
  ] as const) {
    box(plate, within(pose, 0, 0, turn), {
      of: "organic",
      lengthMm,
      widthMm,
      thickMm: 5,
      cornerMm: 22,
      relief: folds(chance, 11, 0.3),
    });
  }
  box(plate, within(pose, -20, 12), {
    of: "organic",
    lengthMm: 200,
    widthMm: 80,
    thickMm: 4,
    cornerMm: 30,
    relief: folds(chance, 6, 0.4),
  });
  wire(plate, pose, {
    of: "organic",
    diameterMm: 3.5,
    path: [
      [-118, -82],
      [-40, -70],
      [30, -84],
      [116, -78],
    ],
  });
  for (let tooth = 0; tooth < 32; tooth += 1) {
    box(plate, within(pose, -100 + tooth * 5.4, 30 + Math.sin(tooth / 6) * 6), {
      of: "metal",
      lengthMm: 2.6,
      widthMm: 5,
      thickMm: 0.5,
    });
  }
  for (let button = 0; button < 4; button += 1) {
    ring(plate, within(pose, -70 + button * 44, -34), {
      of: "mixed",
      diameterMm: 13,
      wallMm: 5,
      thickMm: 2.5,
    });
  }
};

const soleOutline = rounded([
  [-132, -26],
  [-112, -38],
  [-70, -36],
  [-15, -27],
  [40, -38],
  [90, -42],
  [124, -24],
  [132, 2],
  [118, 28],
  [80, 40],
  [20, 36],
  [-40, 30],
  [-100, 34],
  [-128, 22],
]);

const shoe: DrawThing = (plate, pose, chance) => {
  cutout(plate, pose, {
    of: "organic",
    outline: soleOutline,
    thickMm: 11,
    relief: (xMm, yMm) =>
      (xMm < -55 ? 1.5 : 1) + (Math.sin(xMm / 3.4) > 0.5 && Math.abs(yMm) < 30 ? 0.25 : 0),
  });
  ellipsoid(plate, within(pose, 70, 0), {
    of: "organic",
    lengthMm: 120,
    widthMm: 80,
    thickMm: 12,
  });
  frame(plate, within(pose, -62, 0), {
    of: "organic",
    lengthMm: 128,
    widthMm: 62,
    cornerMm: 30,
    wallMm: 6,
    thickMm: 16,
  });
  box(plate, within(pose, -28, uniform(chance, -2, 2)), {
    of: "metal",
    lengthMm: 92,
    widthMm: 11,
    thickMm: 0.9,
    cornerMm: 5,
  });
  for (let hole = 0; hole < 5; hole += 1) {
    for (const side of [-1, 1]) {
      ring(plate, within(pose, -8 + hole * 13, side * 17), {
        of: "metal",
        diameterMm: 7,
        wallMm: 2,
        thickMm: 1.2,
      });
    }
    wire(plate, within(pose, -8 + hole * 13, 0), {
      of: "organic",
      diameterMm: 4,
      path: [
        [0, -17],
        [12, 17],
      ],
    });
  }
};

export const shoes: DrawThing = (plate, pose, chance) => {
  shoe(plate, within(pose, 0, -48), chance);
  shoe(plate, within(pose, 0, 48, Math.PI), chance);
};

export const book: DrawThing = (plate, pose) => {
  box(plate, pose, {
    of: "organic",
    lengthMm: 206,
    widthMm: 144,
    thickMm: 20,
    cornerMm: 1,
    relief: (xMm, yMm) => 1 + 0.04 * Math.sin(yMm / 1.6) - (xMm > 97 ? 0.15 : 0),
  });
  frame(plate, pose, {
    of: "organic",
    lengthMm: 210,
    widthMm: 148,
    cornerMm: 1,
    wallMm: 4,
    thickMm: 7,
  });
  box(plate, within(pose, -101, 0), { of: "organic", lengthMm: 8, widthMm: 148, thickMm: 10 });
};

export const teddy: DrawThing = (plate, pose) => {
  const cushion = (xMm: number, yMm: number, lengthMm: number, widthMm: number): void =>
    ellipsoid(plate, within(pose, xMm, yMm), { of: "organic", lengthMm, widthMm, thickMm: 13 });
  cushion(18, 0, 104, 86);
  cushion(-52, 0, 72, 74);
  cushion(-80, -32, 28, 28);
  cushion(-80, 32, 28, 28);
  cushion(2, -56, 34, 64);
  cushion(2, 56, 34, 64);
  cushion(72, -30, 62, 34);
  cushion(72, 30, 62, 34);
  for (const yMm of [-14, 14]) {
    disc(plate, within(pose, -60, yMm), { of: "mixed", diameterMm: 9, thickMm: 6 });
  }
  ellipsoid(plate, within(pose, -42, 0), {
    of: "mixed",
    lengthMm: 10,
    widthMm: 14,
    thickMm: 5,
  });
};

export const tea: DrawThing = (plate, pose, chance) => {
  box(plate, pose, {
    of: "metal",
    lengthMm: 146,
    widthMm: 104,
    thickMm: 0.12,
    cornerMm: 6,
  });
  ellipsoid(plate, pose, { of: "organic", lengthMm: 138, widthMm: 96, thickMm: 10 });
  grains(plate, pose, chance, {
    lengthMm: 140,
    widthMm: 98,
    grainMm: 3,
    count: integer(chance, 90, 130),
    thickMm: 5,
  });
};
