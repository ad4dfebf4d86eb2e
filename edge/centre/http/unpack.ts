import { Readable, type Transform } from "node:stream";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";

/** What a packed body holds, as far as it can be unpacked. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  /** False when there is more than was asked for, or than can be unpacked here. */
  readonly isWhole: boolean;
}

export interface BodyUnpacked extends Unpacked {
  /** How it was packed and did not say so, outermost first; null when it was not. */
  readonly packing: string | null;
}

/** Most codings of one body that are undone, named or not. */
const layersMax = 4;

function unpackerOf(coding: string, bytes: Uint8Array): Transform | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      // Some senders leave the frame out that the coding asks for.
      return isZlib(bytes) ? createInflate() : createInflateRaw();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default:
      return null;
  }
}

/**
 * Undoes what `Content-Encoding` names, and then what the bytes themselves show, each time up to
 * `bytesMax`; never rejects.
 */
export async function unpack(
  packed: Uint8Array,
  contentEncoding: string,
  bytesMax: number,
): Promise<BodyUnpacked> {
  const named = contentEncoding
    .toLowerCase()
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "identity" && each !== "");
  let bytes = packed;
  let isWhole = true;
  let packing: string | null = null;
  for (let layer = 0; layer <= layersMax; layer += 1) {
    const said = named.pop();
    const coding = said ?? packedAs(bytes);
    if (coding === null) return { bytes, isWhole, packing };
    if (said === undefined) packing ??= coding;
    const unpacker = layer < layersMax ? unpackerOf(coding, bytes) : null;
    const inner = unpacker && (await readUpTo(Readable.from([bytes]).pipe(unpacker), bytesMax));
    isWhole = isWhole && inner !== null && inner.isWhole;
    // What cannot be undone at all may not have been done: it is looked at as it is.
    if (inner !== null && inner.bytes.length > 0) bytes = inner.bytes;
    else if (said === undefined) return { bytes, isWhole, packing };
  }
  return { bytes, isWhole: false, packing };
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

/** Its frame: the method deflate, and two bytes that 31 divides. */
const isZlib = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first & 0x8f) === 0x08 && ((first << 8) | second) % 31 === 0;

const beginnings: readonly (readonly [string, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/** How bytes are packed that do not say so; null for those that are not, as far as can be seen. */
function packedAs(bytes: Uint8Array): string | null {
  const known = beginnings.find(([, first]) =>
    first.every((byte, index) => bytes[index] === byte),
  )?.[0];
  return known ?? (isZlib(bytes) ? "deflate" : null);
}
