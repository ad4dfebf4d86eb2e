/**
 * Builds JPEG lossless files for tests, by ITU-T T.81 Annex H, with none of the code that reads them.
 * Every category of differences has a code of five bits.
 */
export interface TestLossless {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bits: number;
  /** Row by row. */
  readonly pixels: readonly number[];
  /** 1 to 7; default 1. */
  readonly selection?: number;
  readonly restartLines?: number;
  /** So many lowest bits are said to be left out. */
  readonly shift?: number;
  /** In place of the table of codes. */
  readonly table?: readonly number[];
  /** Coded bits in place of the last so many, which are dropped. */
  readonly droppedBits?: number;
  readonly addedBits?: string;
  readonly components?: number;
}

const word = (value: number): number[] => [value >> 8, value & 0xff];
const segment = (marker: number, body: readonly number[]): number[] => [
  0xff,
  marker,
  ...word(body.length + 2),
  ...body,
];
const categories = Array.from({ length: 17 }, (_, at) => at);
const fiveBits = [0, 0, 0, 0, 0, 17, ...Array.from({ length: 11 }, () => 0), ...categories];

export function losslessJpeg(file: TestLossless): Uint8Array {
  const { widthPx, heightPx, bits, selection = 1, restartLines = 0, shift = 0 } = file;
  const { table = fiveBits, components = 1 } = file;
  const ids = Array.from({ length: components }, (_, at) => at + 1);
  const frame = [bits, ...word(heightPx), ...word(widthPx), components];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xc3, [...frame, ...ids.flatMap((id) => [id, 0x11, 0])]),
    ...segment(0xc4, table),
    ...(restartLines > 0 ? segment(0xdd, word(restartLines * widthPx)) : []),
    ...segment(0xda, [components, ...ids.flatMap((id) => [id, 0]), selection, 0, shift]),
    ...scanOf(file, selection, restartLines),
    0xff,
    0xd9,
  ]);
}

function scanOf(file: TestLossless, selection: number, restartLines: number): number[] {
  const { heightPx, droppedBits = 0, addedBits = "" } = file;
  const out: number[] = [];
  const linesEach = restartLines > 0 ? restartLines : heightPx;
  for (let from = 0; from < heightPx; from += linesEach) {
    if (from > 0) out.push(0xff, 0xd0 + ((from / linesEach - 1) % 8));
    let coded = "";
    for (let row = from; row < Math.min(heightPx, from + linesEach); row += 1) {
      coded += lineOf(file, selection, { row, isFirst: row === from });
    }
    if (from + linesEach >= heightPx)
      coded = coded.slice(0, coded.length - droppedBits) + addedBits;
    for (let at = 0; at < coded.length; at += 8) {
      const byte = Number.parseInt(coded.slice(at, at + 8).padEnd(8, "1"), 2);
      out.push(byte, ...(byte === 0xff ? [0] : []));
    }
  }
  return out;
}

function lineOf(
  { widthPx, bits, pixels }: TestLossless,
  selection: number,
  { row, isFirst }: { readonly row: number; readonly isFirst: boolean },
): string {
  const pixel = (line: number, column: number): number => pixels[line * widthPx + column] ?? 0;
  let coded = "";
  for (let column = 0; column < widthPx; column += 1) {
    const [left, up] = [pixel(row, column - 1), pixel(row - 1, column)];
    const corner = pixel(row - 1, column - 1);
    const likely = isFirst
      ? column === 0
        ? 2 ** (bits - 1)
        : left
      : column === 0
        ? up
        : [
            0,
            left,
            up,
            corner,
            left + up - corner,
            left + Math.floor((up - corner) / 2),
            up + Math.floor((left - corner) / 2),
            Math.floor((left + up) / 2),
          ][selection]!;
    // Modulo 65,536, from -32,767 to 32,768.
    const away = (((pixel(row, column) - likely) % 65_536) + 65_536) % 65_536;
    const difference = away > 32_768 ? away - 65_536 : away;
    coded += codeOf(difference);
  }
  return coded;
}

function codeOf(difference: number): string {
  const category = difference === 0 ? 0 : Math.abs(difference).toString(2).length;
  const code = category.toString(2).padStart(5, "0");
  if (category === 0 || category === 16) return code;
  const value = difference > 0 ? difference : difference + 2 ** category - 1;
  return code + value.toString(2).padStart(category, "0");
}
