/** A picture of one energy, row by row from the top: 65,535 is air. */
export interface Shadow {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly plane: Uint16Array;
}

/** How long something is on a picture, in pixels along the belt, of which nothing else is known. */
export interface ShadowRule {
  /** Along which side of the picture the belt runs: from column to column, or from row to row. */
  readonly beltAlong: "columns" | "rows";
  /** A pixel at least as bright shows nothing but air and belt. */
  readonly airFrom: number;
}

/** A column, or a row, shows something if so many of its pixels do: fewer may be noise. */
const pixelsMin = 3;

/** From the first line across the belt that shows something to the last; 0 for an empty picture. */
export function shadowLengthPx({ widthPx, heightPx, plane }: Shadow, rule: ShadowRule): number {
  const isAlongColumns = rule.beltAlong === "columns";
  const lines = isAlongColumns ? widthPx : heightPx;
  const across = isAlongColumns ? heightPx : widthPx;
  const darkPixels = new Uint16Array(lines);
  let at = 0;
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      const line = isAlongColumns ? column : row;
      if ((plane[at] ?? 0) < rule.airFrom) darkPixels[line] = (darkPixels[line] ?? 0) + 1;
      at += 1;
    }
  }
  const least = Math.min(pixelsMin, across);
  const first = darkPixels.findIndex((count) => count >= least);
  const last = darkPixels.findLastIndex((count) => count >= least);
  return first === -1 ? 0 : last - first + 1;
}
