import { stillBytesMax } from "../../../protocols/camera/still.ts";
import { imageFormatOf } from "../../../protocols/xray/image-format.ts";

/** Why this is no still that could be kept and shown; null: it is one. */
export function whyNoStill(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return "it is empty";
  if (bytes.length > stillBytesMax) return `${bytes.length} bytes are more than ${stillBytesMax}`;
  const format = imageFormatOf(bytes);
  if (format !== "jpeg" && format !== "png") return "it is neither JPEG nor PNG";
  return isWhole(bytes, format) ? null : `its ${format.toUpperCase()} is cut off`;
}

/** @see ITU-T T.81 B.1.1.3 (EOI), RFC 2083 4.1.4 (IEND): what a whole one ends with, but for padding. */
function isWhole(bytes: Uint8Array, format: "jpeg" | "png"): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { mark, bytesTotal } = ends[format];
  const endAt = file.lastIndexOf(mark);
  return endAt !== -1 && endAt + bytesTotal <= bytes.length && endAt + paddingMax >= bytes.length;
}

const ends = {
  jpeg: { mark: Buffer.of(0xff, 0xd9), bytesTotal: 2 },
  // With the checksum that follows it.
  png: { mark: Buffer.from("IEND", "latin1"), bytesTotal: 8 },
} as const;
/** Some cameras fill the last block of a file up, or put a text behind the picture. */
const paddingMax = 4_096;
