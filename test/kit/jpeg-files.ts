/**
 * Builds baseline JPEG files for tests, by ITU-T T.81, with none of the code that reads them. Every
 * quantiser is 1 and no colour is thinned out, so that little is lost; codes are of one length.
 */
export interface TestJpeg {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row by row, 0 to 255: of one grey, or red, green and blue of each pixel. */
  readonly pixels: readonly number[];
  readonly components?: 1 | 3;
  /** A restart behind so many blocks. */
  readonly restartEvery?: number;
  /** In place of what its frame's header would say. */
  readonly frame?: { readonly marker?: number; readonly size?: readonly [number, number] };
  /** Segments before the frame, markers included. */
  readonly before?: readonly number[];
  readonly behind?: readonly number[];
}

const dcCodes = 12;
/** Of run and size: end of block, sixteen zeros, and every run with every size. */
const acSymbols = [
  0x00,
  0xf0,
  ...Array.from({ length: 16 }, (_, run) => run).flatMap((run) =>
    Array.from({ length: 10 }, (_, size) => (run << 4) | (size + 1)),
  ),
];
const zigzag: readonly number[] = zigzagOf();

function zigzagOf(): number[] {
  const order: number[] = [];
  for (let sum = 0; sum < 15; sum += 1) {
    const diagonal: number[] = [];
    for (let row = Math.max(0, sum - 7); row <= Math.min(7, sum); row += 1) {
      diagonal.push(8 * row + (sum - row));
    }
    order.push(...(sum % 2 === 0 ? diagonal.toReversed() : diagonal));
  }
  return order;
}

const word = (value: number): number[] => [value >> 8, value & 0xff];
const segment = (marker: number, body: readonly number[]): number[] => [
  0xff,
  marker,
  ...word(body.length + 2),
  ...body,
];
const table = (id: number, bits: number, symbols: readonly number[]): number[] => [
  id,
  ...Array.from({ length: 16 }, (_, length) => (length + 1 === bits ? symbols.length : 0)),
  ...symbols,
];

export function jpegFile(jpeg: TestJpeg): Uint8Array {
  const { components = 1, restartEvery = 0, frame = {}, before = [], behind = [] } = jpeg;
  const [widthPx, heightPx] = frame.size ?? [jpeg.widthPx, jpeg.heightPx];
  const ids = Array.from({ length: components }, (_, at) => at + 1);
  return Uint8Array.from([
    0xff,
    0xd8,
    ...before,
    ...segment(0xdb, [0, ...Array.from({ length: 64 }, () => 1)]),
    ...segment(frame.marker ?? 0xc0, [
      8,
      ...word(heightPx),
      ...word(widthPx),
      components,
      ...ids.flatMap((id) => [id, 0x11, 0]),
    ]),
    ...segment(0xc4, [
      ...table(
        0x00,
        4,
        Array.from({ length: dcCodes }, (_, at) => at),
      ),
      ...table(0x10, 8, acSymbols),
    ]),
    ...(restartEvery > 0 ? segment(0xdd, word(restartEvery)) : []),
    ...segment(0xda, [components, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    ...scanOf(jpeg, components, restartEvery),
    0xff,
    0xd9,
    ...behind,
  ]);
}

function scanOf(jpeg: TestJpeg, components: 1 | 3, restartEvery: number): number[] {
  const { widthPx, heightPx } = jpeg;
  const out: number[] = [];
  let held = "";
  const write = (value: number, bits: number): void => {
    if (bits > 0) held += value.toString(2).padStart(bits, "0");
    while (held.length >= 8) flushByte();
  };
  const flushByte = (): void => {
    const byte = Number.parseInt(held.slice(0, 8).padEnd(8, "1"), 2);
    out.push(byte, ...(byte === 0xff ? [0] : []));
    held = held.slice(8);
  };
  let before = Array.from({ length: components }, () => 0);
  let blocks = 0;
  for (let top = 0; top < heightPx; top += 8) {
    for (let left = 0; left < widthPx; left += 8) {
      if (restartEvery > 0 && blocks > 0 && blocks % restartEvery === 0) {
        if (held !== "") flushByte();
        out.push(0xff, 0xd0 + ((blocks / restartEvery - 1) % 8));
        before = before.map(() => 0);
      }
      for (let component = 0; component < components; component += 1) {
        const coefficients = transformed(blockOf(jpeg, components, component, top, left));
        writeBlock(coefficients, before[component] ?? 0, write);
        before[component] = coefficients[0] ?? 0;
      }
      blocks += 1;
    }
  }
  if (held !== "") flushByte();
  return out;
}

/** Of red, green and blue what the files have in their place; a block beyond the edge repeats it. */
function blockOf(
  { widthPx, heightPx, pixels }: TestJpeg,
  components: 1 | 3,
  component: number,
  top: number,
  left: number,
): number[] {
  return Array.from({ length: 64 }, (_, at) => {
    const row = Math.min(heightPx - 1, top + Math.floor(at / 8));
    const column = Math.min(widthPx - 1, left + (at % 8));
    const from = components * (row * widthPx + column);
    if (components === 1) return (pixels[from] ?? 0) - 128;
    const [red = 0, green = 0, blue = 0] = pixels.slice(from, from + 3);
    if (component === 0) return 0.299 * red + 0.587 * green + 0.114 * blue - 128;
    if (component === 1) return -0.168_736 * red - 0.331_264 * green + 0.5 * blue;
    return 0.5 * red - 0.418_688 * green - 0.081_312 * blue;
  });
}

/** The cosine transform, in the order of coding. */
function transformed(block: readonly number[]): number[] {
  const share = (index: number): number => (index === 0 ? Math.SQRT1_2 : 1);
  const natural = Array.from({ length: 64 }, (_, at) => {
    const [v, u] = [Math.floor(at / 8), at % 8];
    let sum = 0;
    for (let y = 0; y < 8; y += 1) {
      for (let x = 0; x < 8; x += 1) {
        sum +=
          (block[8 * y + x] ?? 0) *
          Math.cos(((2 * x + 1) * u * Math.PI) / 16) *
          Math.cos(((2 * y + 1) * v * Math.PI) / 16);
      }
    }
    return Math.round((share(u) * share(v) * sum) / 4);
  });
  return zigzag.map((at) => natural[at] ?? 0);
}

function writeBlock(
  coefficients: readonly number[],
  before: number,
  write: (value: number, bits: number) => void,
): void {
  const sizeOf = (value: number): number =>
    Math.abs(value).toString(2).length * Number(value !== 0);
  const writeValue = (value: number, size: number): void =>
    write(value > 0 ? value : value + 2 ** size - 1, size);
  const difference = (coefficients[0] ?? 0) - before;
  const size = sizeOf(difference);
  write(size, 4);
  writeValue(difference, size);
  const ac = (symbol: number): void => write(acSymbols.indexOf(symbol), 8);
  let run = 0;
  for (const value of coefficients.slice(1)) {
    if (value === 0) {
      run += 1;
      continue;
    }
    for (; run > 15; run -= 16) ac(0xf0);
    ac((run << 4) | sizeOf(value));
    writeValue(value, sizeOf(value));
    run = 0;
  }
  if (run > 0) ac(0x00);
}
