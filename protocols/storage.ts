import { z } from "zod";
import { failingWhyMax, sideStores } from "./side-stores.ts";

/**
 * What a program has room for, and what it could not keep: told by a line agent over the link, since
 * a journal that cannot be written tells of nothing, and by the centre of itself.
 */
export const diskLevels = ["ample", "low", "full"] as const;
export type DiskLevel = (typeof diskLevels)[number];

const zBytes = z.number().int().min(0);

/** The write-ahead log beside a journal's file. */
const zLogState = z.strictObject({
  bytes: zBytes,
  /** Since when somebody else's reading keeps it from being used again; 0 while nobody does. */
  heldMs: z.number().min(0),
});
export type LogState = z.infer<typeof zLogState>;

export const zStorageReport = z.strictObject({
  /** Null: the system does not say, or has not said yet. */
  disk: z.strictObject({ level: z.enum(diskLevels), freeBytes: zBytes }).nullable(),
  /** Images in a row that could not be kept, the last of them within a minute. */
  imagesNotKept: z.number().int().min(0),
  logs: z.array(z.strictObject({ file: z.string().min(1).max(40), ...zLogState.shape })).max(4),
  /** What is kept beside the journals and takes nothing now. Absent: all of it works, or there is none. */
  failing: z
    .array(z.strictObject({ store: z.enum(sideStores), why: z.string().max(failingWhyMax) }))
    .max(sideStores.length)
    .exactOptional(),
});
export type StorageReport = z.infer<typeof zStorageReport>;

/** A backup of a day's journal takes less; whoever reads for longer has been forgotten. */
const heldMsMax = 60_000;
const heldBytesMax = 64 * 1024 * 1024;

/** Somebody holds the log for so long, or so much of it, that a person should look. */
export const isHeldTooLong = ({ bytes, heldMs }: LogState): boolean =>
  heldMs >= heldMsMax || (heldMs > 0 && bytes > heldBytesMax);

/** What the system says of the disk that holds a folder. */
export interface DiskRoom {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Further files that it can hold; null where it does not count them. */
  readonly freeFiles: number | null;
}

const mebibyte = 1024 * 1024;
/**
 * What a line writes in a day at full rate, 4,000 parcels/h of some 9 kB, rounded up. Growth that is
 * measured would say more of a line that is idle half the day and less of a disk that others fill.
 */
const lineDayBytes = 1_024 * mebibyte;
const filesMin = 64;

/**
 * Free bytes below which a disk is low, and is full. A small disk is measured by its own size, since
 * it would never be anything but low.
 */
export const roomLimits = (
  { totalBytes }: DiskRoom,
  linesTotal: number,
): { readonly lowBytes: number; readonly fullBytes: number } => ({
  lowBytes: Math.min(linesTotal * lineDayBytes, totalBytes / 4),
  fullBytes: Math.min(16 * mebibyte, totalBytes / 64),
});

/**
 * Free bytes below which a disk takes no more images, long before it is full: what is left then is the
 * journal's, because a line without images sorts on, and one without a journal does not.
 */
export const imageReserveOf = ({ totalBytes }: DiskRoom): number =>
  Math.min(64 * mebibyte, totalBytes / 16);

/** So much more has to be free before a level is left than it took to reach it. */
const leavingFactor = 1.25;

export function levelOf(room: DiskRoom, linesTotal: number, before: DiskLevel): DiskLevel {
  const { lowBytes, fullBytes } = roomLimits(room, linesTotal);
  const isBelow = (bytes: number, isIn: boolean): boolean =>
    room.freeBytes < (isIn ? bytes * leavingFactor : bytes);
  const hasFiles = room.freeFiles === null || room.freeFiles >= filesMin;
  if (!hasFiles || isBelow(fullBytes, before === "full")) return "full";
  return isBelow(lowBytes, before !== "ample") ? "low" : "ample";
}

/** An agent begins no session on a disk that has less: its first records would end it again. */
export const startBytesMin = mebibyte;

export const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** For `/healthz`, in the words of whoever looks after the machines. */
export function storageReasons({ disk, imagesNotKept }: StorageReport): readonly string[] {
  const freeMb = megabytes(disk?.freeBytes ?? 0);
  return [
    ...(disk?.level === "full" ? [`disk full: ${freeMb} MB left`] : []),
    ...(imagesNotKept > 0 ? [`${imagesNotKept} images in a row not kept`] : []),
  ];
}

/** What people should know of before it keeps anybody from anything. */
export function storageWarnings({ disk, logs, failing = [] }: StorageReport): readonly string[] {
  return [
    ...(disk?.level === "low" ? [`disk low: ${megabytes(disk.freeBytes)} MB left`] : []),
    ...failing.map(({ store, why }) => `${store} cannot be written: ${why}`),
    ...logs
      .filter(isHeldTooLong)
      .map(
        ({ file, bytes, heldMs }) =>
          `${file}: another program has read it for ${Math.round(heldMs / 1_000)} s, log ${megabytes(bytes)} MB`,
      ),
  ];
}
