/** What a file's first bytes say that it is, whatever its name is; what follows is not looked at. */
export type ImageFormat = "dicom" | "png" | "jpeg";

interface Signature {
  readonly at: number;
  readonly bytes: readonly number[];
}

/** @see PS3.10 7.1, RFC 2083 3.1, ITU-T T.81 B.1.1.3 (SOI, and the marker that must follow it) */
export const imageSignatures: Readonly<Record<ImageFormat, Signature>> = {
  dicom: { at: 128, bytes: [0x44, 0x49, 0x43, 0x4d] },
  png: { at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  jpeg: { at: 0, bytes: [0xff, 0xd8, 0xff] },
};

/** Null for anything else. A preamble may be any bytes, so that `DICM` behind it comes first. */
export function imageFormatOf(file: Uint8Array): ImageFormat | null {
  const formats = ["dicom", "png", "jpeg"] as const;
  const found = formats.find((format) => {
    const { at, bytes } = imageSignatures[format];
    return bytes.every((byte, index) => file[at + index] === byte);
  });
  return found ?? null;
}
