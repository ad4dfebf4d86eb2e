import { deflateSync } from "node:zlib";
import { pngChunk, pngSignature } from "../../simulators/devices/camera/png.ts";

/** Builds PNG files for tests, by RFC 2083, with none of the code that reads them. */
export interface TestPng {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bits?: 8 | 16;
  /** Row by row, 0 to 255 or to 65,535. */
  readonly pixels: readonly number[];
  /** Of each row; default none. */
  readonly filters?: readonly number[];
  /** Of the header's last five bytes, those that are others. */
  readonly header?: Readonly<Record<number, number>>;
  /** Between the header and the pixels. */
  readonly before?: readonly (readonly [type: string, data: Uint8Array])[];
  /** In so many parts. */
  readonly parts?: number;
  /** In place of the packed lines. */
  readonly packed?: Uint8Array;
}

export function pngFile(png: TestPng): Uint8Array {
  const { widthPx, heightPx, bits = 16, parts = 1, before = [] } = png;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header[8] = bits;
  for (const [at, value] of Object.entries(png.header ?? {})) header[8 + Number(at)] = value;
  const packed = png.packed ?? deflateSync(linesOf(png));
  const partBytes = Math.ceil(packed.length / parts);
  return new Uint8Array(
    Buffer.concat([
      pngSignature,
      pngChunk("IHDR", header),
      ...before.map(([type, data]) => pngChunk(type, data)),
      ...Array.from({ length: parts }, (_, part) =>
        pngChunk("IDAT", packed.subarray(part * partBytes, (part + 1) * partBytes)),
      ),
      pngChunk("IEND", new Uint8Array()),
    ]),
  );
}

/** Each line as differences from what its filter predicts. */
function linesOf({ widthPx, heightPx, bits = 16, pixels, filters = [] }: TestPng): Buffer {
  const size = bits / 8;
  const raw = Array.from({ length: heightPx }, (_, row) => {
    const line = Buffer.alloc(widthPx * size);
    for (let column = 0; column < widthPx; column += 1) {
      line.writeUIntBE(pixels[row * widthPx + column]!, column * size, size);
    }
    return line;
  });
  return Buffer.concat(
    raw.map((line, row) => {
      const filter = filters[row] ?? 0;
      const above = raw[row - 1] ?? Buffer.alloc(line.length);
      const differences = line.map((byte, at) => {
        const [a, b, c] = [line[at - size] ?? 0, above[at]!, above[at - size] ?? 0];
        const p = a + b - c;
        const nearest = [a, b, c].toSorted((x, y) => Math.abs(p - x) - Math.abs(p - y))[0]!;
        return byte - [0, a, b, Math.floor((a + b) / 2), nearest][filter]!;
      });
      return Buffer.concat([Buffer.of(filter), differences]);
    }),
  );
}
