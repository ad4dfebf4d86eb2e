import { attenuationPerMm, type XrayMaterial } from "./materials.ts";

/** The plate that shadows fall on: attenuation of both beams, pixel by pixel. */
export interface Plate {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mmPerPx: number;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

export const createPlate = (widthPx: number, heightPx: number, mmPerPx: number): Plate => ({
  widthPx,
  heightPx,
  mmPerPx,
  low: new Float32Array(widthPx * heightPx),
  high: new Float32Array(widthPx * heightPx),
});

/** How a thing lies: where its own origin is, how it is turned, and how large it is. */
export interface Pose {
  readonly xMm: number;
  readonly yMm: number;
  readonly angleRad: number;
  readonly scale: number;
}

/** A part's pose from its place on the thing it belongs to. */
export function within(pose: Pose, xMm: number, yMm: number, angleRad = 0): Pose {
  const cos = Math.cos(pose.angleRad);
  const sin = Math.sin(pose.angleRad);
  return {
    xMm: pose.xMm + pose.scale * (xMm * cos - yMm * sin),
    yMm: pose.yMm + pose.scale * (xMm * sin + yMm * cos),
    angleRad: pose.angleRad + angleRad,
    scale: pose.scale,
  };
}

/** Half the extent of a shape around its origin, millimetres. */
export interface Extent {
  readonly halfLengthMm: number;
  readonly halfWidthMm: number;
}

/**
 * Adds the shadow of one shape. `thicknessMm` gives the material's thickness at a point of the
 * shape's own plane, 0 outside; `edgeMm` is the size of a pixel there, for soft edges.
 */
export function cast(
  plate: Plate,
  pose: Pose,
  shape: Extent & {
    readonly material: XrayMaterial;
    thicknessMm(xMm: number, yMm: number, edgeMm: number): number;
  },
): void {
  const { mmPerPx, widthPx, heightPx } = plate;
  const cos = Math.cos(pose.angleRad);
  const sin = Math.sin(pose.angleRad);
  const edgeMm = mmPerPx / pose.scale;
  const halfX = Math.abs(cos) * shape.halfLengthMm + Math.abs(sin) * shape.halfWidthMm + edgeMm;
  const halfY = Math.abs(sin) * shape.halfLengthMm + Math.abs(cos) * shape.halfWidthMm + edgeMm;
  const fromX = Math.max(0, Math.floor((pose.xMm - halfX * pose.scale) / mmPerPx));
  const toX = Math.min(widthPx - 1, Math.ceil((pose.xMm + halfX * pose.scale) / mmPerPx));
  const fromY = Math.max(0, Math.floor((pose.yMm - halfY * pose.scale) / mmPerPx));
  const toY = Math.min(heightPx - 1, Math.ceil((pose.yMm + halfY * pose.scale) / mmPerPx));
  const { low, high } = attenuationPerMm[shape.material];
  for (let y = fromY; y <= toY; y += 1) {
    const dy = ((y + 0.5) * mmPerPx - pose.yMm) / pose.scale;
    for (let x = fromX; x <= toX; x += 1) {
      const dx = ((x + 0.5) * mmPerPx - pose.xMm) / pose.scale;
      const thickness = shape.thicknessMm(dx * cos + dy * sin, dy * cos - dx * sin, edgeMm);
      if (thickness <= 0) continue;
      const index = y * widthPx + x;
      plate.low[index] = (plate.low[index] ?? 0) + thickness * low;
      plate.high[index] = (plate.high[index] ?? 0) + thickness * high;
    }
  }
}
