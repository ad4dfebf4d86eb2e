import type { Entropy } from "../../protocols/time.ts";
import { integer, uniform } from "../world/chance.ts";
import type { HarmlessKind } from "./contents.ts";
import { within, type Plate, type Pose } from "./plate.ts";
import { box, cutout, cylinder, disc, ellipsoid, frame, ring, rounded, wire } from "./shapes.ts";

/** Draws one thing lying at `pose`, within its footprint. */
export type DrawThing = (plate: Plate, pose: Pose, chance: Entropy) => void;

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

const clothes: DrawThing = (plate, pose, chance) => {
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

const shoes: DrawThing = (plate, pose, chance) => {
  shoe(plate, within(pose, 0, -48), chance);
  shoe(plate, within(pose, 0, 48, Math.PI), chance);
};

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

const phone: DrawThing = (plate, pose, chance) => {
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

const bottles: DrawThing = (plate, pose, chance) => {
  bottle(plate, within(pose, 0, -27), chance);
  bottle(plate, within(pose, 4, 27, Math.PI), chance);
};

const book: DrawThing = (plate, pose) => {
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

const toyCar: DrawThing = (plate, pose, chance) => {
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

const teddy: DrawThing = (plate, pose) => {
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

const charger: DrawThing = (plate, pose, chance) => {
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

const cosmetics: DrawThing = (plate, pose, chance) => {
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

const tableware: DrawThing = (plate, pose) => {
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

const watch: DrawThing = (plate, pose) => {
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

const tools: DrawThing = (plate, pose, chance) => {
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

const tea: DrawThing = (plate, pose, chance) => {
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

export const harmlessThings: Readonly<Record<HarmlessKind, DrawThing>> = {
  clothes,
  shoes,
  phone,
  bottles,
  book,
  toyCar,
  teddy,
  charger,
  cosmetics,
  tableware,
  watch,
  tools,
  tea,
};
