import { decodeXrayImage } from "../../../protocols/xray/xray-image.ts";
import { fetchImage } from "../http/api.ts";
import { prepareImage, type PreparedImage } from "./prepared-image.ts";

/** Prepared images kept: the one shown, the next ones, and the last few of a story. */
const imagesKeptMax = 8;

const images = new Map<string, Promise<PreparedImage | null>>();

/**
 * Image by the hash of its message; null when it cannot be had or read. A name that is a hash
 * never means another image, so what was fetched ahead can be shown without asking again.
 */
export function loadImage(imageHash: string): Promise<PreparedImage | null> {
  const known = images.get(imageHash);
  if (known !== undefined) return known;
  const loading = load(imageHash).then((image) => {
    // A failure is not kept, because the next attempt may succeed.
    if (image === null) images.delete(imageHash);
    return image;
  });
  images.set(imageHash, loading);
  const [oldest] = images.keys();
  if (images.size > imagesKeptMax && oldest !== undefined) images.delete(oldest);
  return loading;
}

async function load(imageHash: string): Promise<PreparedImage | null> {
  const answer = await fetchImage(imageHash);
  if (answer.kind !== "ok") return null;
  const decoded = decodeXrayImage(answer.value);
  if (decoded.kind !== "ok") return null;
  return prepareImage(decoded, decoded.header);
}
