import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createFactLog } from "../../protocols/fact-log.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { imageKindOf, type ImageKind } from "../../protocols/image-kind.ts";
import { zSha256 } from "../../protocols/sorting.ts";
import { imageReserveOf, type DiskRoom } from "../../protocols/storage.ts";
import { halfSuffix, writeDurably } from "../journal/durable-file.ts";
import { createHeldImages, type HeldImage } from "./held-images.ts";
import {
  boundsOfKind,
  type ImageBounds,
  type ImageRefusal,
  type ImageStore,
  type PutImage,
} from "./port.ts";

export interface ImageFolderOptions extends ImageBounds {
  /** Made if it is not there. Files that are not named like images are left alone. */
  readonly folder: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Asked before each write, so that journals on the same disk keep theirs. Default: not asked. */
  readonly readRoom?: () => Promise<DiskRoom | null>;
}

/** X-ray images being checked and written at once; more are refused as `busy`. */
export const imagesBeingPutMax = 64;
/** Stills that are put and not yet written, likewise. They are written one after the other. */
export const stillsBeingPutMax = 16;
export const stillBytesBeingPutMax = 8 * 1024 * 1024;
/** Which of the files are stills; all others are X-ray images. */
const stillSuffix = ".still";
/**
 * How much is hashed without a pause. It takes about a millisecond, because the line may be served
 * by the same thread.
 */
const hashSliceBytes = 1024 * 1024;

/** One file an image, named by its hash. Rejects when the folder cannot be made or read. */
export async function openImageFolder(options: ImageFolderOptions): Promise<ImageStore> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  const facts = createFactLog(options);
  const held = createHeldImages(options);
  const writing = new Map<string, Promise<PutImage>>();
  const removing = new Map<string, Promise<void>>();
  const totals = {
    storedTotal: 0,
    evictedTotal: 0,
    stillsEvictedTotal: 0,
    refusedTotal: 0,
    stillsRefusedTotal: 0,
    failedTotal: 0,
    damagedTotal: 0,
  };
  const underWay = { xray: { images: 0, bytes: 0 }, still: { images: 0, bytes: 0 } };
  const stillsWaiting: (() => Promise<void>)[] = [];
  let isStillWritten = false;

  const fail = (message: string, sha256: string, error: unknown): void => {
    totals.failedTotal += 1;
    facts.tell({
      subject: folder,
      is: message,
      level: "error",
      message,
      fields: { sha256, error },
    });
  };

  const fileOf = (sha256: string, kind: ImageKind): string =>
    join(folder, kind === "still" ? `${sha256}${stillSuffix}` : sha256);

  /** A file that cannot be removed now is found again, and removed, by the next run. */
  const remove = (sha256: string, kind: ImageKind): Promise<void> => {
    const removed = rm(fileOf(sha256, kind), { force: true })
      .catch((error: unknown) => fail("an image cannot be removed", sha256, error))
      .finally(() => removing.delete(sha256));
    removing.set(sha256, removed);
    return removed;
  };

  const evict = async (gone: readonly HeldImage[]): Promise<void> => {
    for (const { kind } of gone) {
      totals[kind === "still" ? "stillsEvictedTotal" : "evictedTotal"] += 1;
    }
    // All at once: a put of one of them meanwhile has to find that it is being removed.
    await Promise.all(gone.map(({ sha256, kind }) => remove(sha256, kind)));
  };

  /** False where the disk stays short of what the image and the journals need together. */
  const hasRoomFor = async (bytes: number, kind: ImageKind): Promise<boolean> => {
    const room = (await options.readRoom?.()) ?? null;
    if (room === null) return true;
    const missing = bytes + imageReserveOf(room) - room.freeBytes;
    if (missing <= 0) return true;
    const leaving = held.letGo(missing, kind);
    await evict(leaving.gone);
    return leaving.bytes >= missing;
  };

  const refuse = (code: ImageRefusal, kind: ImageKind): PutImage => {
    totals[kind === "still" ? "stillsRefusedTotal" : "refusedTotal"] += 1;
    return { kind: "refused", code };
  };

  const write = async (sha256: string, kind: ImageKind, bytes: Uint8Array): Promise<PutImage> => {
    // The removal of the same image must not take away what is written now.
    await removing.get(sha256);
    try {
      if (!(await hasRoomFor(bytes.byteLength, kind))) {
        const why = "the disk has no room for images";
        fail(why, sha256, why);
        return { kind: "failed", why };
      }
      await writeDurably(fileOf(sha256, kind), bytes);
    } catch (error) {
      fail("an image cannot be written", sha256, error);
      return { kind: "failed", why: fileReason(error) };
    }
    totals.storedTotal += 1;
    await evict(held.add({ sha256, kind, bytes: bytes.byteLength }));
    return { kind: "stored" };
  };

  const checkAndWrite = async (
    sha256: string,
    kind: ImageKind,
    bytes: Uint8Array,
  ): Promise<PutImage> => {
    if ((await sha256Of(bytes)) !== sha256) return refuse("hashWrong", kind);
    // Somebody else may have put the same image while this one's bytes were being checked.
    if (held.kindOf(sha256) !== null) return { kind: "stored" };
    const written = writing.get(sha256);
    if (written !== undefined) return written;
    const outcome = write(sha256, kind, bytes).finally(() => writing.delete(sha256));
    writing.set(sha256, outcome);
    return outcome;
  };

  const isBusy = (kind: ImageKind, bytes: number): boolean => {
    const { images, bytes: before } = underWay[kind];
    if (kind === "xray") return images >= imagesBeingPutMax;
    return images >= stillsBeingPutMax || before + bytes > stillBytesBeingPutMax;
  };

  /** One, and only while no X-ray image is under way. */
  const writeNextStill = (): void => {
    if (isStillWritten || underWay.xray.images > 0) return;
    const next = stillsWaiting.shift();
    if (next === undefined) return;
    isStillWritten = true;
    void next().finally(() => {
      isStillWritten = false;
      writeNextStill();
    });
  };

  for (const found of await readFolder(folder)) await evict(held.add(found));

  return {
    put: (sha256, bytes, then) => {
      const kind = imageKindOf(bytes);
      const { bytesMax } = boundsOfKind(kind, options);
      if (held.kindOf(sha256) !== null) return then({ kind: "stored" });
      if (bytes.byteLength > bytesMax) return then(refuse("tooBig", kind));
      if (isBusy(kind, bytes.byteLength)) return then(refuse("busy", kind));
      const lane = underWay[kind];
      lane.images += 1;
      lane.bytes += bytes.byteLength;
      const work = async (): Promise<void> => {
        const outcome = await checkAndWrite(sha256, kind, bytes);
        lane.images -= 1;
        lane.bytes -= bytes.byteLength;
        then(outcome);
      };
      if (kind === "xray") return void work().finally(writeNextStill);
      stillsWaiting.push(work);
      writeNextStill();
    },
    read: async (sha256) => {
      const kind = held.kindOf(sha256);
      if (kind === null) return null;
      try {
        const bytes = await readFile(fileOf(sha256, kind));
        if ((await sha256Of(bytes)) === sha256) return bytes;
        totals.damagedTotal += 1;
        held.drop(sha256);
        await remove(sha256, kind);
      } catch (error) {
        fail("an image cannot be read", sha256, error);
        held.drop(sha256);
      }
      return null;
    },
    has: (sha256) => held.kindOf(sha256) !== null,
    kindOf: (sha256) => held.kindOf(sha256),
    makeRoom: () => void hasRoomFor(0, "xray"),
    counters: () => ({ ...held.totals(), ...totals }),
  };
}

/** Oldest first; what an interrupted write left behind is removed. */
async function readFolder(folder: string): Promise<readonly HeldImage[]> {
  const found: (HeldImage & { readonly writtenAtMs: number })[] = [];
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (name.endsWith(halfSuffix)) await rm(file, { force: true });
    const kind = name.endsWith(stillSuffix) ? "still" : "xray";
    const sha256 = kind === "still" ? name.slice(0, -stillSuffix.length) : name;
    if (!zSha256.safeParse(sha256).success) continue;
    const { size, mtimeMs } = await stat(file);
    found.push({ sha256, kind, bytes: size, writtenAtMs: mtimeMs });
  }
  return found.toSorted((a, b) => a.writtenAtMs - b.writtenAtMs);
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let from = 0; from < bytes.byteLength; from += hashSliceBytes) {
    if (from > 0) await nextTurn();
    hash.update(bytes.subarray(from, from + hashSliceBytes));
  }
  return hash.digest("hex");
}
