import { createHash } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileReason, isMissing } from "../../../protocols/file-reason.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { ChainTail } from "../chain.ts";
import { halfSuffix, syncFolder, writeDurably } from "../durable-file.ts";
import { nameOfSegment, readSegmentName, type Segment, type SegmentName } from "./segment.ts";
import { checkSegmentFile, packSegment, readSegmentFile, SegmentError } from "./segment-file.ts";

/**
 * The segments of one data folder's chains: a folder a chain, in it one file a segment. One writer;
 * others may read meanwhile. Whatever it cannot do it rejects with `SegmentError`.
 */
export interface SegmentFolder {
  /**
   * Writes the records behind `from` as one file and reads it back from the disk. When it resolves,
   * the file is durable and was found to hold the very chain that was given.
   */
  write(from: ChainTail, pages: AsyncIterable<readonly JournalRecord[]>): Promise<WrittenSegment>;
  /** Reads a noted file whole: null when it is what was noted, or what is wrong with it. */
  check(segment: Segment): Promise<string | null>;
  /** At most `recordsMax` records of it behind `afterSeq`. The last one that was read is kept at hand. */
  read(segment: Segment, afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  remove(segment: Segment): Promise<void>;
  /** What lies in the folder of a chain, half-written files taken away. */
  list(chain: string): Promise<readonly SegmentName[]>;
}

export type WrittenSegment = Pick<
  Segment,
  "chain" | "firstSeq" | "lastSeq" | "prevHash" | "lastHash" | "bytes" | "sha256"
>;

/** Made if it is not there, when the first segment is written. `put`: for tests of disks that lie. */
export function createSegmentFolder(
  folder: string,
  put: (path: string, bytes: Uint8Array) => Promise<void> = writeDurably,
): SegmentFolder {
  let atHand: { readonly path: string; readonly records: readonly JournalRecord[] } | null = null;

  /** A chain's name is one file name: it has no slash, and the two that mean other folders are none. */
  const folderOf = (chain: string): string => {
    if (chain === "." || chain === "..") throw new SegmentError(`no folder may be named ${chain}`);
    return join(folder, chain);
  };
  const pathOf = (segment: Parameters<typeof nameOfSegment>[0] & { readonly chain: string }) =>
    join(folderOf(segment.chain), nameOfSegment(segment));

  return {
    write: async (from, pages) => {
      const { bytes, last } = await packSegment(from, pages);
      const ends = { firstSeq: from.seq + 1, lastSeq: last.seq, lastHash: last.hash };
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const { chain } = from;
      const written = { chain, ...ends, prevHash: from.hash, bytes: bytes.length, sha256 };
      const path = pathOf(written);
      await onDisk(path, async () => {
        await makeFolder(dirname(path));
        await put(path, bytes);
      });
      const wrong = await whyOther(path, written);
      if (wrong !== null) throw new SegmentError(wrong);
      return written;
    },
    check: (segment) => whyOther(pathOf(segment), segment),
    read: async (segment, afterSeq, recordsMax) => {
      const path = pathOf(segment);
      if (atHand?.path !== path) {
        const records: JournalRecord[] = [];
        const { sha256 } = await readSegmentFile(path, (some) => {
          for (const record of some) records.push(record);
        });
        if (sha256 !== segment.sha256) throw new SegmentError(otherFile(path));
        atHand = { path, records };
      }
      const from = Math.max(0, afterSeq + 1 - segment.firstSeq);
      return atHand.records.slice(from, from + recordsMax);
    },
    remove: async (segment) => {
      const path = pathOf(segment);
      if (atHand?.path === path) atHand = null;
      await onDisk(path, () => rm(path, { force: true }));
    },
    list: async (chain) => {
      const ofChain = folderOf(chain);
      return onDisk(ofChain, async () => {
        const found: SegmentName[] = [];
        for (const name of await namesIn(ofChain)) {
          if (name.endsWith(halfSuffix)) await rm(join(ofChain, name), { force: true });
          const read = readSegmentName(name);
          if (read !== null) found.push(read);
        }
        return found;
      });
    },
  };
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SegmentError) throw error;
    throw new SegmentError(`${path}: ${fileReason(error)}`, error);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Each of them durable in the one that it lies in. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

const otherFile = (path: string): string => `${path}: it is not the file that was noted`;

async function whyOther(path: string, noted: WrittenSegment): Promise<string | null> {
  const { chain, firstSeq, prevHash, lastSeq, lastHash, sha256 } = noted;
  try {
    const read = await checkSegmentFile(path, { chain, seq: firstSeq - 1, hash: prevHash });
    const isSame = read.last.seq === lastSeq && read.last.hash === lastHash;
    return isSame && read.sha256 === sha256 ? null : otherFile(path);
  } catch (error) {
    if (error instanceof SegmentError) return error.message;
    throw error;
  }
}
