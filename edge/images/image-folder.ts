import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createFactLog } from "../../protocols/fact-log.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { zSha256 } from "../../protocols/sorting.ts";
import { imageReserveOf, type DiskRoom } from "../../protocols/storage.ts";
import { halfSuffix, writeDurably } from "../journal/durable-file.ts";
import { createHeldImages } from "./held-images.ts";
import type { ImageBounds, ImageRefusal, ImageStore, PutImage } from "./port.ts";

export interface ImageFolderOptions extends ImageBounds {
  /** Made if it is not there. Files that are not named like images are left alone. */
  readonly folder: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Asked before each write, so that journals on the same disk keep theirs. Default: not asked. */
  readonly readRoom?: () => Promise<DiskRoom | null>;
}

/** Images being checked and written at once; more are refused as `busy`. */
export const imagesBeingPutMax = 64;
/**
 * How much is hashed without a pause. It takes about a millisecond, because the line may be served
 * by the same thread.
 */
const hashSliceBytes = 1024 * 1024;

/** One file an image, named by its hash. Rejects when the folder cannot be made or read. */
export async function openImageFolder(options: ImageFolderOptions): Promise<ImageStore> {
  const { folder, bytesMax } = options;
  await mkdir(folder, { recursive: true });
  const facts = createFactLog(options);
  const held = createHeldImages(options);
  const writing = new Map<string, Promise<PutImage>>();
  const removing = new Map<string, Promise<void>>();
  const totals = {
    storedTotal: 0,
    evictedTotal: 0,
    refusedTotal: 0,
    failedTotal: 0,
    damagedTotal: 0,
  };
  let putsUnderWay = 0;

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

  /** A file that cannot be removed now is found again, and removed, by the next run. */
  const remove = (sha256: string): Promise<void> => {
    const removed = rm(join(folder, sha256), { force: true })
      .catch((error: unknown) => fail("an image cannot be removed", sha256, error))
      .finally(() => removing.delete(sha256));
    removing.set(sha256, removed);
    return removed;
  };

  const hold = async (sha256: string, bytes: number): Promise<void> => {
    const gone = held.add(sha256, bytes);
    totals.evictedTotal += gone.length;
    // All at once: a put of one of them meanwhile has to find that it is being removed.
    await Promise.all(gone.map(remove));
  };

  /** False where the disk stays short of what the image and the journals need together. */
  const hasRoomFor = async (bytes: number): Promise<boolean> => {
    const room = (await options.readRoom?.()) ?? null;
    if (room === null) return true;
    const missing = bytes + imageReserveOf(room) - room.freeBytes;
    if (missing <= 0) return true;
    const leaving = held.letGo(missing);
    totals.evictedTotal += leaving.gone.length;
    await Promise.all(leaving.gone.map(remove));
    return leaving.bytes >= missing;
  };

  const refuse = (code: ImageRefusal): PutImage => {
    totals.refusedTotal += 1;
    return { kind: "refused", code };
  };

  const write = async (sha256: string, bytes: Uint8Array): Promise<PutImage> => {
    // The removal of the same image must not take away what is written now.
    await removing.get(sha256);
    try {
      if (!(await hasRoomFor(bytes.byteLength))) {
        const why = "the disk has no room for images";
        fail(why, sha256, why);
        return { kind: "failed", why };
      }
      await writeDurably(join(folder, sha256), bytes);
    } catch (error) {
      fail("an image cannot be written", sha256, error);
      return { kind: "failed", why: fileReason(error) };
    }
    totals.storedTotal += 1;
    await hold(sha256, bytes.byteLength);
    return { kind: "stored" };
  };

  const checkAndWrite = async (sha256: string, bytes: Uint8Array): Promise<PutImage> => {
    if ((await sha256Of(bytes)) !== sha256) return refuse("hashWrong");
    // Somebody else may have put the same image while this one's bytes were being checked.
    if (held.has(sha256)) return { kind: "stored" };
    const underWay = writing.get(sha256);
    if (underWay !== undefined) return underWay;
    const outcome = write(sha256, bytes).finally(() => writing.delete(sha256));
    writing.set(sha256, outcome);
    return outcome;
  };

  for (const [sha256, bytes] of await readFolder(folder)) await hold(sha256, bytes);

  return {
    put: (sha256, bytes, then) => {
      if (held.has(sha256)) return then({ kind: "stored" });
      if (bytes.byteLength > bytesMax) return then(refuse("tooBig"));
      if (putsUnderWay >= imagesBeingPutMax) return then(refuse("busy"));
      putsUnderWay += 1;
      void checkAndWrite(sha256, bytes).then((outcome) => {
        putsUnderWay -= 1;
        then(outcome);
      });
    },
    read: async (sha256) => {
      if (!held.has(sha256)) return null;
      try {
        const bytes = await readFile(join(folder, sha256));
        if ((await sha256Of(bytes)) === sha256) return bytes;
        totals.damagedTotal += 1;
        held.drop(sha256);
        await remove(sha256);
      } catch (error) {
        fail("an image cannot be read", sha256, error);
        held.drop(sha256);
      }
      return null;
    },
    has: (sha256) => held.has(sha256),
    makeRoom: () => void hasRoomFor(0),
    counters: () => ({ ...held.totals(), ...totals }),
  };
}

/** Names and sizes, oldest first; what an interrupted write left behind is removed. */
async function readFolder(folder: string): Promise<readonly (readonly [string, number])[]> {
  const found: { name: string; bytes: number; writtenAtMs: number }[] = [];
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (name.endsWith(halfSuffix)) await rm(file, { force: true });
    if (!zSha256.safeParse(name).success) continue;
    const { size, mtimeMs } = await stat(file);
    found.push({ name, bytes: size, writtenAtMs: mtimeMs });
  }
  found.sort((a, b) => a.writtenAtMs - b.writtenAtMs);
  return found.map(({ name, bytes }) => [name, bytes]);
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let from = 0; from < bytes.byteLength; from += hashSliceBytes) {
    if (from > 0) await nextTurn();
    hash.update(bytes.subarray(from, from + hashSliceBytes));
  }
  return hash.digest("hex");
}
