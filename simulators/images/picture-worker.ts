import { parentPort } from "node:worker_threads";
import { renderXray, type ImageSize, type InBeam } from "./render.ts";

/** Draws pictures beside the world's own thread; see `prepared-pictures.ts`. */
export interface PictureJob {
  readonly key: string;
  readonly item: InBeam;
  readonly size: ImageSize;
}

const port = parentPort;
port?.on("message", ({ key, item, size }: PictureJob) => {
  const picture = renderXray([item], size);
  port.postMessage({ key, picture }, [picture.low.buffer, picture.high.buffer]);
});
