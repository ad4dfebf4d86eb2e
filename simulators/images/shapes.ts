import type { XrayMaterial } from "./materials.ts";
import { cast, within, type Plate, type Pose } from "./plate.ts";

/** Shapes that things are made of. Lengths lie along the shape's own x axis; all in millimetres. */
interface Made {
  readonly of: XrayMaterial;
  readonly thickMm: number;
}

/** 1 inside, 0 outside, soft over one pixel. `outsideMm` is the distance out of the shape. */
const coverage = (outsideMm: number, edgeMm: number): number =>
  Math.min(1, Math.max(0, 0.5 - outsideMm / edgeMm));

/** How far a point lies outside a rectangle with rounded corners; negative inside. */
function outsideBoxMm(
  xMm: number,
  yMm: number,
  box: { halfLengthMm: number; halfWidthMm: number; cornerMm: number },
): number {
  const dx = Math.abs(xMm) - box.halfLengthMm + box.cornerMm;
  const dy = Math.abs(yMm) - box.halfWidthMm + box.cornerMm;
  const outside = Math.hypot(Math.max(dx, 0), Math.max(dy, 0));
  return outside + Math.min(Math.max(dx, dy), 0) - box.cornerMm;
}

export interface BoxShape extends Made {
  readonly lengthMm: number;
  readonly widthMm: number;
  readonly cornerMm?: number;
  /** Varies the thickness over the plane: 1 leaves it. */
  readonly relief?: (xMm: number, yMm: number) => number;
}

export function box(plate: Plate, pose: Pose, shape: BoxShape): void {
  const halfLengthMm = shape.lengthMm / 2;
  const halfWidthMm = shape.widthMm / 2;
  const rounded = { halfLengthMm, halfWidthMm, cornerMm: shape.cornerMm ?? 0 };
  cast(plate, pose, {
    halfLengthMm,
    halfWidthMm,
    material: shape.of,
    thicknessMm(xMm, yMm, edgeMm) {
      const share = coverage(outsideBoxMm(xMm, yMm, rounded), edgeMm);
      if (share === 0) return 0;
      return share * shape.thickMm * (shape.relief?.(xMm, yMm) ?? 1);
    },
  });
}

/** A box's wall seen from above: the frame, without what is inside. */
export function frame(
  plate: Plate,
  pose: Pose,
  shape: BoxShape & { readonly wallMm: number },
): void {
  const outer = {
    halfLengthMm: shape.lengthMm / 2,
    halfWidthMm: shape.widthMm / 2,
    cornerMm: shape.cornerMm ?? 0,
  };
  cast(plate, pose, {
    ...outer,
    material: shape.of,
    thicknessMm(xMm, yMm, edgeMm) {
      const outside = outsideBoxMm(xMm, yMm, outer);
      return (
        shape.thickMm *
        Math.max(0, coverage(outside, edgeMm) - coverage(outside + shape.wallMm, edgeMm))
      );
    },
  });
}

/** A ball or a cushion: thick in the middle, thin at the rim. */
export function ellipsoid(
  plate: Plate,
  pose: Pose,
  shape: Made & { readonly lengthMm: number; readonly widthMm: number },
): void {
  const halfLengthMm = shape.lengthMm / 2;
  const halfWidthMm = shape.widthMm / 2;
  cast(plate, pose, {
    halfLengthMm,
    halfWidthMm,
    material: shape.of,
    thicknessMm(xMm, yMm) {
      const inside = 1 - (xMm / halfLengthMm) ** 2 - (yMm / halfWidthMm) ** 2;
      return inside <= 0 ? 0 : shape.thickMm * Math.sqrt(inside);
    },
  });
}

/** A lying cylinder with round section. With `wallMm` it is a can, else it is solid. */
export function cylinder(
  plate: Plate,
  pose: Pose,
  shape: {
    readonly of: XrayMaterial;
    readonly lengthMm: number;
    readonly diameterMm: number;
    readonly wallMm?: number;
  },
): void {
  const radiusMm = shape.diameterMm / 2;
  const innerMm = shape.wallMm === undefined ? 0 : radiusMm - shape.wallMm;
  const halfLengthMm = shape.lengthMm / 2;
  cast(plate, pose, {
    halfLengthMm,
    halfWidthMm: radiusMm,
    material: shape.of,
    thicknessMm(xMm, yMm, edgeMm) {
      const outer = radiusMm * radiusMm - yMm * yMm;
      if (outer <= 0) return 0;
      const inner = innerMm * innerMm - yMm * yMm;
      const chordMm = 2 * Math.sqrt(outer) - (inner > 0 ? 2 * Math.sqrt(inner) : 0);
      return chordMm * coverage(Math.abs(xMm) - halfLengthMm, edgeMm);
    },
  });
}

/** A flat ring or, with `wallMm` of the radius, a disc. */
export function ring(
  plate: Plate,
  pose: Pose,
  shape: Made & { readonly diameterMm: number; readonly wallMm: number },
): void {
  const radiusMm = shape.diameterMm / 2;
  cast(plate, pose, {
    halfLengthMm: radiusMm,
    halfWidthMm: radiusMm,
    material: shape.of,
    thicknessMm(xMm, yMm, edgeMm) {
      const distanceMm = Math.hypot(xMm, yMm);
      const outer = coverage(distanceMm - radiusMm, edgeMm);
      const inner = coverage(distanceMm - radiusMm + shape.wallMm, edgeMm);
      return shape.thickMm * (outer - inner);
    },
  });
}

export const disc = (
  plate: Plate,
  pose: Pose,
  shape: Made & { readonly diameterMm: number },
): void => ring(plate, pose, { ...shape, wallMm: shape.diameterMm });

type Point = readonly [xMm: number, yMm: number];

/** The outline with its corners cut twice (Chaikin), so that it looks grown rather than sawn. */
export function rounded(outline: readonly Point[]): readonly Point[] {
  let points = outline;
  for (let round = 0; round < 2; round += 1) {
    points = points.flatMap(([ax, ay], index): Point[] => {
      const [bx, by] = points[(index + 1) % points.length] ?? [ax, ay];
      return [
        [ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25],
        [ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75],
      ];
    });
  }
  return points;
}

/** A flat piece cut to an outline. `relief` may make it thinner towards an edge. */
export function cutout(
  plate: Plate,
  pose: Pose,
  shape: Made & {
    readonly outline: readonly Point[];
    readonly relief?: (xMm: number, yMm: number) => number;
  },
): void {
  const { outline } = shape;
  const halfLengthMm = Math.max(...outline.map(([x]) => Math.abs(x)));
  const halfWidthMm = Math.max(...outline.map(([, y]) => Math.abs(y)));
  cast(plate, pose, {
    halfLengthMm,
    halfWidthMm,
    material: shape.of,
    thicknessMm(xMm, yMm, edgeMm) {
      const step = edgeMm / 4;
      let hits = 0;
      for (const dx of [-step, step]) {
        for (const dy of [-step, step]) if (isInside(outline, xMm + dx, yMm + dy)) hits += 1;
      }
      return hits === 0 ? 0 : (hits / 4) * shape.thickMm * (shape.relief?.(xMm, yMm) ?? 1);
    },
  });
}

function isInside(outline: readonly Point[], xMm: number, yMm: number): boolean {
  let inside = false;
  let before = outline[outline.length - 1] ?? [0, 0];
  for (const here of outline) {
    const crosses = here[1] > yMm !== before[1] > yMm;
    if (crosses) {
      const at = ((before[0] - here[0]) * (yMm - here[1])) / (before[1] - here[1]) + here[0];
      if (xMm < at) inside = !inside;
    }
    before = here;
  }
  return inside;
}

/** A wire, lace or seam along a line of points. */
export function wire(
  plate: Plate,
  pose: Pose,
  shape: {
    readonly of: XrayMaterial;
    readonly diameterMm: number;
    readonly path: readonly Point[];
  },
): void {
  const radiusMm = shape.diameterMm / 2;
  for (let index = 1; index < shape.path.length; index += 1) {
    const [ax, ay] = shape.path[index - 1] ?? [0, 0];
    const [bx, by] = shape.path[index] ?? [0, 0];
    const lengthMm = Math.hypot(bx - ax, by - ay);
    const middle = within(pose, (ax + bx) / 2, (ay + by) / 2, Math.atan2(by - ay, bx - ax));
    cylinder(plate, middle, {
      of: shape.of,
      lengthMm: lengthMm + radiusMm,
      diameterMm: shape.diameterMm,
    });
  }
}
