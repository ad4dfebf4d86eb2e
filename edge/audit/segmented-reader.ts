import type { ChainTail } from "../journal/chain.ts";
import { droppedSeqOf, floorOf, type Segment } from "../journal/segments/segment.ts";
import { SegmentError } from "../journal/segments/segment-file.ts";
import { createSegmentFolder } from "../journal/segments/segment-folder.ts";
import type { JournalReader } from "../journal/sqlite/journal-reader.ts";
import { SqliteError } from "../journal/sqlite/sqlite-file.ts";
import type { StoredRecord } from "../journal/sqlite/store-file.ts";
import { dayOf } from "../../protocols/civil-date.ts";

/**
 * A file whose oldest records may have left: without their segments it begins behind the last noted
 * one, with them at record 1, or behind those that were dropped.
 */
export interface SegmentedReader extends JournalReader {
  segmentsOf(chain: string): readonly Segment[];
  /** Null: at record 1. */
  beginsBehind(chain: string): ChainTail | null;
  /** What of this chain is not read, for people; null for nothing. */
  leftText(chain: string): string | null;
}

/** Whoever writes the file has let records leave that were to be read next. */
export class LeftMeanwhile extends Error {
  constructor(chain: string) {
    super(`${chain}: records have left while they were read: begin again`);
    this.name = "LeftMeanwhile";
  }
}

export async function withSegments(
  reader: JournalReader,
  segmentsFolder: string | null,
): Promise<SegmentedReader> {
  const readNotes = async (): Promise<ReadonlyMap<string, readonly Segment[]>> =>
    Map.groupBy(await reader.segments(), ({ chain }) => chain);
  let byChain = await readNotes();
  const segmentsOf = (chain: string): readonly Segment[] => byChain.get(chain) ?? [];
  const folder = segmentsFolder === null ? null : createSegmentFolder(segmentsFolder);

  const beginsBehind = (chain: string): ChainTail | null => {
    const segments = segmentsOf(chain);
    if (folder === null) return floorOf(segments);
    return floorOf(segments.filter(({ lastSeq }) => lastSeq <= droppedSeqOf(segments)));
  };

  const readSegment = async (
    segment: Segment,
    afterSeq: number,
    recordsMax: number,
  ): Promise<readonly StoredRecord[]> => {
    try {
      const records = (await folder?.read(segment, afterSeq, recordsMax)) ?? [];
      return records.map((record) => ({ ...record, misstored: null }));
    } catch (error) {
      if (!(error instanceof SegmentError)) throw error;
      byChain = await readNotes();
      const isDropped = droppedSeqOf(segmentsOf(segment.chain)) >= segment.lastSeq;
      if (isDropped) throw new LeftMeanwhile(segment.chain);
      throw new SqliteError({ code: "fileDamaged", why: error.message }, error);
    }
  };

  const readAsNoted: JournalReader["readAfter"] = async (chain, afterSeq, recordsMax) => {
    const floor = floorOf(segmentsOf(chain));
    if (floor === null || afterSeq >= floor.seq) {
      return reader.readAfter(chain, afterSeq, recordsMax);
    }
    if (afterSeq < 1) {
      // What was put in below the first record shows, whatever has left.
      const first = await reader.readAfter(chain, afterSeq, recordsMax);
      const below = first.filter(({ seq }) => seq < 1);
      if (below.length > 0) return below;
    }
    const next = segmentsOf(chain).find(
      ({ lastSeq, droppedAt }) => lastSeq > afterSeq && droppedAt === null,
    );
    return folder === null || next === undefined
      ? reader.readAfter(chain, floor.seq, recordsMax)
      : readSegment(next, afterSeq, recordsMax);
  };

  return {
    ...reader,
    segmentsOf,
    beginsBehind,
    // One of which nothing is in the file any more does not go unnoticed.
    chains: async () => [...new Set([...(await reader.chains()), ...byChain.keys()])],
    readAfter: async (chain, afterSeq, recordsMax) => {
      const behind = Math.max(afterSeq, beginsBehind(chain)?.seq ?? 0);
      const page = await readAsNoted(chain, afterSeq, recordsMax);
      if ((page[0]?.seq ?? 0) <= behind + 1) return page;
      // A hole, unless what is missing has left since the notes were read.
      byChain = await readNotes();
      if ((beginsBehind(chain)?.seq ?? 0) > behind) throw new LeftMeanwhile(chain);
      return readAsNoted(chain, afterSeq, recordsMax);
    },
    leftText: (chain) => {
      const segments = segmentsOf(chain);
      const [dropped, floor] = [droppedSeqOf(segments), floorOf(segments)];
      const parts = [
        ...(dropped === 0
          ? []
          : [`records 1 to ${dropped} were dropped by ${lastDropOf(segments)}`]),
        ...(folder !== null || floor === null || floor.seq === dropped
          ? []
          : [
              `records ${dropped + 1} to ${floor.seq} have left for segments,` +
                " which are read where --segments names their folder",
            ]),
      ];
      return parts.length === 0 ? null : parts.join("; ");
    },
  };
}

const lastDropOf = (segments: readonly Segment[]): string => {
  const at = Math.max(...segments.map(({ droppedAt }) => droppedAt ?? 0));
  return dayOf(at);
};
