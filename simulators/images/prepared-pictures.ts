import { Worker } from "node:worker_threads";
import type { PictureJob } from "./picture-worker.ts";
import type { PictureSource } from "./pictures.ts";
import { renderXray, type ImageSize, type InBeam, type XrayPicture } from "./render.ts";

/** Pictures drawn and not yet taken: those of parcels on their way to the beam. */
const preparedMax = 200;

/** Pictures that are ready before a parcel reaches the beam. */
export interface PreparedPictures {
  /** Has the picture of this parcel drawn in another thread. */
  prepare(item: InBeam): void;
  /**
   * Gives the prepared picture. One is drawn on the spot for parcels that touch, and for bodies
   * that nobody sent.
   */
  readonly take: PictureSource;
  /** How many have been drawn and wait to be taken. */
  readyCount(): number;
  close(): Promise<void>;
}

/**
 * Drawing a picture takes tens of milliseconds, in which a world in real time would stand still. So
 * pictures are drawn ahead in another thread; the result is the same wherever it is drawn.
 */
export function createPreparedPictures(
  size: ImageSize,
  onFailed: (error: Error) => void,
): PreparedPictures {
  const prepared = new Map<string, XrayPicture>();
  const worker = new Worker(new URL("./picture-worker.ts", import.meta.url));
  worker.unref();
  let isWorking = true;
  worker.on("message", ({ key, picture }: { key: string; picture: XrayPicture }) => {
    prepared.set(key, picture);
    if (prepared.size <= preparedMax) return;
    for (const oldest of prepared.keys()) {
      prepared.delete(oldest);
      break;
    }
  });
  // Without the thread every picture is drawn when it is taken.
  worker.on("error", (error) => {
    isWorking = false;
    onFailed(error);
  });

  return {
    prepare(item) {
      const job: PictureJob = { key: keyOf(item), item, size };
      if (isWorking) worker.postMessage(job, []);
    },
    take(items) {
      const [first] = items;
      const key = first === undefined || items.length > 1 ? "" : keyOf(first);
      const picture = prepared.get(key);
      prepared.delete(key);
      return picture ?? renderXray(items, size);
    },
    readyCount: () => prepared.size,
    async close() {
      isWorking = false;
      await worker.terminate();
    },
  };
}

/** Everything a picture depends on. */
const keyOf = ({ lengthMm, contents }: InBeam): string => JSON.stringify([lengthMm, contents]);
