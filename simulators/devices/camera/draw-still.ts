import { pngOf, type Raster } from "./png.ts";

/** What a simulated camera sees: the belt, and a parcel with its label if one is there. */
export interface StillView {
  /** Of the label; null: the belt is empty. */
  readonly label: string | null;
  /** Counts this camera's stills, so that no two are alike. */
  readonly number: number;
}

type Colour = readonly [red: number, green: number, blue: number];
const belt: Colour = [58, 62, 66];
const seam: Colour = [74, 79, 84];
const carton: Colour = [181, 140, 92];
const cartonEdge: Colour = [146, 108, 66];
const paper: Colour = [240, 238, 230];
const ink: Colour = [24, 24, 26];

const widthPx = 320;
const heightPx = 240;

/** As PNG. */
export function drawStill({ label, number }: StillView): Uint8Array {
  const raster = { widthPx, heightPx, rgb: new Uint8Array(widthPx * heightPx * 3) };
  fill(raster, { x: 0, y: 0, w: widthPx, h: heightPx }, belt);
  for (let x = number % 40; x < widthPx; x += 40) fill(raster, { x, y: 0, w: 1, h: 224 }, seam);
  if (label !== null) drawParcel(raster, label);
  fill(raster, { x: 0, y: 224, w: widthPx, h: 16 }, ink);
  write(raster, { x: 6, y: 228 }, String(number).padStart(6, "0"), paper);
  return pngOf(raster);
}

function drawParcel(raster: Raster, label: string): void {
  fill(raster, { x: 60, y: 36, w: 200, h: 160 }, cartonEdge);
  fill(raster, { x: 63, y: 39, w: 194, h: 154 }, carton);
  fill(raster, { x: 84, y: 70, w: 152, h: 92 }, paper);
  // The same label has the same bars, as far as one can see.
  let x = 94;
  for (const char of label) {
    const code = char.charCodeAt(0);
    const w = 1 + (code % 3);
    fill(raster, { x, y: 80, w, h: 52 }, ink);
    x += w + 1 + (code % 4);
    if (x > 224) break;
  }
  write(raster, { x: 94, y: 142 }, label.slice(0, 22), ink);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function fill(raster: Raster, { x, y, w, h }: Box, colour: Colour): void {
  for (let row = y; row < y + h; row += 1) {
    for (let column = x; column < x + w; column += 1) {
      raster.rgb.set(colour, (row * raster.widthPx + column) * 3);
    }
  }
}

/** Digits and capitals of 3 by 5; whatever else is left blank. */
function write(
  raster: Raster,
  at: { readonly x: number; readonly y: number },
  text: string,
  colour: Colour,
): void {
  for (let index = 0; index < text.length; index += 1) {
    for (const [row, bits] of (glyphs[text.charAt(index).toUpperCase()] ?? []).entries()) {
      for (let column = 0; column < 3; column += 1) {
        if ((bits & (4 >> column)) === 0) continue;
        fill(raster, { x: at.x + index * 6 + column, y: at.y + row, w: 1, h: 1 }, colour);
      }
    }
  }
}

const glyphs: Readonly<Record<string, readonly number[]>> = {
  "0": [7, 5, 5, 5, 7],
  "1": [2, 6, 2, 2, 7],
  "2": [7, 1, 7, 4, 7],
  "3": [7, 1, 3, 1, 7],
  "4": [5, 5, 7, 1, 1],
  "5": [7, 4, 7, 1, 7],
  "6": [7, 4, 7, 5, 7],
  "7": [7, 1, 2, 2, 2],
  "8": [7, 5, 7, 5, 7],
  "9": [7, 5, 7, 1, 7],
  A: [2, 5, 7, 5, 5],
  B: [6, 5, 6, 5, 6],
  C: [3, 4, 4, 4, 3],
  D: [6, 5, 5, 5, 6],
  E: [7, 4, 6, 4, 7],
  F: [7, 4, 6, 4, 4],
  G: [3, 4, 5, 5, 3],
  H: [5, 5, 7, 5, 5],
  I: [7, 2, 2, 2, 7],
  J: [1, 1, 1, 5, 2],
  K: [5, 5, 6, 5, 5],
  L: [4, 4, 4, 4, 7],
  M: [5, 7, 7, 5, 5],
  N: [6, 5, 5, 5, 5],
  O: [2, 5, 5, 5, 2],
  P: [6, 5, 6, 4, 4],
  Q: [2, 5, 5, 6, 3],
  R: [6, 5, 6, 5, 5],
  S: [3, 4, 2, 1, 6],
  T: [7, 2, 2, 2, 2],
  U: [5, 5, 5, 5, 7],
  V: [5, 5, 5, 5, 2],
  W: [5, 5, 7, 7, 5],
  X: [5, 5, 2, 5, 5],
  Y: [5, 5, 2, 2, 2],
  Z: [7, 1, 2, 4, 7],
};
