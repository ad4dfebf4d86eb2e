import { Readable, type Transform } from "node:stream";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";

/** What a packed body holds, as far as it can be unpacked. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  /** False when there is more than was asked for, or than can be unpacked here. */
  readonly isWhole: boolean;
}

/** Most codings of one body that are undone. */
const layersMax = 4;

function unpackerOf(coding: string): Transform | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default:
      return null;
  }
}

/** Undoes what `Content-Encoding` names, up to `bytesMax`; never rejects. */
export async function unpack(
  packed: Uint8Array,
  contentEncoding: string,
  bytesMax: number,
): Promise<Unpacked> {
  const codings = contentEncoding
    .toLowerCase()
    .split(",")
    .map((each) => each.trim());
  const done = codings.filter((each) => each !== "identity" && each !== "").toReversed();
  let bytes = packed;
  for (const coding of done.slice(0, layersMax)) {
    const unpacker = unpackerOf(coding);
    if (unpacker === null) return { bytes, isWhole: false };
    const inner = await readUpTo(Readable.from([bytes]).pipe(unpacker), bytesMax);
    bytes = inner.bytes;
    if (!inner.isWhole) return inner;
  }
  return { bytes, isWhole: done.length <= layersMax };
}

/** What came before a fault or the end of the room. */
async function readUpTo(stream: Readable, bytesMax: number): Promise<Unpacked> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk.subarray(0, bytesMax - total));
      total += chunk.length;
      if (total > bytesMax) return { bytes: Buffer.concat(chunks), isWhole: false };
    }
  } catch {
    return { bytes: Buffer.concat(chunks), isWhole: false };
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}

const beginnings: readonly (readonly [string, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/** How a body is packed that does not say so; null for one that is not. */
export const packedAs = (bytes: Uint8Array): string | null =>
  beginnings.find(([, first]) => first.every((byte, index) => bytes[index] === byte))?.[0] ?? null;
