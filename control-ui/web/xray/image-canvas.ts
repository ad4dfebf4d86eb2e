import type { ImageBox } from "../../../protocols/verdicts.ts";
import { colourInto, colourTable, type ImageTools } from "./colour-table.ts";
import type { PreparedImage } from "./prepared-image.ts";
import { fitScale, type Viewport } from "./viewport.ts";

/** The image in its present colours at its own size, made anew only when image or tools change. */
export function colouredImage(image: PreparedImage, tools: ImageTools): OffscreenCanvas {
  const { widthPx, heightPx, hasMaterial } = image;
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const pixels = new ImageData(widthPx, heightPx);
  // A filter by material would hide what nobody can tell the material of.
  const table = colourTable(hasMaterial ? tools : { ...tools, view: "grey" });
  colourInto(new Uint32Array(pixels.data.buffer), image, table);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

export interface ImageView {
  readonly coloured: OffscreenCanvas;
  readonly boxes: readonly ImageBox[];
  readonly viewport: Viewport;
  /** What there is to say of the image itself; null: nothing. */
  readonly note: string | null;
}

/** Draws the image, and the algorithm's boxes as outlines that hide nothing. */
export function drawImage(canvas: HTMLCanvasElement, view: ImageView): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const ratio = devicePixelRatio;
  const widthPx = canvas.clientWidth;
  const heightPx = canvas.clientHeight;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(heightPx * ratio);
  pen.scale(ratio, ratio);
  const { coloured, viewport } = view;
  const size = { widthPx: coloured.width, heightPx: coloured.height };
  const scale = fitScale(size, { widthPx, heightPx }) * viewport.zoom;
  pen.translate(widthPx / 2 - viewport.x * scale, heightPx / 2 - viewport.y * scale);
  pen.imageSmoothingEnabled = scale < 4;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(coloured, 0, 0, size.widthPx * scale, size.heightPx * scale);
  const style = getComputedStyle(canvas);
  const paper = style.getPropertyValue("--image-paper");
  const mark = style.getPropertyValue("--image-mark");
  const font = style.fontFamily;
  for (const box of view.boxes) drawBox(pen, box, { scale, paper, mark, font });
  if (view.note === null) return;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  write(pen, { text: view.note, x: 12, y: heightPx - 12 }, { paper, mark, font });
}

interface Marking {
  readonly scale: number;
  readonly paper: string;
  readonly mark: string;
  readonly font: string;
}

function drawBox(pen: CanvasRenderingContext2D, box: ImageBox, by: Marking): void {
  const { scale, paper, mark } = by;
  const at = [box.x * scale, box.y * scale, box.width * scale, box.height * scale] as const;
  for (const [lineWidth, strokeStyle] of [
    [4, paper],
    [1.5, mark],
  ] as const) {
    pen.lineWidth = lineWidth;
    pen.strokeStyle = strokeStyle;
    pen.strokeRect(...at);
  }
  const text = `${box.label} ${Math.round(box.confidence * 100)} %`.trim();
  write(pen, { text, x: at[0], y: at[1] - 3 }, by);
}

function write(
  pen: CanvasRenderingContext2D,
  { text, x, y }: { readonly text: string; readonly x: number; readonly y: number },
  { paper, mark, font }: Omit<Marking, "scale">,
): void {
  pen.font = `600 14px ${font}`;
  pen.textBaseline = "bottom";
  pen.lineWidth = 4;
  pen.strokeStyle = paper;
  pen.strokeText(text, x, y);
  pen.fillStyle = mark;
  pen.fillText(text, x, y);
}
