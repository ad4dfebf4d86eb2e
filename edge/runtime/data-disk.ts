import { join } from "node:path";
import type { Log } from "../../protocols/log.ts";
import type { DiskRoom } from "../../protocols/storage.ts";
import type { Clock } from "../../protocols/time.ts";
import { openImageFolder } from "../images/image-folder.ts";
import type { ImageBounds, ImageStore } from "../images/port.ts";
import { readDiskRoom } from "./disk-room.ts";
import { startStorageWatch, type StorageWatch, type StorageWatchOptions } from "./storage-watch.ts";

/**
 * The disk of a role's data folder, which its journals share with X-ray images: the images in a folder
 * of their own, and the watch that has them make room where the disk is short.
 */
export interface DataDisk {
  readonly images: ImageStore;
  readonly storage: StorageWatch;
}

export interface DataDiskOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly imageBounds: ImageBounds;
  readonly linesTotal: number;
  /** Of the journals on it. */
  readonly logs: StorageWatchOptions["logs"];
  readonly sideStores?: StorageWatchOptions["sideStores"];
}

export async function openDataDisk(options: DataDiskOptions): Promise<DataDisk> {
  const { clock, log, dataDir, imageBounds, linesTotal, logs, sideStores } = options;
  const readRoom = (): Promise<DiskRoom | null> => readDiskRoom(dataDir);
  const images = await openImageFolder({
    ...imageBounds,
    log: log.child("images"),
    clock,
    folder: join(dataDir, "images"),
    readRoom,
  });
  const storage = startStorageWatch({
    clock,
    log,
    linesTotal,
    readRoom,
    logs,
    onShort: () => images.makeRoom(),
    ...(sideStores === undefined ? {} : { sideStores }),
  });
  return { images, storage };
}
