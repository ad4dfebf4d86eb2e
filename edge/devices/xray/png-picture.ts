import { crc32, inflateSync } from "node:zlib";
import { imageSignatures } from "../../../protocols/xray/image-format.ts";
import { xrayImageBytesMax } from "../../../protocols/xray/xray-image.ts";
import type { Shadow } from "./shadow-length.ts";

/**
 * A PNG file as a picture of one energy: one grey of 8 or 16 bits, one frame, not interlaced, in which
 * air is bright. Strict, since somebody may release a parcel on it: every check sum and every length
 * must come out, and palettes, transparency and frames are refused. Its numbers are taken as they
 * stand, whatever gamma or profile it names. Bounded: no more is unpacked than its size says.
 *
 * @see RFC 2083: 3.2 (chunks), 4.1.1 (IHDR), 6 (filters)
 */
export type PngPicture = Shadow | { readonly why: string };

const headerBytes = 13;
/** Length and type before a chunk's data, and its check sum behind. */
const chunkBytes = 12;
const chunksMax = 20_000;
/** Frames of an animation, and pixels that would be shown as something else. */
const refusedChunks: ReadonlySet<string> = new Set(["acTL", "fcTL", "fdAT", "tRNS", "PLTE"]);

export function readPng(file: Uint8Array): PngPicture {
  const chunks = chunksOf(file);
  if ("why" in chunks) return chunks;
  const header = headerOf(chunks.header);
  if ("why" in header) return header;
  const { widthPx, heightPx, pixelBytes } = header;
  const rowBytes = widthPx * pixelBytes;
  const lines = unpacked(chunks.packed, heightPx * (1 + rowBytes));
  if ("why" in lines) return lines;
  const why = unfilter(lines.bytes, rowBytes, pixelBytes);
  if (why !== null) return { why };
  return { widthPx, heightPx, plane: planeOf(lines.bytes, header) };
}

interface Header {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelBytes: 1 | 2;
}

/** Its data alone, after every check sum and length of the whole file. */
function chunksOf(
  file: Uint8Array,
): { readonly header: Uint8Array; readonly packed: Uint8Array } | { readonly why: string } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const parts: Uint8Array[] = [];
  let header: Uint8Array | null = null;
  let before = "";
  let at: number = imageSignatures.png.bytes.length;
  for (let chunks = 0; chunks < chunksMax; chunks += 1) {
    if (at + chunkBytes > file.length) return { why: `a PNG image that is cut at byte ${at}` };
    const length = view.getUint32(at);
    const dataFrom = at + 8;
    if (length > file.length - dataFrom - 4)
      return { why: `a PNG image that is cut at byte ${at}` };
    const type = String.fromCharCode(...file.subarray(at + 4, dataFrom));
    if (!/^[A-Za-z]{4}$/.test(type)) return { why: `a PNG image with no part at byte ${at}` };
    const data = file.subarray(dataFrom, dataFrom + length);
    if (crc32(file.subarray(at + 4, dataFrom + length)) !== view.getUint32(dataFrom + length)) {
      return { why: `a PNG image whose part ${type} is damaged` };
    }
    at = dataFrom + length + 4;
    const why = misplaced(type, { before, isFirst: header === null, hasData: parts.length > 0 });
    if (why !== null) return { why: `a PNG image ${why}` };
    if (type === "IEND") {
      if (header === null || length > 0 || at !== file.length) {
        return { why: "a PNG image that does not end with its end" };
      }
      return { header, packed: Buffer.concat(parts) };
    }
    if (type === "IHDR") header = data;
    if (type === "IDAT") parts.push(data);
    before = type;
  }
  return { why: `a PNG image of more than ${chunksMax} parts` };
}

/** Why a chunk cannot stand there, or cannot be left out of account. */
function misplaced(
  type: string,
  { before, isFirst, hasData }: { before: string; isFirst: boolean; hasData: boolean },
): string | null {
  if ((type === "IHDR") !== isFirst) return "whose header is not its one first part";
  if (type === "IDAT" && hasData && before !== "IDAT") return "whose pixels are interrupted";
  if (refusedChunks.has(type)) return `with ${type}: only one plain grey is read`;
  // Whoever does not know a critical chunk must not show the image.
  const isCritical = /^[A-Z]/.test(type);
  return isCritical && !["IHDR", "IDAT", "IEND"].includes(type) ? `with an unknown ${type}` : null;
}

function headerOf(bytes: Uint8Array): Header | { readonly why: string } {
  if (bytes.length !== headerBytes) return { why: "a PNG image without its size" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const [widthPx, heightPx] = [view.getUint32(0), view.getUint32(4)];
  const [bits, colour, packing, filter, interlace] = bytes.subarray(8);
  const size = `a PNG image of ${widthPx} x ${heightPx} pixels`;
  if (widthPx < 1 || heightPx < 1 || widthPx > sidePxMax || heightPx > sidePxMax) {
    return { why: size };
  }
  if (2 * widthPx * heightPx > xrayImageBytesMax - messageHeadBytesMax) {
    return { why: `${size} is too large` };
  }
  if (colour !== 0 || (bits !== 8 && bits !== 16)) {
    return { why: `${size} that is not one grey of 8 or 16 bits` };
  }
  if (packing !== 0 || filter !== 0 || interlace !== 0) {
    return { why: `${size} that is interlaced, or packed in an unknown way` };
  }
  return { widthPx, heightPx, pixelBytes: bits === 8 ? 1 : 2 };
}

/** As an image message has them. */
const sidePxMax = 4_096;
const messageHeadBytesMax = 2_048;

function unpacked(
  packed: Uint8Array,
  bytesTotal: number,
): { readonly bytes: Uint8Array } | { readonly why: string } {
  const why = `a PNG image whose pixels do not come out as ${bytesTotal} bytes`;
  try {
    // One byte more than there may be, so that one too many is seen.
    const bytes = inflateSync(packed, { maxOutputLength: bytesTotal + 1 });
    return bytes.length === bytesTotal ? { bytes } : { why };
  } catch (error) {
    // Damaged, or more of them: zlib says both with a code.
    if (error instanceof Error && "code" in error) return { why };
    throw error;
  }
}

/** Each line in place of its differences; why they mean nothing, or null. */
function unfilter(lines: Uint8Array, rowBytes: number, pixelBytes: number): string | null {
  for (let row = 0; row * (rowBytes + 1) < lines.length; row += 1) {
    const from = row * (rowBytes + 1);
    const filter = lines[from] ?? 0;
    if (filter > 4) return `a PNG image with the unknown filter ${filter} in line ${row}`;
    if (filter !== 0) addPredicted(lines, { from: from + 1, rowBytes, pixelBytes, filter, row });
  }
  return null;
}

interface Line {
  readonly from: number;
  readonly rowBytes: number;
  readonly pixelBytes: number;
  readonly filter: number;
  readonly row: number;
}

function addPredicted(lines: Uint8Array, line: Line): void {
  const { from, rowBytes, pixelBytes, filter, row } = line;
  const stride = rowBytes + 1;
  for (let index = 0; index < rowBytes; index += 1) {
    const at = from + index;
    const left = index < pixelBytes ? 0 : (lines[at - pixelBytes] ?? 0);
    const up = row === 0 ? 0 : (lines[at - stride] ?? 0);
    const corner = index < pixelBytes || row === 0 ? 0 : (lines[at - stride - pixelBytes] ?? 0);
    lines[at] = (lines[at] ?? 0) + predicted(filter, left, up, corner);
  }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const byLeft = Math.abs(guess - left);
  const byUp = Math.abs(guess - up);
  const byCorner = Math.abs(guess - corner);
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

/** 65,535 is air. Numbers of two bytes come with their higher one first. */
function planeOf(lines: Uint8Array, { widthPx, heightPx, pixelBytes }: Header): Uint16Array {
  const plane = new Uint16Array(widthPx * heightPx);
  const view = new DataView(lines.buffer, lines.byteOffset, lines.byteLength);
  let pixel = 0;
  for (let row = 0; row < heightPx; row += 1) {
    let at = row * (widthPx * pixelBytes + 1) + 1;
    for (let column = 0; column < widthPx; column += 1) {
      plane[pixel] = pixelBytes === 2 ? view.getUint16(at) : view.getUint8(at) * 257;
      pixel += 1;
      at += pixelBytes;
    }
  }
  return plane;
}
