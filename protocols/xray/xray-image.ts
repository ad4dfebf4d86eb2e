import { crc32 } from "../crc32.ts";
import { decodeJson, encodeJson } from "../json-message.ts";
import { zXrayImageHeader, type XrayImageHeader } from "./xray.ts";

/**
 * An image message (our own format), on the wire, on the disk and in the browser alike. Numbers
 * are little-endian:
 *
 * | offset | bytes | what |
 * |---|---|---|
 * | 0 | 4 | `SLXI` |
 * | 4 | 2 | version, 1 |
 * | 6 | 2 | length of the header in bytes, at most 1,024 |
 * | 8 | 4 | CRC-32 of everything behind it |
 * | 12 | | header: JSON, `zXrayImageHeader` |
 * | | 2 x width x height | high-energy plane, rows from the top, transmission 0 to 65,535 |
 * | | 2 x width x height | low-energy plane; left out where the header has `planes` 1 |
 *
 * The length must come out exactly. Nothing that names a parcel or its contents is in it.
 */
export const xrayImageBytesMax = 16 * 1024 * 1024;

const magic = [0x53, 0x4c, 0x58, 0x49] as const;
const version = 1;
const headerFrom = 12;
const headerBytesMax = 1_024;
const bytesPerPixel = 2;

export interface XrayPlanes {
  /** One transmission value a pixel, row by row from the top: 65,535 is air, 0 lets nothing through. */
  readonly highEnergy: Uint16Array;
  /** Null: the machine has one energy, and nothing tells of what something is made. */
  readonly lowEnergy: Uint16Array | null;
}

export type XrayImageCheck =
  | { readonly kind: "ok"; readonly header: XrayImageHeader; readonly pixelsFrom: number }
  | { readonly kind: "invalid"; readonly why: string };

/**
 * Checks a message as a whole without copying its pixels. Who runs where CRC-32 is built in hands that
 * in: it takes a sixth of the time.
 */
export function checkXrayImage(
  bytes: Uint8Array,
  checksum: (bytes: Uint8Array) => number = crc32,
): XrayImageCheck {
  const invalid = (why: string): XrayImageCheck => ({ kind: "invalid", why });
  if (bytes.length > xrayImageBytesMax) return invalid(`${bytes.length} bytes are too many`);
  if (bytes.length < headerFrom) return invalid(`${bytes.length} bytes are too few`);
  const view = viewOf(bytes);
  if (magic.some((byte, index) => bytes[index] !== byte)) return invalid("not an image message");
  if (view.getUint16(4, true) !== version) return invalid(`version ${view.getUint16(4, true)}`);
  const headerLength = view.getUint16(6, true);
  const pixelsFrom = headerFrom + headerLength;
  if (headerLength > headerBytesMax) return invalid(`header of ${headerLength} bytes`);
  if (pixelsFrom > bytes.length) return invalid("cut within its header");
  const headerBytes = bytes.subarray(headerFrom, pixelsFrom);
  const header = decodeJson(zXrayImageHeader, headerBytes, headerBytesMax);
  if (header.kind === "invalid") return invalid(`header ${header.why}`);
  const expected = pixelsFrom + xrayPixelBytes(header.value);
  if (bytes.length !== expected) return invalid(`${bytes.length} bytes instead of ${expected}`);
  if (checksum(bytes.subarray(headerFrom)) !== view.getUint32(8, true)) return invalid("checksum");
  return { kind: "ok", header: header.value, pixelsFrom };
}

export type XrayImage =
  | ({ readonly kind: "ok"; readonly header: XrayImageHeader } & XrayPlanes)
  | { readonly kind: "invalid"; readonly why: string };

/** Checks a message and copies its planes out. */
export function decodeXrayImage(bytes: Uint8Array): XrayImage {
  const checked = checkXrayImage(bytes);
  if (checked.kind === "invalid") return checked;
  const { header, pixelsFrom } = checked;
  const pixels = header.widthPx * header.heightPx;
  return {
    kind: "ok",
    header,
    highEnergy: readPlane(bytes, pixelsFrom, pixels),
    lowEnergy:
      header.planes === 1 ? null : readPlane(bytes, pixelsFrom + bytesPerPixel * pixels, pixels),
  };
}

/** The message, or null when the planes are not of the header's size or it would be too long. */
export function encodeXrayImage(header: XrayImageHeader, planes: XrayPlanes): Uint8Array | null {
  const { highEnergy, lowEnergy } = planes;
  const planeBytes = bytesPerPixel * highEnergy.length;
  if ((lowEnergy === null) !== (header.planes === 1)) return null;
  if (lowEnergy !== null && lowEnergy.length !== highEnergy.length) return null;
  return encodeWith(header, lowEnergy === null ? planeBytes : 2 * planeBytes, (bytes) => {
    writePlane(bytes, 0, highEnergy);
    if (lowEnergy !== null) writePlane(bytes, planeBytes, lowEnergy);
  });
}

/** The same of pixels as they stand in a message, one plane behind the other. */
export const encodeXrayPixels = (header: XrayImageHeader, pixels: Uint8Array): Uint8Array | null =>
  encodeWith(header, pixels.length, (bytes) => bytes.set(pixels));

/** How long the pixels of a picture of this size are, in bytes. */
export const xrayPixelBytes = ({
  widthPx,
  heightPx,
  planes = 2,
}: Pick<XrayImageHeader, "widthPx" | "heightPx"> & { readonly planes?: 1 | 2 }): number =>
  planes * bytesPerPixel * widthPx * heightPx;

function encodeWith(
  header: XrayImageHeader,
  pixelBytes: number,
  write: (pixels: Uint8Array) => void,
): Uint8Array | null {
  if (pixelBytes !== xrayPixelBytes(header)) return null;
  const headerBytes = encodeJson(header);
  const pixelsFrom = headerFrom + headerBytes.length;
  const totalBytes = pixelsFrom + pixelBytes;
  if (headerBytes.length > headerBytesMax || totalBytes > xrayImageBytesMax) return null;

  const bytes = new Uint8Array(totalBytes);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint16(4, version, true);
  view.setUint16(6, headerBytes.length, true);
  bytes.set(headerBytes, headerFrom);
  write(bytes.subarray(pixelsFrom));
  view.setUint32(8, crc32(bytes.subarray(headerFrom)), true);
  return bytes;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * So many pixels of two little-endian bytes each. Planes are copied as bytes: pixel by pixel takes
 * ten times as long.
 */
export function readPlane(bytes: Uint8Array, from: number, pixels: number): Uint16Array {
  const plane = new Uint16Array(pixels);
  const copied = new Uint8Array(plane.buffer);
  copied.set(bytes.subarray(from, from + copied.length));
  toOrFromLittleEndian(copied);
  return plane;
}

function writePlane(bytes: Uint8Array, from: number, plane: Uint16Array): void {
  const source = new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
  bytes.set(source, from);
  toOrFromLittleEndian(bytes.subarray(from, from + source.length));
}

const isLittleEndianHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Swaps each pair of bytes on the rare machine that is not little-endian itself. */
function toOrFromLittleEndian(bytes: Uint8Array): void {
  if (isLittleEndianHost) return;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    bytes.set([second, first], at);
  }
}
