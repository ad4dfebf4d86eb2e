import type { Exit } from "../../../protocols/sorting.ts";

/**
 * Every exit has a shape beside its word, the same everywhere (HMI C2): release an outlined
 * triangle ▷, licence a filled square ■, inspection a square in a square ▣.
 */
export interface ShapeBox {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** Draws one shape with the pen's present colours. */
export function traceExitShape(pen: CanvasRenderingContext2D, exit: Exit, box: ShapeBox): void {
  const { x, y, size } = box;
  pen.beginPath();
  switch (exit) {
    case "green":
      pen.moveTo(x + 1, y);
      pen.lineTo(x + size, y + size / 2);
      pen.lineTo(x + 1, y + size);
      pen.closePath();
      return pen.stroke();
    case "red":
      pen.rect(x, y, size, size);
      return pen.fill();
    case "inspection":
      pen.rect(x, y, size, size);
      pen.stroke();
      pen.beginPath();
      pen.rect(x + size * 0.28, y + size * 0.28, size * 0.44, size * 0.44);
      return pen.fill();
  }
}
