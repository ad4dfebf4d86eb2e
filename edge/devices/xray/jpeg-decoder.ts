import type { Codec } from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
import type { JpegDecode } from "./jpeg-picture.ts";

/** libjpeg-turbo, which is loaded only where pictures are JPEG files. */
export async function loadJpegDecoder(): Promise<JpegDecode> {
  const { default: open } = await import("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs");
  const codec = await open();
  return (file) => decodeWith(codec, file);
}

function decodeWith(codec: Codec, file: Uint8Array): ReturnType<JpegDecode> {
  const decoder = new codec.JPEGDecoder();
  try {
    decoder.getEncodedBuffer(file.length).set(file);
    decoder.decode();
    const { width, height, componentCount } = decoder.getFrameInfo();
    const samples = Uint8Array.from(decoder.getDecodedBuffer());
    return { widthPx: width, heightPx: height, components: componentCount, samples };
  } catch (error) {
    // What it cannot decode it throws as a number; anything else is no fault of the file.
    if (typeof error === "number") return null;
    throw error;
  } finally {
    decoder.delete();
  }
}
